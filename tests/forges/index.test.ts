import { execFile } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { Clock } from '../../src/core/clock.ts';
import { forges, localFolder, openForge } from '../../src/forges/index.ts';
import type { LocalForgeAdmin } from '../../src/forges/local/index.ts';
import { clock as still, localForge } from './local/under-test.ts';

const clock: Clock = { ...still, sleep: async () => undefined };
const secret = () => 'token';
const run = promisify(execFile);
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
    const context = { as: 'gitmend', clock, secret };
    const gitea = openForge({ kind: 'gitea', repository: 'ops/homelab', token: { env: 'X' } }, context);
    await expect(gitea).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
    const github = openForge({ kind: 'github', repository: 'ops/homelab' }, context);
    await expect(github).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
  });

  test('loads nothing of GitHub’s where the forge is another one', async () => {
    const code = `
      await import(${JSON.stringify(join(source, 'index.ts'))});
      await import(${JSON.stringify(join(source, '../serve/door/index.ts'))});
      const { registerHooks } = await import('node:module');
      const loaded = [];
      registerHooks({ resolve: (name, context, next) => (loaded.push(name), next(name, context)) });
      await import(${JSON.stringify(join(source, 'github/index.ts'))});
      const { openOctokit } = await import(${JSON.stringify(join(source, 'github/transport.ts'))});
      const before = loaded.filter((name) => /octokit|probot/.test(name)).length;
      await openOctokit('http://127.0.0.1:9');
      process.stdout.write(JSON.stringify([before, loaded.includes('@octokit/core')]));`;
    const { stdout } = await run(process.execPath, ['--input-type=module', '--eval', code]);
    // Had it been loaded before the hooks, it would not be resolved by the last line.
    expect(JSON.parse(stdout)).toEqual([0, true]);
  });
});
