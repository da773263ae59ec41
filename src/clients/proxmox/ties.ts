import { z } from 'zod';
import { unless } from '../../core/errors.ts';
import type { GuestTies } from '../../core/guest.ts';
import type { GuestTarget } from '../../core/target.ts';
import type { ProxmoxClient } from './client.ts';
import { numeric } from './shapes.ts';

const resources = z.array(z.object({ sid: z.string(), state: z.string().optional() }));
const jobs = z.array(z.object({ id: z.string(), guest: numeric, target: z.string() }));

/**
 * What Proxmox VE refuses `DELETE …/{lxc,qemu}/V` without `purge` for (pve-container, qemu-server `destroy_vm`): a resource
 * of HA in whatever state, of which `status/current` only tells those that are managed now, and replication jobs. The
 * first takes Sys.Audit on `/`, the second VM.Audit on the guest. Throws a GitmendError.
 */
export async function readTies(client: ProxmoxClient, { type, vmid }: GuestTarget): Promise<GuestTies> {
  const [managed, listed]: unknown[] = await Promise.all([
    unless('PVE_FORBIDDEN', client.api.cluster.ha.resources.$get()),
    client.api.cluster.replication.$get(),
  ]);
  const replication = client
    .read(jobs, '/cluster/replication', listed)
    .flatMap(({ id, guest, target }) => (guest === vmid ? [{ id, to: target }] : []));
  if (managed === undefined) return { resource: null, replication };
  const sid = `${type === 'lxc' ? 'ct' : 'vm'}:${vmid}`;
  const own = client.read(resources, '/cluster/ha/resources', managed).find((one) => one.sid === sid);
  // A resource without a state is one that shall be started (pve-ha-manager `PVE::HA::Resources`).
  return { ...(own === undefined ? {} : { resource: { state: own.state ?? 'started' } }), replication };
}
