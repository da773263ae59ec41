import { expect } from 'vitest';
import { type FaultCase, healedBesideByHand, nextcloud } from './cases.ts';
import type { FaultLab, HookEvent } from './lab.ts';

/** What happens on the forge in one story, and what its web hooks tell of it, before and after the merges. */
const before: readonly HookEvent[] = ['pull_request', 'issue_comment'];
const after: readonly HookEvent[] = ['pull_request', 'push'];

/**
 * Heal, a person's pull request, a command on it, and both are merged, so that the base of the second one moved in another
 * place than its own; `told` says what reaches the service.
 */
export async function story(lab: FaultLab, told: (events: readonly HookEvent[]) => Promise<void>): Promise<void> {
  await lab.heal();
  const byHand = await lab.propose('by-hand', nextcloud(5120));
  // What is asked about has to have been shown.
  await lab.look();
  await lab.say(byHand, '/status');
  await told(before);
  await lab.merge(await lab.proposal());
  await lab.merge(byHand);
  await told(after);
  await lab.run();
}

/** A web hook only says "look again": whether and how often it comes changes when, and nothing else. */
export const webhookCases: FaultCase[] = [
  {
    name: 'web hooks that come twice, all at once, in another order, the first ones after the last',
    async play(lab) {
      const late: HookEvent[] = [];
      await story(lab, async (events) => {
        const [first, ...others] = events.toReversed();
        if (first !== undefined) late.push(first);
        await lab.deliver([...others, ...others]);
        await nothingIsWritten(lab, () => lab.deliver(others));
      });
      await nothingIsWritten(lab, () => lab.deliver(late.toReversed()));
      await lab.run();
    },
    ends: healedBesideByHand,
  },
  {
    name: 'web hooks that are delayed past the merge',
    async play(lab) {
      await lab.heal();
      const byHand = await lab.propose('by-hand', nextcloud(5120));
      await lab.merge(await lab.proposal());
      // Nobody has seen a plan of it, so this merge approves nothing: ways out are offered.
      await lab.merge(byHand);
      await lab.run();
      await lab.deliver([...before, ...after]);
      await lab.run();
    },
    ends: {
      pulls: ['resize-guest: merged', 'by-hand: merged', 'insist: open', 'undo: open'],
      comments: ['resize-guest: plan, run', 'by-hand: ', 'insist: plan', 'undo: plan'],
      applies: ['PUT lxc/200 memory=3072'],
      records: ['resize-guest: verified'],
      locks: [],
    },
  },
];

/** What was dealt with is looked at a minute later, and written no second time. */
async function nothingIsWritten({ clock, forge }: FaultLab, look: () => Promise<void>): Promise<void> {
  clock.advance(60_000);
  const [read, all] = [forge.sent('GET'), forge.sent()];
  await look();
  expect(forge.sent('GET')).toBeGreaterThan(read);
  expect(forge.sent() - forge.sent('GET')).toBe(all - read);
}
