import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Bytes that the tests may need at the same time. */
const enough = 2 * 1024 ** 3;

let folder: string | undefined;

/**
 * Vitest's `globalSetup`, called for every project. Most of the tests' time is git writing small files and waiting until
 * they are on the disk, so they work in memory where the machine has room for it. Whoever names a TMPDIR is obeyed.
 */
export function setup(): void {
  if (process.env['TMPDIR'] !== undefined) return;
  folder = inMemory('/dev/shm');
  if (folder !== undefined) process.env['TMPDIR'] = folder;
}

/** Vitest's end of `globalSetup`. */
export function teardown(): void {
  if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
}

/** A folder of its own there, if there is room and what lies in it may be run (containers often forbid that). */
function inMemory(place: string): string | undefined {
  try {
    const { bavail, bsize } = statfsSync(place);
    if (bavail * bsize < enough) return undefined;
    const made = mkdtempSync(join(place, 'gitmend-'));
    // PostgreSQL refuses to run as root, so its tests run it as somebody else, who has to get through here.
    chmodSync(made, 0o711);
    const script = join(made, 'may-run');
    writeFileSync(script, '#!/bin/sh\n', { mode: 0o755 });
    const runs = spawnSync(script).status === 0;
    rmSync(runs ? script : made, { recursive: true });
    return runs ? made : undefined;
  } catch {
    return undefined;
  }
}
