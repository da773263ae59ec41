import { execFile } from 'node:child_process';
import { accessSync, constants, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

const folders = ['/usr/bin', '/usr/sbin', '/bin', '/sbin', '/usr/local/bin', '/run/current-system/sw/bin'];

/** Where a program of the system lies. Not by PATH: what builds the walls is the machine's own. */
export function findTool(name: string): string | undefined {
  return folders.map((folder) => join(folder, name)).find(isProgram);
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** A program that a sandbox needs, and every library that it is linked with, by the paths that its loader asks for. */
export interface Linked {
  path: string;
  libraries: string[];
}

/** Asks the loader itself, as ldd(1) does; the program is not started. Rejects where it is linked in a way that this does not tell. */
export async function linked(program: string): Promise<Linked> {
  const { stdout } = await promisify(execFile)(program, ['--version'], {
    env: { LD_TRACE_LOADED_OBJECTS: '1' },
    timeout: 10_000,
  });
  const libraries = stdout.split('\n').flatMap((line) => /(?:^|=>)\s*(\/\S+) \(0x/.exec(line)?.[1] ?? []);
  if (libraries.length === 0) throw new Error(`the libraries of ${program} cannot be told`);
  return { path: realpathSync(program), libraries };
}
