import { z } from 'zod';
import { isoTime } from '../../core/clock.ts';
import type { Backup } from '../../core/guest.ts';
import type { ProxmoxClient } from './client.ts';
import { numeric, upid } from './shapes.ts';

const taskList = z.array(
  z.object({
    upid,
    id: z.string().optional(),
    type: z.string(),
    status: z.string().optional(),
    endtime: numeric.optional(),
  }),
);

/**
 * The types of the tasks of one guest that run on its node now: `qmmove`. The list of the active ones also has those that
 * ended and were not archived yet (pve-common `active_workers`, pve-manager `node_tasks`). Tasks of others are seen with
 * Sys.Audit on the node only. Throws a GitmendError.
 */
export async function readRunning(
  client: ProxmoxClient,
  { node, vmid }: { node: string; vmid: number },
): Promise<string[]> {
  const answer: unknown = await client.api.nodes.$(node).tasks.$get({ source: 'active', vmid });
  const tasks = client.read(taskList, `/nodes/${node}/tasks`, answer);
  const runs = tasks.filter(({ status = 'RUNNING', endtime }) => status === 'RUNNING' && endtime === undefined);
  return runs.map(({ type }) => type);
}

/**
 * The backups of one guest alone that ended well on its node since then (milliseconds since the epoch), the newest first.
 * One of several guests names none of them in its task (`vzdump` with an empty id), so it proves nothing here. Tasks of
 * others are seen with Sys.Audit on the node only. Throws a GitmendError.
 */
export async function readBackups(
  client: ProxmoxClient,
  { node, vmid }: { node: string; vmid: number },
  since: number,
): Promise<Backup[]> {
  const filter = { typefilter: 'vzdump', vmid, since: Math.floor(since / 1000), limit: 50 } as const;
  const answer: unknown = await client.api.nodes.$(node).tasks.$get(filter);
  const tasks = client.read(taskList, `/nodes/${node}/tasks`, answer);
  return tasks
    .filter(({ type, id, status }) => type === 'vzdump' && id === String(vmid) && status === 'OK')
    .flatMap(({ upid, endtime }) => (endtime === undefined ? [] : [{ upid, endedAt: isoTime(endtime * 1000) }]))
    .sort((a, b) => (a.endedAt < b.endedAt ? 1 : -1));
}
