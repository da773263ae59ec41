import type { Clock } from '../../core/clock.ts';
import { GitmendError, isGitmendError } from '../../core/errors.ts';
import type { ProxmoxClient } from './client.ts';
import type { GuestPlace } from './config.ts';
import { taskLog, taskStatus, upid as upidShape } from './shapes.ts';

/** How a task ended that did not fail. The log's last lines come with warnings. */
export interface TaskEnd {
  status: 'OK' | 'WARNINGS';
  log: string[];
}

/** Of a guest under HA: the task (`hastart`, `hastop`, `hamigrate`) ends when its manager was told, not when it is so. */
export function isForManager(upid: string): boolean {
  return /^UPID:(?:[^:]*:){4}ha[a-z]+:/.test(upid);
}

const lastLines = 10;
const longestLine = 200;

/**
 * Waits for a task until PVE says how it ended: its UPID alone is no success. `timeout` in milliseconds of the clock.
 * Throws PVE_TASK_FAILED with the last lines of its log, or PVE_TIMEOUT while it still runs. A look that fails for a
 * passing reason is made again.
 */
export async function waitTask(
  client: ProxmoxClient,
  node: string,
  upid: string,
  { timeout, clock }: { timeout: number; clock: Clock },
): Promise<TaskEnd> {
  const until = clock.now() + timeout;
  for (let pause = 250; ; pause = Math.min(pause * 2, 2000)) {
    const exit = await look(client, node, upid);
    if (exit !== undefined) return judge(client, node, upid, exit);
    if (clock.now() >= until) throw stillRunning(upid, timeout);
    await clock.sleep(pause);
  }
}

/**
 * Waits for the task that a write to a guest was answered with; `call` is the write's path below the guest's, `/resize`.
 * Returns the UPID of the task that ended well. Throws PVE_ANSWER_INVALID where the answer is none, and what `waitTask` throws.
 */
export async function waitAnswered(
  client: ProxmoxClient,
  { node, type, vmid }: GuestPlace,
  { call, answer }: { call: string; answer: unknown },
  wait: { timeout: number; clock: Clock },
): Promise<string> {
  const upid = client.read(upidShape, `/nodes/${node}/${type}/${vmid}${call}`, answer);
  await waitTask(client, node, upid, wait);
  return upid;
}

/** The exit status, or nothing while it runs or cannot be seen. */
async function look(client: ProxmoxClient, node: string, upid: string): Promise<string | undefined> {
  try {
    const answer: unknown = await client.api.nodes.$(node).tasks.$(upid).status.$get();
    const { status, exitstatus } = client.read(taskStatus, `/nodes/${node}/tasks/${upid}/status`, answer);
    return status === 'stopped' ? (exitstatus ?? 'no exit status') : undefined;
  } catch (error) {
    if (isGitmendError(error, 'PVE_UNREACHABLE', 'PVE_TIMEOUT', 'PVE_FAILED')) return undefined;
    throw error;
  }
}

async function judge(client: ProxmoxClient, node: string, upid: string, exit: string): Promise<TaskEnd> {
  if (exit === 'OK') return { status: 'OK', log: [] };
  const log = await readLog(client, node, upid);
  if (/^WARNINGS: \d+$/.test(exit)) return { status: 'WARNINGS', log };
  const said = log.length === 0 ? 'its log is empty or cannot be read' : `its log ends: ${log.join(' / ')}`;
  throw new GitmendError('PVE_TASK_FAILED', `task ${upid} ended with "${plain(exit)}"; ${said}`, {
    details: {
      status: 200,
      method: 'GET',
      path: `/nodes/${node}/tasks/${upid}/status`,
      errors: {},
      maybeWritten: true,
      upid,
      log,
    },
  });
}

/** The last lines. PVE pages from the start, so a long log takes a few requests; what cannot be read is left out. */
async function readLog(client: ProxmoxClient, node: string, upid: string): Promise<string[]> {
  const page = 500;
  let lines: string[] = [];
  try {
    for (let start = 0; start < 20 * page; start += page) {
      const answer: unknown = await client.api.nodes.$(node).tasks.$(upid).log.$get({ start, limit: page });
      const entries = client.read(taskLog, `/nodes/${node}/tasks/${upid}/log`, answer);
      lines = [...lines, ...entries.map(({ t }) => plain(t))].filter((line) => line !== '').slice(-lastLines);
      if (entries.length < page) break;
    }
  } catch (error) {
    if (!isGitmendError(error)) throw error;
  }
  return lines;
}

/** A task's words are outside text: one line, capped. */
function plain(text: string): string {
  const line = text.replace(/[\p{Cc}\p{Cf}\s]+/gu, ' ').trim();
  return line.length > longestLine ? `${line.slice(0, longestLine)}…` : line;
}

function stillRunning(upid: string, timeout: number): GitmendError {
  return new GitmendError('PVE_TIMEOUT', `task ${upid} still runs after ${Math.round(timeout / 1000)} s`, {
    details: { status: 200, method: 'GET', path: '', errors: {}, maybeWritten: true, upid },
  });
}
