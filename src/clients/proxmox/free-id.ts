import { GitmendError, isGitmendError } from '../../core/errors.ts';
import type { ProxmoxClient } from './client.ts';
import { numeric } from './shapes.ts';

const path = '/cluster/nextid';
/** Ids that are asked about one by one before a person has to name one. */
const mostAsked = 200;

/**
 * The first id from Proxmox VE's own next one on (`next-id` of datacenter.cfg) that no guest has, also none that the token
 * may not see, and that is not among `taken`. Throws a GitmendError.
 */
export async function freeId(client: ProxmoxClient, taken: ReadonlySet<number>): Promise<number> {
  const answer: unknown = await client.api.cluster.nextid.$get({});
  const first = client.read(numeric, path, answer);
  let asked = 0;
  for (let id = first; asked < mostAsked; id += 1) {
    if (taken.has(id)) continue;
    if (id === first || (await isFreeId(client, id))) return id;
    asked += 1;
  }
  throw new GitmendError('PVE_REFUSED', `${mostAsked} ids from ${first} on are in use: name one that is free`);
}

/** Whether no guest of the cluster has this id, also none that the token may not see. Throws a GitmendError. */
export async function isFreeId(client: ProxmoxClient, vmid: number): Promise<boolean> {
  try {
    const answer: unknown = await client.api.cluster.nextid.$get({ vmid });
    return client.read(numeric, path, answer) === vmid;
  } catch (error) {
    const details = isGitmendError(error, 'PVE_REFUSED') ? error.details : undefined;
    const errors = details?.['errors'];
    if (typeof errors === 'object' && errors !== null && Object.hasOwn(errors, 'vmid')) return false;
    throw error;
  }
}
