import type { ProxmoxClient } from './client.ts';
import { permissions } from './shapes.ts';

/**
 * Whether the token has one of these privileges on a path, its own or inherited. Proxmox VE leaves out of its lists what
 * a token may not see, so only with this does “not listed” mean “not there”. Throws a GitmendError.
 */
export async function mayAny(client: ProxmoxClient, path: string, privileges: readonly string[]): Promise<boolean> {
  const answer: unknown = await client.api.access.permissions.$get({ path });
  const own = client.read(permissions, '/access/permissions', answer)[path] ?? {};
  return privileges.some((privilege) => Object.hasOwn(own, privilege));
}
