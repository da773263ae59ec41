import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, test } from 'vitest';
import { openLocalForge } from '../../../src/forges/local/index.ts';
import { expectRefused, freshSetting, postgres } from '../contract/setting.ts';
import { clock, localForge, type LocalForgeUnderTest } from './under-test.ts';

describe('a merge whose process died', { timeout: 30_000 }, () => {
  const setting = freshSetting(localForge);

  /** Dies just before the ref moves: the attempt is durable, git is not asked yet. */
  async function dead(): Promise<{ number: number; head: string; onto: string; attempted: string; folder: string }> {
    const { clone, opened, folder } = setting.now as typeof setting.now & LocalForgeUnderTest;
    const { number, head } = await opened('fix', postgres('memory', 3072));
    const onto = await clone.tip('main');
    const dying = await openLocalForge({
      ...{ folder, as: 'gitmend', clock },
      trace: (point) => {
        if (point === 'git update-ref -m') throw new Error('died');
      },
    });
    await expect(dying.merge(number, { style: 'merge', head })).rejects.toThrow('died');
    dying.release();
    const database = new DatabaseSync(join(folder, 'forge.sqlite'));
    const attempted = String(database.prepare('SELECT merge_commit FROM attempt').get()?.['merge_commit']);
    database.close();
    return { number, head, onto, attempted, folder };
  }

  const git = (folder: string, ...args: string[]): void =>
    void execFileSync('git', ['-C', join(folder, 'repo.git'), ...args]);

  test('is not merged while git does not say so', async () => {
    const { number } = await dead();
    expect((await setting.now.forge.pullRequest(number)).state).toBe('open');
  });

  test('is merged by the dead one as soon as its last command reaches git, even later', async () => {
    const { forge } = setting.now;
    const { number, onto, attempted, folder, head } = await dead();
    await forge.pullRequest(number);
    git(folder, 'update-ref', 'refs/heads/main', attempted, onto);
    expect(await forge.pullRequest(number)).toMatchObject({ state: 'merged', mergeCommit: attempted, head });
    expect((await forge.pullRequestOfMerge(attempted))?.number).toBe(number);
  });

  test('is found when others pushed on top of it', async () => {
    const { forge, clone } = setting.now;
    const { number, onto, attempted, folder } = await dead();
    git(folder, 'update-ref', 'refs/heads/main', attempted, onto);
    await clone.push('main', { 'later.txt': 'x\n' });
    expect(await forge.pullRequest(number)).toMatchObject({ state: 'merged', mergeCommit: attempted });
  });

  test('is merged also when it was closed in between, because git has it', async () => {
    const { forge } = setting.now;
    const { number, onto, attempted, folder } = await dead();
    await forge.close(number, 'no');
    git(folder, 'update-ref', 'refs/heads/main', attempted, onto);
    const found = await forge.pullRequest(number);
    expect(found).toMatchObject({ state: 'merged', mergeCommit: attempted });
    expect(found).not.toHaveProperty('closedBy');
  });

  test('is taken back once the base has moved on without it', async () => {
    const { forge, clone } = setting.now;
    const { number, folder } = await dead();
    await clone.push('main', { 'later.txt': 'x\n' });
    expect((await forge.pullRequest(number)).state).toBe('open');
    const database = new DatabaseSync(join(folder, 'forge.sqlite'));
    expect(database.prepare('SELECT * FROM attempt').all()).toEqual([]);
    database.close();
  });

  test('does not stop another from merging', async () => {
    const { forge, clone } = setting.now;
    const { number, head, onto } = await dead();
    const merged = await forge.merge(number, { style: 'squash', head });
    expect(await clone.parents(merged.mergeCommit ?? '')).toEqual([onto]);
  });

  test(
    'a lock that a killed git left is named instead of waited for again and again',
    { timeout: 30_000 },
    async () => {
      const { forge, opened, folder } = setting.now as typeof setting.now & LocalForgeUnderTest;
      const { number, head } = await opened('fix', postgres('memory', 3072));
      git(folder, 'config', 'core.filesRefLockTimeout', '50');
      writeFileSync(join(folder, 'repo.git/refs/heads/main.lock'), '');
      const attempt = forge.merge(number, { style: 'merge', head });
      await expect(attempt).rejects.toMatchObject({
        code: 'FORGE_FAILED',
        message: expect.stringContaining('main.lock'),
      });
      expect((await forge.pullRequest(number)).state).toBe('open');
    },
  );

  test('a base that moves between computing and moving is merged onto anew', async () => {
    const { clone, opened, folder } = setting.now as typeof setting.now & LocalForgeUnderTest;
    const { number, head } = await opened('fix', postgres('memory', 3072));
    await clone.push('other', { 'other.txt': 'x\n' });
    const onto = await clone.tip('other');
    let raced = false;
    const racing = await openLocalForge({
      ...{ folder, as: 'gitmend', clock },
      trace: (point) => {
        if (point !== 'git update-ref -m' || raced) return;
        raced = true;
        git(folder, 'update-ref', 'refs/heads/main', onto);
      },
    });
    const merged = await racing.merge(number, { style: 'merge', head });
    racing.release();
    expect(await clone.parents(merged.mergeCommit ?? '')).toEqual([onto, head]);
  });

  test('a head pushed onto the base by hand leaves nothing to merge, and says so', async () => {
    const { forge, clone, opened } = setting.now;
    const { number, head } = await opened('fix', postgres('memory', 3072));
    await clone.git('push', '--quiet', 'origin', `${head}:refs/heads/main`);
    await expectRefused(forge.merge(number, { style: 'merge', head }), /already holds/);
  });
});
