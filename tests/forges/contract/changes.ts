import { describe, expect, test } from 'vitest';
import { freshSetting, postgres, toldSince, wanted, type MakeForge } from './setting.ts';

export function changesContract(makeForge: MakeForge): void {
  describe('what changed', () => {
    const setting = freshSetting(makeForge);

    test('without a cursor it is everything, and after it nothing', async () => {
      const { forge, opened } = setting.now;
      const one = await opened('one', { 'one.txt': '1\n' });
      const two = await opened('two', { 'two.txt': '2\n' });
      const { numbers, cursor } = await forge.changedSince(undefined);
      expect(numbers.sort((a, b) => a - b)).toEqual([one.number, two.number]);
      expect((await forge.changedSince(cursor)).numbers).toEqual([]);
    });

    test('an empty forge has a cursor too', async () => {
      const { forge, opened } = setting.now;
      const { numbers, cursor } = await forge.changedSince(undefined);
      expect(numbers).toEqual([]);
      const { number } = await opened('one', { 'one.txt': '1\n' });
      expect((await forge.changedSince(cursor)).numbers).toEqual([number]);
    });

    test('everything that happens to a pull request is told, and only its number', async () => {
      const { forge, clone, opened, as, editComment } = setting.now;
      await opened('other', { 'other.txt': '1\n' });
      const { number } = await opened('fix', postgres('memory', 3072));
      const alice = await as('alice');
      let { id, review } = { id: '', review: '' };
      const events: [string, () => Promise<unknown>][] = [
        ['title', () => forge.ensurePullRequest(wanted('fix', { title: 'new' }))],
        ['comment', async () => ({ id } = await forge.ensureComment(number, 'plan', 'Plan'))],
        ['comment edited', () => forge.ensureComment(number, 'plan', 'Plan 2')],
        ['comment tampered', () => editComment(number, id, 'gone')],
        ['comment by a person', () => alice.comment(number, '/dry-run')],
        ['review', async () => (review = (await alice.review(number, 'approved')).id)],
        ['dismissal', () => alice.dismiss(number, review)],
        ['push', () => clone.push('fix', postgres('memory', 4096))],
        ['force-push', () => clone.push('fix', postgres('memory', 5120), { from: 'origin/main', force: true })],
        ['close', () => alice.forge.close(number, 'no')],
      ];
      let { cursor } = await forge.changedSince(undefined);
      for (const [event, happens] of events) {
        await happens();
        const changed = await toldSince(forge, cursor);
        expect(changed.numbers, event).toEqual([number]);
        cursor = changed.cursor;
      }
    });

    test('a merge is told', async () => {
      const { forge, opened } = setting.now;
      const { number, head } = await opened('fix', postgres('memory', 3072));
      const { cursor } = await forge.changedSince(undefined);
      await forge.merge(number, { style: 'squash', head });
      expect((await forge.changedSince(cursor)).numbers).toEqual([number]);
    });

    test('an old cursor tells each number once', async () => {
      const { forge, opened } = setting.now;
      const { cursor } = await forge.changedSince(undefined);
      const { number } = await opened('fix', postgres('memory', 3072));
      await forge.ensureComment(number, 'plan', 'Plan');
      await forge.ensureComment(number, 'run', 'Applied');
      expect((await forge.changedSince(cursor)).numbers).toEqual([number]);
    });

    test('a cursor that the forge never gave loses nothing', async () => {
      const { forge, opened } = setting.now;
      const { number } = await opened('fix', postgres('memory', 3072));
      for (const cursor of ['', 'x', '-1', '1e3', '99999999999999999999']) {
        expect((await forge.changedSince(cursor)).numbers, cursor).toEqual([number]);
      }
    });

    test('nothing is lost between a poll and changes at the same time', async () => {
      const { forge, opened } = setting.now;
      const pulls = [await opened('one', { 'one.txt': '1\n' }), await opened('two', { 'two.txt': '2\n' })];
      let { cursor } = await forge.changedSince(undefined);
      const seen = new Map<number, string[]>();
      const poll = async (): Promise<void> => {
        const changed = await forge.changedSince(cursor);
        for (const number of changed.numbers) {
          seen.set(
            number,
            (await forge.comments(number)).map((comment) => comment.body),
          );
        }
        cursor = changed.cursor;
      };
      const write = async (number: number): Promise<void> => {
        for (let turn = 0; turn < 5; turn += 1) await forge.ensureComment(number, `turn-${turn}`, `turn ${turn}`);
      };
      const polling = (async () => {
        for (let turn = 0; turn < 10; turn += 1) await poll();
      })();
      await Promise.all([...pulls.map((pull) => write(pull.number)), polling]);
      await poll();
      for (const { number } of pulls) expect(seen.get(number)).toHaveLength(5);
    });
  });
}
