import { describe, expect, it } from 'vitest';
import type { PullRequest, Review } from '../../../src/forges/forge.ts';
import { standingOf, type StandingInput } from '../../../src/web/view/merging.ts';
import { hex, oneApproval, planRecord, waits } from '../../records/examples.ts';

const pr: PullRequest = {
  number: 42,
  title: 'postgres: memory 2048 → 3072 MiB',
  body: '',
  author: 'gitmend',
  branch: 'gitmend/resize-guest/postgres-3f9c1a',
  base: 'main',
  head: hex('1', 40),
  state: 'open',
  createdAt: '2026-11-20T03:34:00Z',
  updatedAt: '2026-11-20T03:34:00Z',
  fork: false,
};

const approval: Review = {
  id: '1',
  author: 'ann',
  state: 'approved',
  void: false,
  commit: pr.head,
  submittedAt: '2026-11-20T03:36:00Z',
};
const two = { ...oneApproval, rule: 'critical', needs: 2, eligible: ['ann', 'ben', 'maintainer'] };

function standing(changes: Partial<StandingInput> = {}) {
  return standingOf({
    pr,
    plan: planRecord(),
    earlier: [],
    waiting: undefined,
    reviews: [],
    viewer: { name: 'maintainer', role: 'approver' },
    approvers: ['maintainer', 'ann', 'ben'],
    now: Date.parse('2026-11-20T03:40:00Z'),
    ...changes,
  });
}

const why = (may: { may: true } | { may: false; why: string }) => (may.may ? '' : may.why);

describe('what a person may do with a pull request', () => {
  it('is to merge or approve what is shown, where the rule counts them', () => {
    expect(standing()).toEqual({ approve: { may: true }, merge: { may: true }, counted: [], needs: 1 });
  });

  it('does not mind how a name is written', () => {
    expect(standing({ viewer: { name: 'Maintainer', role: 'approver' } }).merge.may).toBe(true);
  });

  it.each<[string, Partial<StandingInput>, RegExp]>([
    ['a reader', { viewer: { name: 'maintainer', role: 'reader' } }, /does not count here/],
    ['a stranger', { viewer: { name: 'eve', role: 'approver' } }, /does not count here/],
    ['what is merged', { pr: { ...pr, state: 'merged' } }, /it is merged/],
    ['what waits', { waiting: '#41 changes the same target' }, /it waits: #41/],
    ['a plan of another head', { plan: planRecord({ head: hex('f', 40) }) }, /moved/],
    [
      'a refused plan',
      { plan: planRecord({ refusals: [{ refused: true, reason: 'no-rule', message: 'no rule decides', next: '' }] }) },
      /would apply nothing: no rule decides/,
    ],
    ['an expired plan', { now: Date.parse('2026-11-22T00:00:00Z') }, /expired/],
  ])('is nothing with %s', (_, changes, words) => {
    const { merge, approve } = standing(changes);
    expect(why(merge)).toMatch(words);
    expect(why(approve)).toMatch(words);
  });

  it('is nothing without a plan', () => {
    expect(why(standing({ plan: undefined }).merge)).toMatch(/no plan yet/);
  });

  it('is not to merge what Proxmox VE would refuse', () => {
    expect(
      why(standing({ plan: planRecord({ preview: { accepted: false, notes: ['locked: backup'] } }) }).merge),
    ).toMatch(/would refuse it now: locked: backup/);
  });

  it('is not to merge a plan that replaced another one less than a minute ago', () => {
    const plan = planRecord({ shownAt: '2026-11-20T03:39:40Z' });
    const earlier = [planRecord({ steps: [waits] }), plan];
    expect(why(standing({ plan, earlier }).merge)).toMatch(/merge in 40 s/);
    expect(standing({ plan, earlier, now: Date.parse('2026-11-20T03:40:41Z') }).merge.may).toBe(true);
  });

  it('is to merge a plan that was only made anew with the same actions', () => {
    const plan = planRecord({ shownAt: '2026-11-20T03:39:59Z' });
    expect(standing({ plan, earlier: [planRecord(), plan] }).merge.may).toBe(true);
  });
});

describe('a rule that asks for two people', () => {
  const plan = planRecord({ policy: two });

  it('lets nobody merge alone', () => {
    expect(why(standing({ plan }).merge)).toMatch(/asks for 2 approvals, and 1 is missing/);
    expect(standing({ plan }).approve.may).toBe(true);
  });

  it('lets the second one merge, because merging counts as one', () => {
    const { merge, counted } = standing({ plan, reviews: [approval] });
    expect(merge.may).toBe(true);
    expect(counted).toEqual(['ann']);
  });

  it.each([
    ['dismissed', { ...approval, void: true }],
    ['of a stranger', { ...approval, author: 'eve' }],
    ['given before the plan was shown', { ...approval, submittedAt: '2026-11-20T03:00:00Z' }],
    ['of another head', { ...approval, commit: hex('7', 40) }],
    ['only a look', { ...approval, state: 'commented' as const }],
  ])('does not count an approval that is %s', (_, review) => {
    expect(standing({ plan, reviews: [review] }).merge.may).toBe(false);
  });

  it('does not count the same person twice', () => {
    expect(standing({ plan, reviews: [approval], viewer: { name: 'ann', role: 'approver' } }).merge.may).toBe(false);
  });

  it('lets an author merge what two others approved', () => {
    const reviews = [approval, { ...approval, author: 'ben' }];
    const policy = { ...two, eligible: ['ann', 'ben'] };
    expect(standing({ plan: planRecord({ policy }), reviews, pr: { ...pr, author: 'maintainer' } }).merge.may).toBe(
      true,
    );
  });
});

describe('approving', () => {
  it('is for others than the author', () => {
    expect(why(standing({ pr: { ...pr, author: 'maintainer' } }).approve)).toMatch(/it is your own/);
  });

  it('is once enough', () => {
    expect(why(standing({ reviews: [{ ...approval, author: 'maintainer' }] }).approve)).toBe('you approved this');
  });

  it('is open again for a new head', () => {
    const review = { ...approval, author: 'maintainer', commit: hex('0', 40) };
    expect(standing({ reviews: [review] }).approve.may).toBe(true);
  });

  it('is for those whom the rule counts', () => {
    expect(why(standing({ viewer: { name: 'ann', role: 'approver' } }).approve)).toMatch(
      /the rule guests counts maintainer/,
    );
  });
});
