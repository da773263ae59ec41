import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect } from 'vitest';

/**
 * Each test of this suite has a temporary folder of its own, because others synthesize at the same time; nothing may stay
 * behind in it, whatever happened. Returns where it is.
 */
export function ownTemporaryFolder(): () => string {
  const usual = process.env['TMPDIR'];
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'gitmend-test-'));
    process.env['TMPDIR'] = folder;
  });
  afterEach(() => {
    const left = readdirSync(folder);
    if (usual === undefined) delete process.env['TMPDIR'];
    else process.env['TMPDIR'] = usual;
    rmSync(folder, { recursive: true });
    expect(left).toEqual([]);
  });
  return () => folder;
}
