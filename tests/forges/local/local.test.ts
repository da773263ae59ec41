import { describe, expect, test } from 'vitest';
import { expectRefused, freshSetting, postgres, wanted } from '../contract/setting.ts';
import { localForge, type LocalForgeUnderTest } from './under-test.ts';

describe('the local forge', { timeout: 30_000 }, () => {
  const setting = freshSetting(localForge);
  const local = (): typeof setting.now & LocalForgeUnderTest => setting.now as typeof setting.now & LocalForgeUnderTest;

  test('a second pull request for a branch and base is refused, naming the first; for another base it is opened', async () => {
    const { forge, clone, opened } = local();
    await opened('fix', postgres('memory', 3072));
    await clone.push('next', { 'next.txt': 'x\n' });
    await expectRefused(forge.openPullRequest(wanted('fix')), /^#1 is open already for fix into main$/);
    expect((await forge.openPullRequest(wanted('fix', { base: 'next' }))).number).toBe(2);
    await expectRefused(forge.openPullRequest(wanted('main')), /into itself/);
  });

  test('many that open the same at once: one succeeds', async () => {
    const { forge, clone } = local();
    await clone.push('fix', postgres('memory', 3072));
    const results = await Promise.allSettled(Array.from({ length: 8 }, () => forge.openPullRequest(wanted('fix'))));
    expect(results.filter((result) => result.status === 'fulfilled')).toHaveLength(1);
    expect(await forge.pullRequests({ state: 'all' })).toHaveLength(1);
  });

  test('a comment is edited by its author only', async () => {
    const { forge, opened, open } = local();
    const { number } = await opened('fix', postgres('memory', 3072));
    const { id } = await forge.comment(number, 'mine');
    const alice = await open('alice');
    await expectRefused(alice.editComment(number, id, 'yours'), /written by gitmend/);
    await expectRefused(forge.editComment(number, '99', 'x'), /no comment 99/);
    await expectRefused(forge.comment(number, ' '), /says nothing/);
    await expectRefused(forge.comment(number, 'x'.repeat(1_000_001)), /1000001 characters/);
    expect((await forge.comments(number)).map((comment) => comment.body)).toEqual(['mine']);
  });

  test('a closed or merged pull request takes no review', async () => {
    const { forge, opened, open } = local();
    const { number } = await opened('fix', postgres('memory', 3072));
    await forge.close(number, 'no');
    await expectRefused((await open('alice')).review(number, 'approved'), /closed: it takes no review/);
    await expectRefused(forge.dismissReview(number, '7', 'x'), /no review 7/);
  });

  test('one may comment in a review of what is their own', async () => {
    const { forge, opened } = local();
    const { number } = await opened('fix', postgres('memory', 3072));
    await expectRefused(forge.review(number, 'changes-requested'), /cannot review/);
    expect(await forge.review(number, 'commented', 'note')).toMatchObject({ state: 'commented', body: 'note' });
  });

  test('a branch that is deleted and pushed again is told, and the pull request goes on', async () => {
    const { forge, clone, opened } = local();
    const { number, head } = await opened('fix', postgres('memory', 3072));
    let { cursor } = await forge.changedSince(undefined);
    await clone.deleteBranch('fix');
    expect(await forge.show(number)).toMatchObject({ branchGone: true, pullRequest: { state: 'open', head } });
    const gone = await forge.changedSince(cursor);
    expect(gone.numbers).toEqual([number]);
    cursor = gone.cursor;
    await clone.git('push', '--quiet', 'origin', `${head}:refs/heads/fix`);
    expect((await forge.changedSince(cursor)).numbers).toEqual([number]);
    expect((await forge.merge(number, { style: 'merge', head })).state).toBe('merged');
  });

  test('the head stays readable after its branch is gone, and what others wrote there is put right', async () => {
    const { forge, clone, opened } = local();
    const { number, head } = await opened('fix', postgres('memory', 3072));
    await forge.pullRequest(number);
    await clone.git('push', '--quiet', '--force', 'origin', `origin/main:refs/pull/${number}/head`);
    await forge.pullRequest(number);
    await clone.deleteBranch('fix');
    await forge.close(number, 'no');
    expect(await clone.git('ls-remote', 'origin', `refs/pull/${number}/head`)).toMatch(new RegExp(`^${head}`));
    expect(await forge.diff(number)).toContain('+memory: 3072');
  });

  test('the diff of a merged one stays what was merged', async () => {
    const { forge, clone, opened } = local();
    const { number, head } = await opened('fix', postgres('memory', 3072));
    const before = await forge.diff(number);
    await forge.merge(number, { style: 'squash', head });
    await clone.push('main', postgres('memory', 512));
    expect(await forge.diff(number)).toBe(before);
  });

  test('a direct push to the default branch by plain git just works and changes no pull request', async () => {
    const { forge, clone, opened } = local();
    const open = await opened('fix', postgres('memory', 3072));
    const { cursor } = await forge.changedSince(undefined);
    const commit = await clone.push('main', { 'direct.txt': 'x\n' });
    expect(await clone.tip('main')).toBe(commit);
    expect(await forge.pullRequest(open.number)).toEqual(open);
    expect((await forge.changedSince(cursor)).numbers).toEqual([]);
  });

  test('a rebase leaves out merges and what the base has already', async () => {
    const { forge, clone } = local();
    await clone.push('fix', { 'a.txt': 'a\n' });
    await clone.push('main', { 'a.txt': 'a\n', 'd.txt': 'd\n' });
    const side = await clone.push('fix', { 'b.txt': 'b\n' });
    await clone.git('checkout', '--quiet', '--detach', side);
    await clone.git('merge', '--quiet', '--no-edit', 'origin/main');
    await clone.git('push', '--quiet', 'origin', 'HEAD:refs/heads/fix');
    const head = (await clone.git('rev-parse', 'HEAD')).trim();
    const onto = await clone.push('main', { 'c.txt': 'c\n' });
    const { number } = await forge.ensurePullRequest(wanted('fix'));
    const { mergeCommit = '' } = await forge.merge(number, { style: 'rebase', head });
    expect(await clone.parents(mergeCommit)).toEqual([onto]);
    expect(Object.keys(await clone.files(mergeCommit)).sort()).toEqual([
      ...['README.md', 'a.txt', 'b.txt', 'c.txt', 'd.txt', 'guests/postgres.yaml'],
    ]);
    expect(await forge.commitCount(number)).toBe(3);
  });

  test('a rebase of what the base has already is refused', async () => {
    const { forge, clone } = local();
    const head = await clone.push('fix', { 'a.txt': 'a\n' });
    const { number } = await forge.ensurePullRequest(wanted('fix'));
    const onto = await clone.push('main', { 'a.txt': 'a\n', 'd.txt': 'd\n' });
    await expectRefused(forge.merge(number, { style: 'rebase', head }), /already has these changes/);
    expect(await clone.tip('main')).toBe(onto);
  });

  test('a history that has nothing in common is refused', async () => {
    const { forge, clone, opened } = local();
    await opened('fix', postgres('memory', 3072));
    await clone.git('checkout', '--quiet', '--orphan', 'alone');
    await clone.git('commit', '--quiet', '--allow-empty', '-m', 'alone');
    await clone.git('push', '--quiet', '--force', 'origin', 'HEAD:refs/heads/alone', 'HEAD:refs/heads/fix');
    await expectRefused(forge.ensurePullRequest(wanted('alone')), /no common history/);
    const { head } = await forge.pullRequest(1);
    await expectRefused(forge.merge(1, { style: 'rebase', head }), /no common history/);
  });

  test('the count of an open one is the commits that its base has not', async () => {
    const { forge, clone, opened } = local();
    const { number } = await opened('fix', postgres('memory', 3072));
    await clone.push('fix', postgres('memory', 4096));
    await clone.push('main', { 'x.txt': 'x\n' });
    expect(await forge.commitCount(number)).toBe(2);
  });

  test('labels are kept in order and once', async () => {
    const { forge, opened } = local();
    const { number } = await opened('fix', postgres('memory', 3072));
    await forge.ensurePullRequest(wanted('fix', { labels: ['b', 'a', 'b'] }));
    expect((await forge.show(number)).labels).toEqual(['a', 'b']);
  });

  test('a failure of git is FORGE_FAILED with what git said', async () => {
    const { forge, opened, folder } = local();
    await opened('fix', postgres('memory', 3072));
    const { rename } = await import('node:fs/promises');
    await rename(`${folder}/repo.git`, `${folder}/moved.git`);
    await expect(forge.pullRequests({ state: 'all' })).rejects.toMatchObject({ code: 'FORGE_FAILED' });
  });

  test('a released forge fails instead of writing', async () => {
    const { open } = local();
    const forge = await open('alice');
    forge.release();
    forge.release();
    await expect(forge.pullRequests({ state: 'all' })).rejects.toThrow();
  });
});
