import { expect } from 'vitest';
import { isGitmendError } from '../../src/core/errors.ts';
import { type FaultCase, healed, healedBesideByHand, memory, nextcloud } from './cases.ts';
import type { Ending, FaultLab } from './lab.ts';
import { story, webhookCases } from './webhooks.ts';

/** What was merged is not what was approved: nothing is touched, and the ways out are there. */
const notApproved: Ending = {
  pulls: ['by-hand: merged', 'insist: open', 'undo: open'],
  comments: ['by-hand: plan', 'insist: plan', 'undo: plan'],
  applies: [],
  records: [],
  locks: [],
};

/** What the forge answers wrong, late or not at all. */
const answers: FaultCase[] = [
  {
    name: 'a limit of 7 seconds in the middle of a plan, and 500 after a merge that happened',
    begin: { 'policies/guests.yaml': (text) => text.replace('level: approve\n', 'level: auto\n') },
    async play(lab) {
      lab.forge.inject({ ...lab.forge.limit(7), method: 'POST', path: /\/comments$/ });
      const begun = lab.clock.now();
      await lab.heal();
      expect(lab.clock.now() - begun).toBeGreaterThanOrEqual(7000);
      lab.clock.advance(60_000);
      lab.forge.inject({ fault: 'status', status: 500, after: true, ...lab.forge.merging });
      await lab.look();
      await lab.look();
      await lab.run();
      expect(lab.forge.sent(lab.forge.merging.method, lab.forge.merging.path)).toBe(1);
    },
    ends: healed,
  },
  {
    name: 'a limit of an hour in the middle of a plan',
    async play(lab) {
      const number = await lab.propose('by-hand', nextcloud(5120));
      lab.forge.inject({ ...lab.forge.limit(3600), method: 'POST', path: /\/comments$/ });
      const failures = [await failure(lab.look())];
      const sent = lab.forge.sent();
      // Every timer and web hook of this hour.
      for (let minute = 0; minute < 50; minute += 10) {
        lab.clock.advance(600_000);
        failures.push(await failure(lab.look()));
      }
      expect(lab.forge.sent()).toBe(sent);
      expect([...new Set(failures)]).toEqual([expect.stringMatching(/ wants no requests until [-\dT:]+:00Z: /)]);
      expect(lab.text(number, 'plan')).toBe('');
      lab.clock.advance(600_000);
      await lab.look();
      expect(lab.text(number, 'plan')).toContain('5120');
      await lab.merge(number);
      await lab.run();
    },
    ends: {
      pulls: ['by-hand: merged'],
      comments: ['by-hand: plan, run'],
      applies: ['PUT lxc/201 memory=5120'],
      records: ['by-hand: verified'],
      locks: [],
    },
  },
  {
    // Nothing is told to the service: it is the timer that looks.
    name: 'null entries in every list, and web hooks that are lost',
    async play(lab) {
      for (const path of [/\/(pulls|comments|reviews|labels|timeline|assignees|statuses)$/, /\/(status|check-runs)$/])
        lab.forge.inject({ fault: 'nulls', method: 'GET', path, count: 10_000 });
      await story(lab, () => lab.look());
    },
    ends: healedBesideByHand,
  },
];

/** What people do between two looks. */
const meanwhile: FaultCase[] = [
  {
    name: 'a force-push between a comment and the plan that it asks for',
    async play(lab) {
      const number = await lab.propose('by-hand', nextcloud(5120));
      await lab.look();
      await lab.say(number, '/plan');
      await lab.forcePush('by-hand', nextcloud(6144));
      await lab.look();
      expect(lab.text(number, 'answer')).toContain('the branch moved since');
      expect(lab.text(number, 'plan')).toContain('6144');
      await lab.merge(number);
      await lab.run();
    },
    ends: {
      pulls: ['by-hand: merged'],
      comments: ['by-hand: plan, answer, run'],
      applies: ['PUT lxc/201 memory=6144'],
      records: ['by-hand: verified'],
      locks: [],
    },
  },
  {
    name: 'a force-push between the plan and the merge',
    async play(lab) {
      const number = await lab.propose('by-hand', nextcloud(5120));
      await lab.look();
      await lab.forcePush('by-hand', nextcloud(6144));
      await lab.merge(number);
      await lab.run();
      await lab.run();
    },
    ends: notApproved,
  },
  {
    name: 'a review dismissed between the plan and the merge',
    begin: {
      'gitmend.yaml': (text) => text.replace('[maintainer]', '[maintainer, ann, ben]'),
      'guests/nextcloud.yaml': (text) => text.replace('tags: [web]', 'tags: [web, critical]'),
    },
    async play(lab) {
      const number = await lab.propose('by-hand', nextcloud(5120));
      await lab.look();
      lab.clock.advance(60_000);
      const ann = await lab.forge.person('ann');
      const { id } = await ann.review(number, 'approved');
      await lab.look();
      const { head } = await lab.lab.forge.pullRequest(number);
      expect(await policyStatus(lab, head)).toBe('success');
      lab.clock.advance(60_000);
      await ann.dismiss(number, id);
      await (await lab.forge.person('ben')).forge.merge(number, { style: 'merge', head });
      await lab.run();
      await lab.run();
    },
    ends: notApproved,
  },
  {
    name: 'a fork’s pull request of the same branch and words, closed by a person',
    async play(lab) {
      await lab.heal();
      const own = await lab.lab.forge.pullRequest(await lab.proposal());
      // What gitmend closes itself is no answer to it.
      await (await lab.another()).forge.close(own.number, 'The alert is gone for now.');
      await lab.lab.forge.close(await lab.imitate(own), 'Not from a stranger.');
      lab.clock.advance(60_000);
      await lab.heal();
      await lab.merge(await lab.proposal());
      await lab.run();
    },
    ends: {
      ...healed,
      pulls: ['resize-guest: closed', 'resize-guest: closed', 'resize-guest: merged'],
      comments: ['resize-guest: plan, without a marker', 'resize-guest: ', 'resize-guest: plan, run'],
    },
  },
  {
    name: 'a base that moved in the same place',
    async play(lab) {
      const [first, second] = [
        await lab.propose('first', nextcloud(5120)),
        await lab.propose('second', { 'guests/nextcloud.yaml': memory(6144) }),
      ];
      await lab.look();
      await lab.merge(first);
      await expect(lab.merge(second)).rejects.toMatchObject({ code: 'FORGE_REFUSED' });
      await lab.run();
      await lab.look();
      expect(lab.text(second, 'plan')).toMatch(/^### Plan .*: refused, merging applies nothing$/m);
    },
    ends: {
      pulls: ['first: merged', 'second: open'],
      comments: ['first: plan, run', 'second: plan'],
      applies: ['PUT lxc/201 memory=5120'],
      records: ['first: verified'],
      locks: [],
    },
  },
];

/** What a look of the service fails with: the words that its log has. */
async function failure(look: Promise<void>): Promise<string> {
  return look.then(
    () => 'it did not fail',
    (error: unknown) => (isGitmendError(error, 'FORGE_FAILED') ? error.message : String(error)),
  );
}

async function policyStatus({ lab }: FaultLab, head: string): Promise<string | undefined> {
  return (await lab.forge.statuses(head)).find(({ context }) => context === 'gitmend/policy')?.state;
}

/** Every case, on either stand-in. */
export const faultCases: readonly FaultCase[] = [...webhookCases, ...answers, ...meanwhile];
