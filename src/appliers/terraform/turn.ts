import { open, readFile, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as delay } from 'node:timers/promises';
import { GitmendError } from '../../core/errors.ts';

const turns = new Map<string, Promise<unknown>>();

/**
 * One at a time works in a folder: in this process, and among those that share the folder, in other containers too. The
 * kernel holds `file` for whoever has the turn and lets go of it when that process ends, however it ends: a number of a
 * process proves nothing where two containers count their own. `seconds`: how long another one is waited for; then
 * TERRAFORM_LOCKED, with who has it.
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
  const held = await take(file, seconds);
  try {
    return await work();
  } finally {
    held.close();
  }
}

async function take(file: string, seconds: number): Promise<DatabaseSync> {
  const until = performance.now() + seconds * 1000;
  // Before it is held: a process that closes a file of its own lets go of all its locks on it (fcntl(2)).
  await (await open(file, 'a', 0o600)).close();
  for (;;) {
    const held = lock(file);
    if (held !== undefined) {
      await writeFile(whoIn(file), `${hostname()}:${process.pid}`, { mode: 0o600 });
      return held;
    }
    if (performance.now() >= until) {
      const holder = await readFile(whoIn(file), 'utf8').catch(() => 'nobody');
      const says = `another process of gitmend is at work here: ${whoIn(file)} says ${holder}`;
      throw new GitmendError('TERRAFORM_LOCKED', says);
    }
    await delay(100);
  }
}

/** Who took it last, for people alone. */
function whoIn(file: string): string {
  return `${file}.by`;
}

/** The exclusive lock of an empty database, in which nothing is ever written; `undefined` where another one has it. */
function lock(file: string): DatabaseSync | undefined {
  const database = new DatabaseSync(file);
  try {
    database.exec('BEGIN EXCLUSIVE');
    return database;
  } catch (error) {
    database.close();
    if ((error as { errcode?: unknown }).errcode === busy) return undefined;
    throw new GitmendError('TERRAFORM_FAILED', `${file} cannot be locked: ${(error as Error).message}`, {
      cause: error,
    });
  }
}

/** SQLITE_BUSY */
const busy = 5;
