import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createLocalForge, openLocalForge } from '../../../src/forges/local/index.ts';
import { cloneOf } from '../harness.ts';
import { clock } from './under-test.ts';

async function emptyFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'gitmend-create-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

const files = new Map([['guests/a.yaml', 'memory: 1\n']]);

describe('creating a local forge', { timeout: 30_000 }, () => {
  test('makes one commit by the account, on the default branch that was named', async () => {
    const folder = join(await emptyFolder(), 'new');
    await createLocalForge({ folder, files, by: 'maintainer', defaultBranch: 'trunk', message: 'Home lab', clock });
    const forge = await openLocalForge({ folder, as: 'gitmend', clock });
    expect(forge).toMatchObject({ kind: 'local', defaultBranch: 'trunk', self: 'gitmend' });
    const clone = await cloneOf(forge);
    onTestFinished(clone.dispose);
    const tip = await clone.tip('trunk');
    expect(await clone.files(tip)).toEqual({ 'guests/a.yaml': 'memory: 1\n' });
    expect(await clone.parents(tip)).toEqual([]);
    expect(await clone.told(tip)).toBe('maintainer|maintainer|Home lab');
    expect((await readdir(folder)).filter((name) => !name.startsWith('forge.sqlite'))).toEqual(['repo.git']);
    forge.release();
  });

  test('takes the files of a directory as git would', async () => {
    const [folder, directory] = [await emptyFolder(), await emptyFolder()];
    await mkdir(join(directory, 'node_modules'));
    await writeFile(join(directory, '.gitignore'), 'node_modules\n');
    await writeFile(join(directory, 'node_modules/x'), 'x');
    await writeFile(join(directory, 'gitmend.yaml'), 'version: 1\n');
    await writeFile(join(directory, 'run.sh'), '#!/bin/sh\n', { mode: 0o755 });
    await createLocalForge({ folder, files: { directory }, by: 'maintainer', clock });
    const forge = await openLocalForge({ folder, as: 'gitmend', clock });
    const clone = await cloneOf(forge);
    onTestFinished(clone.dispose);
    expect(
      (await clone.git('ls-tree', '-r', 'HEAD'))
        .trim()
        .split('\n')
        .map((line) => line.split(/\s/)),
    ).toEqual([
      ['100644', 'blob', expect.anything(), '.gitignore'],
      ['100644', 'blob', expect.anything(), 'gitmend.yaml'],
      ['100755', 'blob', expect.anything(), 'run.sh'],
    ]);
    forge.release();
  });

  test('the same input makes the same commit', async () => {
    const tips = [];
    for (const folder of [await emptyFolder(), await emptyFolder()]) {
      await createLocalForge({ folder, files, by: 'maintainer', clock });
      const forge = await openLocalForge({ folder, as: 'gitmend', clock });
      const clone = await cloneOf(forge);
      tips.push(await clone.tip('main'));
      await clone.dispose();
      forge.release();
    }
    expect(tips[0]).toBe(tips[1]);
  });

  test('of two at once one makes it, and a third is refused', async () => {
    const folder = await emptyFolder();
    const make = (): Promise<void> => createLocalForge({ folder, files, by: 'maintainer', clock });
    const results = await Promise.allSettled([make(), make()]);
    expect(results.map((result) => result.status).sort()).toEqual(['fulfilled', 'rejected']);
    await expect(make()).rejects.toMatchObject({ code: 'FORGE_REFUSED', message: expect.stringContaining('already') });
    (await openLocalForge({ folder, as: 'gitmend', clock })).release();
  });

  test('goes on where a killed one left its database and half a repository', async () => {
    const folder = await emptyFolder();
    await mkdir(join(folder, '.new-abc123/repo.git'), { recursive: true });
    await writeFile(join(folder, 'forge.sqlite'), '');
    await expect(openLocalForge({ folder, as: 'gitmend', clock })).rejects.toMatchObject({ code: 'FORGE_NOT_FOUND' });
    await createLocalForge({ folder, files, by: 'maintainer', clock });
    const forge = await openLocalForge({ folder, as: 'gitmend', clock });
    expect(await forge.pullRequests({ state: 'all' })).toEqual([]);
    forge.release();
  });

  test.each(['../outside', '/etc/passwd', 'a/../../b', '.git/config', 'sub/.GIT/hooks/x', ''])(
    'a file called %j is refused and nothing is made',
    async (path) => {
      const folder = await emptyFolder();
      const attempt = createLocalForge({ folder, files: new Map([[path, 'x']]), by: 'maintainer', clock });
      await expect(attempt).rejects.toMatchObject({ code: 'FORGE_REFUSED' });
      expect(await readdir(folder)).toEqual([]);
    },
  );
});

