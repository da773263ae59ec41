import { describe, expect, test } from 'vitest';
import { freshSetting, postgres, type MakeForge } from './setting.ts';

export function reviewsContract(makeForge: MakeForge): void {
  describe('reviews', () => {
    const setting = freshSetting(makeForge);

    test('a review names who, what and the head that was reviewed', async () => {
      const { forge, opened, as } = setting.now;
      const { number, head } = await opened('fix', postgres('memory', 3072));
      const [alice, bob] = [await as('alice'), await as('bob')];
      await alice.review(number, 'approved');
      await bob.review(number, 'changes-requested');
      expect(
        (await forge.reviews(number)).map(({ author, state, void: isVoid, commit }) => [author, state, isVoid, commit]),
      ).toEqual([
        [alice.forge.self, 'approved', false, head],
        [bob.forge.self, 'changes-requested', false, head],
      ]);
    });

    test('after a push a review still names the older head', async () => {
      const { forge, clone, opened, as } = setting.now;
      const { number, head } = await opened('fix', postgres('memory', 3072));
      await (await as('alice')).review(number, 'approved');
      const next = await clone.push('fix', postgres('memory', 4096));
      await (await as('bob')).review(number, 'approved');
      expect((await forge.reviews(number)).map((review) => review.commit)).toEqual([head, next]);
    });

    test('a dismissed review is void', async () => {
      const { forge, opened, as } = setting.now;
      const { number } = await opened('fix', postgres('memory', 3072));
      const alice = await as('alice');
      const { id } = await alice.review(number, 'approved');
      await alice.dismiss(number, id);
      await alice.dismiss(number, id);
      expect((await forge.reviews(number)).map((review) => [review.id, review.void])).toEqual([[id, true]]);
    });

    test('nobody approves what is their own', async () => {
      const { forge, clone, as } = setting.now;
      await clone.push('mine', { 'a.txt': 'a\n' });
      const alice = await as('alice');
      const { number } = await alice.forge.ensurePullRequest({
        branch: 'mine',
        base: 'main',
        title: 't',
        body: '',
        labels: [],
      });
      await expect(alice.review(number, 'approved')).rejects.toMatchObject({ code: 'FORGE_REFUSED' });
      expect((await forge.reviews(number)).filter((review) => review.state === 'approved')).toEqual([]);
    });
  });
}
