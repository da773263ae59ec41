import { expect, onTestFinished, test } from 'vitest';
import { onPostgres } from '../store/engines.ts';
import { healedBesideByHand, nextcloud } from './cases.ts';
import { faultLab } from './lab.ts';
import { meetingOf, replicaOn, untilOneStops } from './replicas.ts';

onPostgres('two replicas', (engine) => {
  test.each(['github', 'gitea'] as const)(
    '%s: 20 deliveries and a command that both deal with at the same time: one of everything',
    { timeout: 120_000 },
    async (kind) => {
      const lab = await faultLab(kind);
      const { url = '' } = await engine.empty();
      const opening = meetingOf(2);
      const [one, two] = [await replicaOn(lab, url, 'one', opening), await replicaOn(lab, url, 'two', opening)];
      onTestFinished(async () => {
        await one.close();
        await two.close();
      });
      // What was said before the first look is no command.
      await untilOneStops([one.answer(), two.answer()]);
      const byHand = await lab.propose('by-hand', nextcloud(5120));
      await untilOneStops([one.plan(), two.plan()]);
      await lab.say(byHand, '/status');
      const [first, second] = [ids(0), ids(10)];
      await one.accept(first);
      const taken = Promise.withResolvers<undefined>();
      // The second ten come when the first ones are at work, so that each replica has its own.
      const healing = one.heal(async () => {
        await two.accept(second);
        taken.resolve(undefined);
      });
      await taken.promise;
      const both = [one, two].flatMap(({ plan, answer }) => [answer(), plan()]);
      const [healedByTwo] = await Promise.all([two.heal(), untilOneStops([healing, ...both])]);
      expect([await healing, healedByTwo]).toEqual([10, 10]);
      for (const again of [one, two]) {
        lab.clock.advance(600_000);
        await again.heal();
        await again.answer();
        await again.plan();
      }
      expect(one.answered() + two.answered()).toBe(1);
      await lab.merge(await lab.proposal());
      await lab.merge(byHand);
      await lab.run();
      const { pulls, comments, ...ends } = await lab.ending();
      expect({ ...ends, pulls: withoutTwin(pulls), comments: withoutTwin(comments) }).toEqual({
        ...healedBesideByHand,
        pulls: healedBesideByHand.pulls.toReversed(),
        comments: healedBesideByHand.comments.toReversed(),
      });
      expect([...new Set(lab.forge.undescribed())]).toEqual([]);
    },
  );
});

/** Gitea may open two at the same moment: then one is closed at once, and says once why. */
function withoutTwin(lines: readonly string[]): string[] {
  return lines.filter((line) => !['resize-guest: closed', 'resize-guest: without a marker'].includes(line));
}

function ids(from: number): string[] {
  return Array.from({ length: 10 }, (_, index) => `alert-${from + index}`);
}
