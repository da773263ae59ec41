import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { diskCache } from '../../src/synth/index.ts';

const folder = mkdtempSync(join(tmpdir(), 'gitmend-test-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe('the cache of syntheses', () => {
  const value = { ok: true as const, stacks: { guests: { resource: {} } } };

  it('gives to the next process what one has kept', () => {
    diskCache(join(folder, 'a')).set('sha256:ab', value);
    expect(diskCache(join(folder, 'a')).get('sha256:ab')).toEqual(value);
  });

  it('takes a file that is not whole for one that is not there', () => {
    const cache = diskCache(join(folder, 'b'));
    cache.set('sha256:cd', value);
    writeFileSync(join(folder, 'b', 'sha256cd.json'), '{"ok":tr');
    expect(cache.get('sha256:cd')).toBeUndefined();
  });

  it('keeps no more than 64', () => {
    const cache = diskCache(join(folder, 'c'));
    for (let n = 0; n < 70; n += 1) cache.set(`sha256:${n}`, value);
    expect(readdirSync(join(folder, 'c'))).toHaveLength(64);
  });

  it('never leaves its folder, whatever the key', () => {
    const cache = diskCache(join(folder, 'd'));
    cache.set('../../e', value);
    expect(readdirSync(join(folder, 'd'))).toEqual(['e.json']);
  });
});
