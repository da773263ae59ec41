import { z } from 'zod';
import { isGitmendError } from '../../core/errors.ts';
import { begunAt } from './backups.ts';
import type { ProxmoxClient } from './client.ts';
import { readStorages } from './placement.ts';
import { mayAny } from './sight.ts';

/**
 * What there is of a backup that a task made: its archive; `gone` from every storage that was looked at, or found broken by
 * a verification; or `unseen`, with what keeps this token from looking.
 */
export type Archive =
  { state: 'there'; volume: string } | { state: 'gone'; why: string } | { state: 'unseen'; why: string };

const archives = z.array(
  z.object({
    volid: z.string(),
    ctime: z.number().optional(),
    verification: z.object({ state: z.string().optional() }).optional(),
  }),
);

/**
 * The archive that a `vzdump` wrote of one guest, on whatever storage of its node takes backups: the one of this guest that
 * was begun while the task ran. Backups are listed to who may make them only (pve-storage `check_volume_access`), so an
 * empty list means nothing without that. Throws where the cluster does not answer.
 */
export async function findArchive(
  client: ProxmoxClient,
  { node, vmid }: { node: string; vmid: number },
  { upid, endedAt }: { upid: string; endedAt: string },
): Promise<Archive> {
  const begun = begunAt(upid);
  const ended = Date.parse(endedAt) / 1000;
  const stores = (await readStorages(client, node)).filter(({ content }) => content.includes('backup'));
  const blind: string[] = [];
  for (const { storage } of stores) {
    const found = await archivesIn(client, { node, vmid, storage });
    if (typeof found === 'string') blind.push(found);
    const made = typeof found === 'string' ? [] : found;
    const one = made.find(({ ctime }) => ctime !== undefined && ctime >= begun && ctime <= ended);
    if (one?.verification?.state === 'failed')
      return { state: 'gone', why: `${one.volid} did not pass its verification` };
    if (one !== undefined) return { state: 'there', volume: one.volid };
  }
  if (blind.length > 0) return { state: 'unseen', why: blind.join('; ') };
  if (stores.length === 0) {
    const why = `the token sees no storage of ${node} that takes backups (Datastore.AllocateSpace on /storage/NAME)`;
    return { state: 'unseen', why };
  }
  return { state: 'gone', why: `it is not in ${stores.map(({ storage }) => storage).join(', ')} of ${node}` };
}

/** The archives of one guest in one storage, or why they cannot be seen. */
async function archivesIn(
  client: ProxmoxClient,
  { node, vmid, storage }: { node: string; vmid: number; storage: string },
): Promise<z.output<typeof archives> | string> {
  const lacking = await lackingFor(client, storage, vmid);
  if (lacking !== '') return `the token lacks ${lacking}`;
  try {
    const path = `/nodes/${node}/storage/${storage}/content`;
    const answer: unknown = await client.api.nodes.$(node).storage.$(storage).content.$get({ content: 'backup', vmid });
    return client.read(archives, path, answer);
  } catch (error) {
    // A server of backups that is away; the cluster itself answers.
    if (!isGitmendError(error, 'PVE_FAILED', 'PVE_REFUSED', 'PVE_FORBIDDEN')) throw error;
    return error.message;
  }
}

async function lackingFor(client: ProxmoxClient, storage: string, vmid: number): Promise<string> {
  const store = `/storage/${storage}`;
  if (await mayAny(client, store, ['Datastore.Allocate'])) return '';
  const needed = [
    ['Datastore.AllocateSpace', store],
    ['VM.Backup', `/vms/${vmid}`],
  ] as const;
  const held = await Promise.all(needed.map(([privilege, path]) => mayAny(client, path, [privilege])));
  return needed
    .filter((_, index) => held[index] === false)
    .map(([privilege, path]) => `${privilege} on ${path}`)
    .join(' and ');
}
