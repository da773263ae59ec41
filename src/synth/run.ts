import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { sanitized } from './message.ts';

export interface NodeRun {
  node: string;
  /** Node's own arguments. */
  options: string[];
  /** Relative to the folder. */
  script: string;
  folder: string;
  /** Seconds. */
  timeout: number;
}

const mostOutput = 64 * 1024;

/**
 * Runs one script with an empty environment, no input and capped output, in a process group of its own, which is
 * killed as a whole when the time is over or the script has ended. (execa joins the environment of its parent and
 * waits for whoever holds the pipe, so this is Node's own spawn.)
 */
export async function runNode({
  node,
  options,
  script,
  folder,
  timeout,
}: NodeRun): Promise<{ ok: true } | { ok: false; message: string }> {
  const child = spawn(node, [...options, script], {
    ...{ cwd: folder, env: {}, detached: true },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr.setEncoding('utf8');
  child.stderr.on('data', (text: string) => (said = (said + text).slice(0, mostOutput)));
  const ended = await endOf(child, timeout);
  killGroup(child.pid);
  await drained(child.stderr);
  switch (ended.how) {
    case 'late':
      return { ok: false, message: `${script} did not end within ${timeout} s and was stopped` };
    case 'not-started':
      return { ok: false, message: `Node could not be started: ${ended.why}` };
    case 'ended':
      if (ended.code === 0) return { ok: true };
      return {
        ok: false,
        message: sanitized(said, folder) || `${script} ended with ${ended.code ?? 'a signal'} and said nothing`,
      };
  }
}

type End = { how: 'ended'; code: number | null } | { how: 'late' } | { how: 'not-started'; why: string };

async function endOf(child: ChildProcess, timeout: number): Promise<End> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => {
      resolve({ how: 'late' });
    }, timeout * 1000);
    const end = (value: End) => {
      clearTimeout(timer);
      resolve(value);
    };
    child.once('error', (error) => end({ how: 'not-started', why: error.message }));
    child.once('exit', (code) => end({ how: 'ended', code }));
  });
}

function killGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // Nobody of the group is left, which is what this is for.
  }
}

/** What was written before the end is still in the pipe. One who left the group may hold it open: one second is enough. */
async function drained(stream: Readable): Promise<void> {
  if (!stream.closed) await Promise.race([once(stream, 'close'), delay(1000, undefined, { ref: false })]);
  stream.destroy();
}
