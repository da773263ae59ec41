import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { Clock } from '../../src/core/clock.ts';
import { forges, localFolder, openForge } from '../../src/forges/index.ts';
import type { LocalForgeAdmin } from '../../src/forges/local/index.ts';
import { clock as still, localForge } from './local/under-test.ts';

const clock: Clock = { ...still, sleep: async () => undefined };
const secret = () => 'token';
const source = join(import.meta.dirname, '../../src/forges');

describe('the registry of forges', () => {
  test('names exactly the folders', () => {
    // http holds what the forges share.
    const folders = readdirSync(source, { withFileTypes: true }).filter(
      (entry) => entry.isDirectory() && entry.name !== 'http',
    );
    expect(Object.keys(forges).sort()).toEqual(folders.map((folder) => folder.name).sort());
    for (const { name } of folders) expect(existsSync(join(source, name, 'index.ts')), name).toBe(true);
  });

  test('opens a local forge by its path, or from the origin of a clone', async () => {
    const { folder, forge, dispose } = await localForge();
    onTestFinished(dispose);
    for (const [config, origin] of [
      [{ kind: 'local', path: folder }, undefined],
      [{ kind: 'local' }, forge.remote],
      [{ kind: 'local' }, `file://${forge.remote}`],
    ] as const) {
      const found = await openForge(config, {
        as: 'gitmend',
        clock,
        secret,
        ...(origin === undefined ? {} : { origin }),
      });
      expect(found).toMatchObject({ kind: 'local', remote: forge.remote, defaultBranch: 'main', self: 'gitmend' });
      (found as unknown as LocalForgeAdmin).release();
    }
  });

  test('says what is missing', async () => {
    expect(() => localFolder({ kind: 'local' }, {})).toThrow('forge.path is not set');
    for (const kind of ['gitea', 'github'] as const) {
      const open = openForge(
        { kind, repository: 'ops/homelab', token: { env: 'X' } },
        { as: 'gitmend', clock, secret },
      );
      await expect(open, kind).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
    }
  });
});
