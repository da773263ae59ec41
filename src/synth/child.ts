import { type ChildProcess, spawn, type StdioOptions } from 'node:child_process';
import { once } from 'node:events';
import { type Readable, Writable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';

export interface ChildRun {
  program: string;
  args: readonly string[];
  folder: string;
  /** Seconds. */
  timeout: number;
  /** Bytes of standard output that are kept; a child that writes more is stopped. Without it there is no output. */
  output?: number;
  /** What it reads from file descriptor 3, once it is there. */
  third?: Buffer | Promise<Buffer> | undefined;
}

export type ChildEnd =
  | { how: 'ended'; code: number | null; said: string; output: string }
  | { how: 'late' }
  | { how: 'too-much' }
  | { how: 'not-started'; why: string };

const mostSaid = 64 * 1024;

/**
 * Runs one child with an empty environment, no input and capped output, in a process group of its own, which is killed
 * as a whole when the time is over or the child has ended. (execa joins the environment of its parent and waits for
 * whoever holds the pipe, so this is Node's own spawn.) With `output` its input is a pipe that says nothing and that
 * ends when this process does.
 */
export async function runChild({ program, args, folder, timeout, output, third }: ChildRun): Promise<ChildEnd> {
  const piped = output === undefined ? 'ignore' : 'pipe';
  const stdio: StdioOptions = [piped, piped, 'pipe', ...(third === undefined ? [] : (['pipe'] as const))];
  const child: ChildProcess = spawn(program, [...args], { cwd: folder, env: {}, stdio, detached: true });
  // A child that does not read may be gone before the pipe is closed.
  child.stdin?.on('error', () => undefined);
  const pipe = child.stdio[3];
  if (pipe instanceof Writable) say(pipe, third);
  let said = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (said = (said + text).slice(0, mostSaid)));
  const written: Buffer[] = [];
  const tooMuch = child.stdout === null ? new Promise<never>(() => undefined) : overflow(child.stdout, written, output);
  const ended = await Promise.race([endOf(child, timeout), tooMuch]);
  killGroup(child.pid);
  for (const stream of [child.stderr, child.stdout]) if (stream !== null) await drained(stream);
  child.stdin?.destroy();
  if (ended.how !== 'ended') return ended;
  return { ...ended, said, output: Buffer.concat(written).toString('utf8') };
}

/** What cannot be said is nothing: it reads the end. One that has ended does not read. */
function say(pipe: Writable, third: ChildRun['third']): void {
  pipe.on('error', () => undefined);
  void Promise.resolve(third)
    .catch(() => undefined)
    .then((words) => pipe.end(words ?? ''));
}

async function overflow(stream: Readable, written: Buffer[], most = 0): Promise<{ how: 'too-much' }> {
  return new Promise((resolve) => {
    let bytes = 0;
    stream.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes <= most) written.push(chunk);
      else resolve({ how: 'too-much' });
    });
  });
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
