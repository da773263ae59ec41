import { z } from 'zod';
import { isoTime } from '../../core/clock.ts';
import { isGitmendError } from '../../core/errors.ts';
import type { Backup } from '../../core/guest.ts';
import { savedIn } from './backup-log.ts';
import type { ProxmoxClient } from './client.ts';
import { numeric, taskLog, upid } from './shapes.ts';

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
 * One backup of a guest that ended well on its node: the newest since then (milliseconds since the epoch), or the one of
 * this very task. A job over several guests has one task for all of them, with an empty id (pve-manager
 * `PVE::API2::VZDump`), and ends with `job errors` where only some of them failed: so its log decides for each, and says
 * which volumes are in it. A backup of a guest that had the same number before is none of this one. Tasks of others are seen
 * with Sys.Audit on the node only. Throws a GitmendError.
 */
export async function readBackup(
  client: ProxmoxClient,
  { node, vmid }: { node: string; vmid: number },
  which: { since: number } | { upid: string },
): Promise<Backup | undefined> {
  const begun = 'upid' in which ? begunAt(which.upid) : Math.floor(which.since / 1000);
  const span = 'upid' in which ? { since: begun, until: begun } : { since: begun };
  const filter = { typefilter: 'vzdump', ...span, limit: 500 } as const;
  const answer: unknown = await client.api.nodes.$(node).tasks.$get(filter);
  const tasks = client
    .read(taskList, `/nodes/${node}/tasks`, answer)
    .filter((task) => mayHold(task, vmid) && (!('upid' in which) || task.upid === which.upid))
    .sort((a, b) => (b.endtime ?? 0) - (a.endtime ?? 0));
  const oldest = Math.min(...tasks.map(({ upid }) => begunAt(upid)));
  const made = tasks.length === 0 ? 0 : await madeAt(client, { node, vmid }, oldest);
  for (const { upid, endtime = 0 } of tasks) {
    if (begunAt(upid) < made) continue;
    const saved = savedIn(await readLog(client, node, upid), vmid);
    if (saved !== undefined) return { upid, endedAt: isoTime(endtime * 1000), holds: saved.holds };
  }
  return undefined;
}

/** When whatever has this number now came to it, as far as tasks since then say it: seconds since the epoch, 0 for before. */
async function madeAt(
  client: ProxmoxClient,
  { node, vmid }: { node: string; vmid: number },
  since: number,
): Promise<number> {
  const answer: unknown = await client.api.nodes.$(node).tasks.$get({ vmid, since, source: 'all', limit: 500 });
  const tasks = client.read(taskList, `/nodes/${node}/tasks`, answer);
  const anew = tasks.filter(({ type, status = '' }) => makesAnew.test(type) && /^(?:OK|WARNINGS)/.test(status));
  return Math.max(0, ...anew.map(({ upid }) => begunAt(upid)));
}

const makesAnew = /^(?:vz|qm)(?:create|restore|destroy)$/;

/** When a task began, by its UPID: seconds since the epoch. */
export function begunAt(upid: string): number {
  return Number.parseInt(upid.split(':')[4] ?? '', 16);
}

function mayHold({ type, id = '', status, endtime }: z.output<typeof taskList>[number], vmid: number): boolean {
  if (type !== 'vzdump' || endtime === undefined) return false;
  return id === '' ? status === 'OK' || status === 'job errors' : id === String(vmid) && status === 'OK';
}

/** Lines of one request, and requests: a job of hundreds of guests has some 100 lines of each. */
const [page, pages] = [2000, 50];

/** The whole log. One that is gone, or longer than that, says nothing. */
async function readLog(client: ProxmoxClient, node: string, upid: string): Promise<string[]> {
  const lines: string[] = [];
  try {
    for (let start = 0; start < pages * page; start += page) {
      const answer: unknown = await client.api.nodes.$(node).tasks.$(upid).log.$get({ start, limit: page });
      const entries = client.read(taskLog, `/nodes/${node}/tasks/${upid}/log`, answer);
      lines.push(...entries.map(({ t }) => t));
      if (entries.length < page) return lines;
    }
  } catch (error) {
    if (!isGitmendError(error, 'PVE_REFUSED', 'PVE_FORBIDDEN', 'PVE_NOT_FOUND', 'PVE_FAILED')) throw error;
  }
  return [];
}
