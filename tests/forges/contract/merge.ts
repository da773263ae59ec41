import { describe, expect, test } from 'vitest';
import type { MergeStyle } from '../../../src/forges/forge.ts';
import { expectRefused, freshSetting, postgres, wanted, type MakeForge } from './setting.ts';

const styles: MergeStyle[] = ['merge', 'squash', 'rebase'];

export function mergeContract(makeForge: MakeForge): void {
  describe('merging', () => {
    const setting = freshSetting(makeForge);

    /** Two commits on a branch, and a base that moved on elsewhere. */
    async function twoCommits(branch = 'fix'): Promise<{ number: number; head: string; onto: string }> {
      const { forge, clone } = setting.now;
      await clone.push(branch, postgres('memory', 3072));
      const head = await clone.push(branch, { [`${branch}.md`]: 'why\n' });
      const { number } = await forge.ensurePullRequest(wanted(branch));
      const onto = await clone.push('main', { 'elsewhere.txt': `beside ${branch}\n` });
      return { number, head, onto };
    }

    test.each(styles)(
      '%s: the base gets exactly the merge of both trees, and the pull request names M',
      async (style) => {
        const { forge, clone } = setting.now;
        const { number, head } = await twoCommits();
        const merged = await forge.merge(number, { style, head });
        const tip = await clone.tip('main');
        expect(merged).toMatchObject({ state: 'merged', mergeCommit: tip, mergedBy: forge.self, head });
        expect(merged.mergedAt).toMatch(/Z$/);
        // A server goes on touching it for a moment.
        const { updatedAt, ...rest } = await forge.pullRequest(number);
        expect({ ...rest, updatedAt: merged.updatedAt }).toEqual(merged);
        expect(updatedAt >= merged.updatedAt).toBe(true);
        expect(await clone.files(tip)).toEqual({
          ...postgres('memory', 3072),
          'README.md': 'home lab\n',
          'elsewhere.txt': 'beside fix\n',
          'fix.md': 'why\n',
        });
        expect(await forge.commitCount(number)).toBe(2);
      },
    );

    test('merge: M has two parents, the base and the head, and says which pull request', async () => {
      const { forge, clone } = setting.now;
      const { number, head, onto } = await twoCommits();
      const { mergeCommit = '' } = await forge.merge(number, { style: 'merge', head });
      expect(await clone.parents(mergeCommit)).toEqual([onto, head]);
      expect(await clone.message(mergeCommit)).toContain(`#${number}`);
      expect(await clone.told(mergeCommit)).toContain(forge.self);
    });

    test('squash: M is one commit on the base', async () => {
      const { forge, clone } = setting.now;
      const { number, head, onto } = await twoCommits();
      const { mergeCommit = '' } = await forge.merge(number, { style: 'squash', head });
      expect(await clone.parents(mergeCommit)).toEqual([onto]);
    });

    test('rebase: each commit is replayed with its author, and M is the last', async () => {
      const { forge, clone } = setting.now;
      const { number, head, onto } = await twoCommits();
      const { mergeCommit = '' } = await forge.merge(number, { style: 'rebase', head });
      const [before = ''] = await clone.parents(mergeCommit);
      expect(await clone.parents(before)).toEqual([onto]);
      expect(await clone.told(mergeCommit)).toMatch(/^alice\|.*\|change fix\.md$/);
      expect(await clone.told(before)).toMatch(/^alice\|.*\|change guests\/postgres\.yaml$/);
      expect(await clone.files(before)).not.toHaveProperty('fix.md');
    });

    test('an own message is the message of M', async () => {
      const { forge, clone } = setting.now;
      const { number, head } = await twoCommits();
      const message = 'postgres: memory 3072 MiB\n\n-F /etc/passwd\nGitmend-Run: 4f1c09';
      const { mergeCommit = '' } = await forge.merge(number, { style: 'squash', head, message });
      expect((await clone.message(mergeCommit)).trim()).toBe(message);
    });

    test('the pull request is found by M, and by no other commit', async () => {
      const { forge, clone } = setting.now;
      const { number, head, onto } = await twoCommits();
      const { mergeCommit = '' } = await forge.merge(number, { style: 'rebase', head });
      expect((await forge.pullRequestOfMerge(mergeCommit))?.number).toBe(number);
      const [before = ''] = await clone.parents(mergeCommit);
      for (const other of [before, onto, head, '0123456789'.repeat(4)]) {
        expect(await forge.pullRequestOfMerge(other)).toBeUndefined();
      }
    });

    test('a direct push belongs to no pull request', async () => {
      const { forge, clone } = setting.now;
      const commit = await clone.push('main', { 'direct.txt': 'x\n' });
      expect(await forge.pullRequestOfMerge(commit)).toBeUndefined();
    });

    test('merging again is answered with the same merge', async () => {
      const { forge, clone } = setting.now;
      const { number, head } = await twoCommits();
      const first = await forge.merge(number, { style: 'squash', head });
      const { updatedAt } = first;
      expect({ ...(await forge.merge(number, { style: 'squash', head })), updatedAt }).toEqual(first);
      expect(await clone.tip('main')).toBe(first.mergeCommit);
    });

    test('a head that moved is not merged', async () => {
      const { forge, clone } = setting.now;
      const { number, head, onto } = await twoCommits();
      const next = await clone.push('fix', postgres('memory', 9999));
      await expectRefused(forge.merge(number, { style: 'merge', head }), /head|moved/i);
      expect(await clone.tip('main')).toBe(onto);
      expect((await forge.merge(number, { style: 'merge', head: next })).state).toBe('merged');
      await expectRefused(forge.merge(number, { style: 'merge', head }), /merged/);
    });

    test.each(styles)('%s: a conflict is refused and nothing changes', async (style) => {
      const { forge, clone, opened } = setting.now;
      const { number, head } = await opened('fix', postgres('memory', 3072));
      const onto = await clone.push('main', postgres('memory', 1024));
      const { cursor } = await forge.changedSince(undefined);
      await expectRefused(forge.merge(number, { style, head }), /conflict/i);
      expect(await clone.tip('main')).toBe(onto);
      expect(await clone.tip('fix')).toBe(head);
      expect(await forge.pullRequest(number)).toMatchObject({ state: 'open', head });
      expect((await forge.changedSince(cursor)).numbers).toEqual([]);
    });

    test('a closed one is not merged', async () => {
      const { forge, clone } = setting.now;
      const { number, head, onto } = await twoCommits();
      await forge.close(number, 'no');
      await expectRefused(forge.merge(number, { style: 'merge', head }), /closed/);
      expect(await clone.tip('main')).toBe(onto);
    });

    test('a merged one is not closed', async () => {
      const { forge } = setting.now;
      const { number, head } = await twoCommits();
      await forge.merge(number, { style: 'merge', head });
      await expect(forge.close(number, 'no')).rejects.toMatchObject({ code: 'FORGE_REFUSED' });
      expect((await forge.pullRequest(number)).state).toBe('merged');
    });

    test.each(styles)('%s: two merged within a second are both there, one on the other', async (style) => {
      const { forge, clone, opened } = setting.now;
      const one = await opened('one', postgres('cores', 4));
      const two = await opened('two', { 'two.txt': '2\n' });
      const merged = await Promise.all([one, two].map(({ number, head }) => forge.merge(number, { style, head })));
      expect(merged.map((pull) => pull.state)).toEqual(['merged', 'merged']);
      const [first, second] = merged.map((pull) => pull.mergeCommit ?? '');
      expect(first).not.toBe(second);
      const tip = await clone.tip('main');
      expect([first, second]).toContain(tip);
      expect(await clone.files(tip)).toMatchObject({ ...postgres('cores', 4), 'two.txt': '2\n' });
      expect((await clone.parents(tip))[0]).toBe(tip === first ? second : first);
    });

    test('one merge asked for by many at once is one merge', async () => {
      const { forge, clone } = setting.now;
      const { number, head, onto } = await twoCommits();
      const answers = await Promise.all(
        Array.from({ length: 5 }, () => forge.merge(number, { style: 'squash', head })),
      );
      const tip = await clone.tip('main');
      expect(new Set(answers.map((answer) => answer.mergeCommit))).toEqual(new Set([tip]));
      expect(await clone.parents(tip)).toEqual([onto]);
    });

    test('merging deletes nothing', async () => {
      const { forge, clone } = setting.now;
      const { number, head } = await twoCommits();
      await forge.merge(number, { style: 'merge', head });
      expect(await clone.tip('fix')).toBe(head);
    });
  });
}