describe('opening a local forge', { timeout: 30_000 }, () => {
  test('says where there is none', async () => {
    const folder = await emptyFolder();
    await expect(openLocalForge({ folder, as: 'gitmend', clock })).rejects.toMatchObject({ code: 'FORGE_NOT_FOUND' });
  });

  test.each(['', '-x', 'a b', 'x <y@z>', 'a\nb', 'x'.repeat(70)])('refuses the account %j', async (as) => {
    const folder = await emptyFolder();
    await createLocalForge({ folder, files, by: 'maintainer', clock });
    await expect(openLocalForge({ folder, as, clock })).rejects.toMatchObject({ code: 'FORGE_REFUSED' });
  });

  test('keeps what an earlier gitmend wrote: comments, and the numbers that follow', async () => {
    const folder = await emptyFolder();
    await createLocalForge({ folder, files, by: 'maintainer', clock });
    const database = new DatabaseSync(join(folder, 'forge.sqlite'));
    // The tables of version 1, with one pull request and two comments, of which one was edited.
    database.exec(`DROP TABLE reaction; DROP TABLE issue; DROP INDEX comments_of; DROP TABLE comment;
      CREATE TABLE comment (id INTEGER PRIMARY KEY AUTOINCREMENT, number INTEGER NOT NULL REFERENCES pull_request,
        author TEXT NOT NULL, body TEXT NOT NULL, created_at TEXT NOT NULL, updated_at TEXT NOT NULL) STRICT;
      CREATE INDEX comments_of ON comment (number);
      INSERT INTO pull_request (title, body, labels, author, branch, base, head, state, created_at, updated_at, change)
        VALUES ('one', '', '[]', 'ann', 'fix', 'main', '${'0'.repeat(40)}', 'closed', '', '', 1);
      INSERT INTO comment (number, author, body, created_at, updated_at) VALUES
        (1, 'ann', 'first', '2026-01-01T00:00:00Z', '2026-01-01T00:00:00Z'),
        (1, 'ann', 'second', '2026-01-01T00:00:00Z', '2026-01-02T00:00:00Z');
      PRAGMA user_version = 1`);
    database.close();
    const forge = await openLocalForge({ folder, as: 'ann', clock });
    expect((await forge.comments(1)).map(({ id, body }) => [id, body])).toEqual([
      ['1', 'first'],
      ['2', 'second'],
    ]);
    expect((await forge.saidSince('0')).comments.map(({ edited }) => edited)).toEqual([false, true]);
    expect((await forge.comment(1, 'third')).id).toBe('3');
    expect((await forge.openIssue({ title: 'slow', body: '' })).number).toBe(2);
    forge.release();
  });

  test('refuses what a newer gitmend wrote, and what is no database', async () => {
    const folder = await emptyFolder();
    await createLocalForge({ folder, files, by: 'maintainer', clock });
    const database = new DatabaseSync(join(folder, 'forge.sqlite'));
    database.exec('PRAGMA user_version = 99');
    database.close();
    await expect(openLocalForge({ folder, as: 'gitmend', clock })).rejects.toMatchObject({
      code: 'FORGE_FAILED',
      message: expect.stringContaining('newer gitmend'),
    });
    await writeFile(join(folder, 'forge.sqlite'), 'not a database, but long enough to be read as one'.repeat(20));
    await expect(openLocalForge({ folder, as: 'gitmend', clock })).rejects.toMatchObject({ code: 'FORGE_FAILED' });
  });
});
