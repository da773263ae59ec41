import { describe, expect, test } from 'vitest';
import { forkRef } from '../../../simulators/forge/git.ts';
import { expectRefused, freshSetting, postgres, wanted, type MakeForge } from './setting.ts';

export function pullRequestsContract(makeForge: MakeForge): void {
  describe('pull requests', () => {
    const setting = freshSetting(makeForge);

    test('one is opened as gitmend, with the tip of its branch', async () => {
      const { forge, clone } = setting.now;
      const head = await clone.push('fix', postgres('memory', 3072));
      const opened = await forge.ensurePullRequest(wanted('fix', { title: 'postgres: memory 2048 → 3072 MiB' }));
      expect(opened).toMatchObject({
        title: 'postgres: memory 2048 → 3072 MiB',
        body: 'because',
        author: forge.self,
        branch: 'fix',
        base: 'main',
        head,
        state: 'open',
        fork: false,
      });
      expect(opened.createdAt).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
      expect(await forge.pullRequest(opened.number)).toEqual(opened);
    });

    test('the same wish again changes nothing', async () => {
      const { forge, opened } = setting.now;
      const first = await opened('fix', postgres('memory', 3072));
      const { cursor } = await forge.changedSince(undefined);
      expect(await forge.ensurePullRequest(wanted('fix'))).toEqual(first);
      expect(await forge.changedSince(cursor)).toEqual({ numbers: [], cursor });
      expect(await forge.pullRequests({ state: 'all' })).toHaveLength(1);
    });

    test('another wish for the same branch brings title and body up to date', async () => {
      const { forge, opened } = setting.now;
      const first = await opened('fix', postgres('memory', 3072));
      const second = await forge.ensurePullRequest(wanted('fix', { title: 'memory 4096', body: 'more' }));
      expect(second).toMatchObject({ number: first.number, title: 'memory 4096', body: 'more' });
      expect(await forge.pullRequest(first.number)).toMatchObject({ title: 'memory 4096', body: 'more' });
    });

    test('twenty wishes at once for one branch open one', async () => {
      const { forge, clone } = setting.now;
      await clone.push('fix', postgres('memory', 3072));
      const answers = await Promise.all(Array.from({ length: 20 }, () => forge.ensurePullRequest(wanted('fix'))));
      expect(new Set(answers.map((answer) => answer.number)).size).toBe(1);
      expect(await forge.pullRequests({ state: 'all' })).toHaveLength(1);
    });

    test('another account that wishes the same finds the open one', async () => {
      const { forge, opened, as } = setting.now;
      const first = await opened('fix', postgres('memory', 3072));
      const other = await (await as('alice')).forge.ensurePullRequest(wanted('fix'));
      expect(other).toMatchObject({ number: first.number, author: forge.self });
    });

    test('a push moves the head', async () => {
      const { forge, clone, opened } = setting.now;
      const first = await opened('fix', postgres('memory', 3072));
      const head = await clone.push('fix', postgres('memory', 4096));
      expect(await forge.pullRequest(first.number)).toMatchObject({ head, state: 'open' });
    });

    test('closing says why in a comment, and again changes nothing', async () => {
      const { forge, opened, as } = setting.now;
      const { number } = await opened('fix', postgres('memory', 3072));
      const alice = (await as('alice')).forge;
      await alice.close(number, 'The fault is gone.');
      await forge.close(number, 'The fault is gone.');
      expect(await forge.pullRequest(number)).toMatchObject({ state: 'closed', closedBy: alice.self });
      const comments = await forge.comments(number);
      expect(comments.map((comment) => [comment.author, comment.body])).toEqual([[alice.self, 'The fault is gone.']]);
    });

    test('a closed one keeps the head that it was closed with', async () => {
      const { forge, clone, opened } = setting.now;
      const { number, head } = await opened('fix', postgres('memory', 3072));
      await forge.close(number, 'no');
      await clone.push('fix', postgres('memory', 4096));
      expect((await forge.pullRequest(number)).head).toBe(head);
      await clone.deleteBranch('fix');
      expect((await forge.pullRequest(number)).head).toBe(head);
    });

    test('after a close the same branch gets a new one', async () => {
      const { forge, opened } = setting.now;
      const first = await opened('fix', postgres('memory', 3072));
      await forge.close(first.number, 'no');
      const second = await forge.ensurePullRequest(wanted('fix'));
      expect(second.number).toBeGreaterThan(first.number);
      expect(second.state).toBe('open');
      expect((await forge.pullRequest(first.number)).state).toBe('closed');
    });

    test('they are listed by state and by branch', async () => {
      const { forge, opened } = setting.now;
      const one = await opened('one', { 'one.txt': '1\n' });
      const two = await opened('two', { 'two.txt': '2\n' });
      const three = await opened('three', { 'three.txt': '3\n' });
      await forge.close(one.number, 'no');
      await forge.merge(two.number, { style: 'merge', head: two.head });
      const numbers = async (filter: Parameters<typeof forge.pullRequests>[0]): Promise<number[]> =>
        (await forge.pullRequests(filter)).map((found) => found.number).sort((a, b) => a - b);
      expect(await numbers({ state: 'closed' })).toEqual([one.number]);
      expect(await numbers({ state: 'merged' })).toEqual([two.number]);
      expect(await numbers({ state: 'open' })).toEqual([three.number]);
      expect(await numbers({ state: 'all' })).toEqual([one.number, two.number, three.number]);
      expect(await numbers({ state: 'all', branch: 'two' })).toEqual([two.number]);
      expect(await numbers({ state: 'open', branch: 'two' })).toEqual([]);
    });

    test('one from a fork, of a branch of the same name, is nobody’s but the stranger’s', async ({ skip }) => {
      const { forge, clone, as } = setting.now;
      const alice = await as('alice');
      const { proposeFromFork } = alice;
      if (proposeFromFork === undefined) return skip('it has no forks');
      const head = await clone.push('elsewhere', postgres('memory', 6144));
      await clone.git('push', '--quiet', 'origin', `${head}:${forkRef(alice.forge.self, 'fix')}`);
      const theirs = await proposeFromFork('fix', 'main');
      expect(await forge.pullRequest(theirs)).toMatchObject({ branch: 'fix', head, state: 'open', fork: true });
      const numbers = async (filter: Parameters<typeof forge.pullRequests>[0]): Promise<number[]> =>
        (await forge.pullRequests(filter)).map(({ number }) => number);
      expect(await numbers({ state: 'open', branch: 'fix' })).toEqual([]);
      await clone.push('fix', postgres('memory', 3072));
      const ours = await forge.ensurePullRequest(wanted('fix'));
      expect(ours).toMatchObject({ author: forge.self, fork: false });
      await alice.forge.close(theirs, 'not like this');
      expect(await numbers({ state: 'closed', branch: 'fix' })).toEqual([]);
      expect(await numbers({ state: 'all', branch: 'fix' })).toEqual([ours.number]);
      expect(await numbers({ state: 'all' })).toEqual([theirs, ours.number]);
      expect((await forge.ensurePullRequest(wanted('fix'))).number).toBe(ours.number);
    });

    test('a number that nobody gave is refused', async () => {
      const { forge } = setting.now;
      await expectRefused(forge.pullRequest(4711), /4711/);
      await expectRefused(forge.close(4711, 'no'), /4711/);
      await expectRefused(forge.ensureComment(4711, 'plan', 'text'), /4711/);
    });

    test('a branch that is not pushed, or holds nothing of its own, opens none', async () => {
      const { forge, clone } = setting.now;
      await expectRefused(forge.ensurePullRequest(wanted('missing')), /missing/);
      await clone.git('push', '--quiet', 'origin', 'HEAD:refs/heads/same');
      await expectRefused(forge.ensurePullRequest(wanted('same')), /same/);
      expect(await forge.pullRequests({ state: 'all' })).toEqual([]);
    });

    test('an open one whose branch was deleted stays open, keeps its head and cannot be merged', async () => {
      const { forge, clone, opened } = setting.now;
      const { number, head } = await opened('fix', postgres('memory', 3072));
      await clone.deleteBranch('fix');
      expect(await forge.pullRequest(number)).toMatchObject({ head });
      await expectRefused(forge.merge(number, { style: 'merge', head }), /fix|closed|deleted/);
    });
  });
}
