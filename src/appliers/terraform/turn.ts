import { readFileSync } from 'node:fs';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { GitmendError } from '../../core/errors.ts';

const turns = new Map<string, Promise<unknown>>();

/**
 * One at a time works in a stack's folder: in this process, and among those of this machine (a file says who). What a
 * dead process left is taken over. `seconds`: how long another one is waited for; then TERRAFORM_LOCKED.
 */
export async function inTurn<T>(file: string, seconds: number, work: () => Promise<T>): Promise<T> {
  const before = turns.get(file) ?? Promise.resolve();
  const mine = before.then(() => alone(file, seconds, work));
  turns.set(
    file,
    mine.catch(() => undefined),
  );
  return mine;
}

async function alone<T>(file: string, seconds: number, work: () => Promise<T>): Promise<T> {
  await take(file, seconds);
  try {
    return await work();
  } finally {
    await rm(file, { force: true });
  }
}

async function take(file: string, seconds: number): Promise<void> {
  const until = performance.now() + seconds * 1000;
  for (;;) {
    try {
      await writeFile(file, self, { flag: 'wx', mode: 0o600 });
      return;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    const holder = await readFile(file, 'utf8').catch(() => undefined);
    if (holder !== undefined && isGone(holder)) await rm(file, { force: true });
    else if (performance.now() >= until)
      throw new GitmendError(
        'TERRAFORM_LOCKED',
        `another process of gitmend is at work on this stack: ${file} says ${holder ?? 'nobody any more'}`,
      );
    else await delay(100);
  }
}

const self = nameOf(process.pid) ?? String(process.pid);

/** No process of that number, or another one than wrote it. This process holds none that it asks for: see `turns`. */
function isGone(holder: string): boolean {
  const pid = Number(holder.split(' ')[0]);
  return holder === self || !Number.isInteger(pid) || nameOf(pid) !== holder;
}

/** `1234 567890`: a process by its number and its start, in ticks since the boot (proc(5), field 22). */
function nameOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return `${pid} ${stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? ''}`;
  } catch {
    // Not there; or no Linux, where a number alone has to do.
    return undefined;
  }
}
