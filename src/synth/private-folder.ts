import { randomUUID } from 'node:crypto';
import { mkdir, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const taken = new Set<number>();
let own = randomUUID();

/**
 * Works in a private folder that is removed afterwards. Its path comes again in this process once it is free: Node
 * knows compiled code by its path, and stripping the types of the same stack code costs more than running it.
 */
export async function inPrivateFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  let slot = 0;
  while (taken.has(slot)) slot += 1;
  taken.add(slot);
  try {
    const folder = await fresh(slot);
    try {
      return await work(folder);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  } finally {
    taken.delete(slot);
  }
}

/** The real path, because Node names it in its errors. A folder that is there already is somebody else's. */
async function fresh(slot: number): Promise<string> {
  for (;;) {
    const folder = join(await realpath(tmpdir()), `gitmend-synth-${own}-${slot}`);
    try {
      await mkdir(folder, { mode: 0o700 });
      return folder;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      own = randomUUID();
    }
  }
}
