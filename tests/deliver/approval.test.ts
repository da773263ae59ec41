import { describe, expect, it } from 'vitest';
import type { Approval } from '../../src/core/plan.ts';
import { judgeApproval } from '../../src/deliver/approval.ts';
import { readDeclared } from '../../src/deliver/declared.ts';
import { printPlanComment } from '../../src/records/plan-comment.ts';
import { printPlanRecord } from '../../src/records/plan-record.ts';
import { hex, planRecord, resize } from '../records/examples.ts';
import {
  appliedAs,
  before,
  configYaml,
  guestYaml,
  type Merged,
  mergedAs,
  oneApprover,
  treeWith,
  twoApprovers,
} from '../support/deliver-fakes.ts';

async function judge(merged: Merged): Promise<Approval> {
  const { ground, rules, unit } = mergedAs(merged);
  return judgeApproval(ground, rules, unit);
}

const plan = planRecord({ shownAt: before(600), expiresAt: before(-3600) });
const larger = {
  ...resize,
  action: { kind: 'set-guest-config' as const, set: { memory: 4096 } },
  after: { memory: 4096 },
};
const other = (seconds: number) => planRecord({ steps: [larger], shownAt: before(seconds), expiresAt: before(-3600) });
const again = (seconds: number) => ({ ...plan, head: hex('5', 40), shownAt: before(seconds) });
const granted = (...approvedBy: string[]) => ({ approved: true, approvedBy, mergedBy: 'ben' });
const unapproved = (why: string | RegExp) => ({
  approved: false,
  state: 'unapproved',
  why: expect.stringMatching(why) as string,
});
const stopped = (reason: string, why: string | RegExp) => ({
  approved: false,
  state: 'stopped',
  reason,
  why: expect.stringMatching(why) as string,
});

describe('a merge', () => {
  it('approves the plan that was shown for its head', async () => {
    expect(await judge({ plans: [plan] })).toMatchObject({ ...granted('ben'), plan: { actions: plan.actions } });
  });

  it('counts the author of the pull request where one approval is asked', async () => {
    expect(await judge({ plans: [plan], pr: { author: 'ben' } })).toMatchObject(granted('ben'));
  });

  it('counts an account whatever its case, as forges do', async () => {
    expect(await judge({ plans: [plan], pr: { mergedBy: 'BEN' } })).toMatchObject({
      approved: true,
      approvedBy: ['ben'],
    });
  });

  it('by gitmend itself counts where policy leaves it to gitmend; with CI as the runner any job could have done it', async () => {
    const policies = oneApprover.replace('level: approve', 'level: auto');
    const pr = { author: 'gitmend', mergedBy: 'gitmend' };
    const byItself = (gitmend?: string) =>
      judge({ plans: [plan], pr, rules: treeWith({ policies, ...(gitmend === undefined ? {} : { gitmend }) }) });
    expect(await byItself()).toMatchObject({ approved: true, approvedBy: ['gitmend'] });
    expect(await byItself(configYaml.replace('runner: builtin', 'runner: ci'))).toMatchObject(
      unapproved('merged by gitmend, whose approval does not count'),
    );
  });

  it('is none without a pull request', async () => {
    const { ground, rules, unit } = mergedAs({ plans: [plan] });
    delete unit.pullRequest;
    expect(await judgeApproval(ground, rules, unit)).toMatchObject(unapproved('was pushed without a pull request'));
  });

  it.each<[string, Merged, string | RegExp]>([
    ['without a plan', { plans: [] }, 'merged without a plan'],
    ['before its first plan', { plans: [{ ...plan, shownAt: before(-5) }] }, 'merged without a plan'],
    ['without a plan comment', { plans: [plan], comment: null }, 'without a shown plan'],
    ['with a plan comment of somebody else', { plans: [plan], comment: { author: 'ann' } }, 'without a shown plan'],
    ['before its plan was shown', { plans: [plan], comment: { updatedAt: before(-5) } }, 'shown only after the merge'],
    [
      'at a head that was not planned',
      { plans: [plan], pr: { head: hex('7', 40) } },
      'merged at 7777777, and the plan shown was for 1111111',
    ],
    [
      'by somebody who may not approve',
      { plans: [plan], pr: { mergedBy: 'dan' } },
      'merged by dan, whose approval does not count',
    ],
    ['by nobody known', { plans: [plan], pr: { mergedBy: '' } }, 'whose approval does not count'],
    ['by the bot where a person is asked', { plans: [plan], pr: { mergedBy: 'gitmend' } }, 'merged by gitmend'],
    [
      'with a refused plan',
      { plans: [{ ...plan, refusals: [{ refused: true, reason: 'forbidden', message: 'not on Sundays', next: '' }] }] },
      'its plan is refused: not on Sundays',
    ],
  ])('%s is unapproved', async (_, merged, why) => {
    expect(await judge(merged)).toEqual(unapproved(why));
  });

  it.each<[string, Merged, string, string | RegExp]>([
    ['after the plan expired', { plans: [{ ...plan, expiresAt: before(1) }] }, 'expired', 'had expired at'],
    [
      'whose tree is another one',
      { plans: [plan], treeMatches: false },
      'tree-mismatch',
      'not the merge of the approved head',
    ],
    ['with a plan record that cannot be read', { plans: [plan, '{}'] }, 'plan-tampered', 'cannot be trusted'],
    [
      'with the plan of another pull request',
      { plans: [{ ...plan, pullRequest: 41 }] },
      'plan-tampered',
      'the plan of #41',
    ],
    [
      'with a plan record that is not canonical',
      { plans: [plan, printPlanRecord(plan).replace('{', '{ ')] },
      'plan-tampered',
      'canonical',
    ],
    [
      'whose comment shows less than its record binds',
      { plans: [plan], comment: { body: printPlanComment(plan).replace('3072 MiB', '2560 MiB') } },
      'comment-tampered',
      'not what its plan record prints',
    ],
    [
      'whose record was put there behind the comment',
      { plans: [plan, other(590)], comment: { body: printPlanComment(plan) } },
      'plan-tampered',
      'not the one that the comment shows',
    ],
  ])('%s stops with its reason', async (_, merged, reason, why) => {
    expect(await judge(merged)).toMatchObject(stopped(reason, why));
  });

  it('stops where a rule in force forbids what was planned before the rule came', async () => {
    const policies = twoApprovers.replace('approve-2', 'forbidden');
    expect(await judge({ plans: [plan], rules: treeWith({ policies }) })).toMatchObject(stopped('refused', 'forbids'));
  });

  it('approves nothing where no policies are in force', async () => {
    const rules = treeWith({ policies: 'version: 1\n' });
    expect(await judge({ plans: [plan], rules })).toMatchObject(stopped('refused', 'no policies are in force'));
  });
});

describe('a plan that was replaced before the merge', () => {
  it.each<[string, Merged['plans']]>([
    ['by other actions 59 s before', [plan, other(59)]],
    ['by other actions and the same ones again 30 s before', [plan, other(300), { ...plan, shownAt: before(30) }]],
    ['by other actions with yet another head 10 s before', [plan, other(59), { ...other(10), head: hex('5', 40) }]],
  ])('%s stops the run', async (_, plans) => {
    expect(await judge({ plans })).toMatchObject(stopped('plan-replaced', / s before the merge$/));
  });

  it.each<[string, Merged['plans']]>([
    ['other actions that were shown for a minute', [plan, other(60)]],
    ['the same actions for another head a second before', [plan, again(1)]],
    ['the same actions after a longer look at others', [other(900), plan]],
  ])('stands with %s', async (_, plans) => {
    expect(await judge({ plans })).toMatchObject({ approved: true });
  });

  it('is held by the files where there is no action: rules pushed just before the merge stop it', async () => {
    const rulesPlan = { ...planRecord({ steps: [], shownAt: before(600), expiresAt: before(-3600) }) };
    const after = treeWith({ policies: `${twoApprovers}# otherwise\n` });
    const replaced = { ...rulesPlan, head: hex('5', 40), shownAt: before(20) };
    expect(await judge({ plans: [rulesPlan], after })).toMatchObject({ approved: true });
    expect(await judge({ plans: [rulesPlan, replaced], after })).toMatchObject(stopped('plan-replaced', '20 s before'));
  });
});

describe('an import that was planned again just before the merge', () => {
  const first = planRecord({ steps: [], remedy: 'import', shownAt: before(600), expiresAt: before(-3600) });
  const next = { ...first, head: hex('5', 40), shownAt: before(4) };
  const imported = (merged: Partial<Merged> = {}) =>
    judge({ plans: [first, next], ...merged, pr: { author: 'gitmend', ...merged.pr } });
  const replaced = stopped('plan-replaced', '4 s before');
  const newGuest = (carries: string) =>
    guestYaml(1024, '', carries).replace('vmid: 200', 'vmid: 205').replace('name: postgres', 'name: web');

  it('stands: merging either plan takes note of what is there', async () => {
    expect(await imported()).toMatchObject(granted('ben'));
  });

  it.each<[string, Partial<Merged>]>([
    ['with actions now', { plans: [first, { ...plan, remedy: 'import', head: next.head, shownAt: before(4) }] }],
    ['with actions before', { plans: [{ ...plan, remedy: 'import' }, next] }],
    [
      'refused before',
      {
        plans: [{ ...first, refusals: [{ refused: true, reason: 'forbidden', message: 'no', next: '' }] }, next],
      },
    ],
    ['as something else before', { plans: [{ ...first, remedy: 'drift' }, next] }],
    ['of a person, who may call it what they like', { pr: { author: 'ann' } }],
    ['of a fork', { pr: { fork: true } }],
  ])('%s stops', async (_, merged) => {
    expect(await imported(merged)).toMatchObject(replaced);
  });

  it.each<[string, Map<string, string | null>, string?]>([
    ['rules', new Map([['policies/guests.yaml', `${oneApprover}# otherwise\n`]])],
    ['a request', new Map([['operations/01M7VG9A20GGGGGGGGGGGGGGGG.yaml', 'version: 1\n']])],
    ['what only a file says', new Map([['guests/postgres.yaml', guestYaml(3072, '', 'forge')]])],
    ['what only the file of a new guest says', new Map([['guests/web.yaml', newGuest('forge')]])],
    ['a guest less', new Map([['guests/postgres.yaml', null]])],
    ['what hosts are set up from', new Map([['ansible/site.yml', '[]\n']]), `${configYaml}ansible: {}\n`],
  ])('with %s stops, and with another new guest stands', async (_, files, gitmend = configYaml) => {
    const rules = treeWith({ gitmend });
    const after = (more: typeof files) => {
      const all = [...rules.tree, ['guests/web.yaml', newGuest('')] as const, ...more];
      const kept = [...new Map<string, string | null>(all)].flatMap(([path, text]) =>
        text === null ? [] : [[path, text] as const],
      );
      return readDeclared(hex('9', 40), new Map(kept));
    };
    expect(await imported({ rules, after: after(files) })).toMatchObject(replaced);
    expect(await imported({ rules, after: after(new Map()) })).toMatchObject({ approved: true });
  });
});

describe('two approvals', () => {
  const two = treeWith({ policies: twoApprovers });
  const critical = (reviews: Merged['reviews'], merged: Partial<Merged> = {}) =>
    judge({ plans: [plan], rules: two, ...merged, pr: { author: 'cid', ...merged.pr }, ...(reviews && { reviews }) });
  const lacking = (count: number) =>
    unapproved(`it has ${count} of the 2 approvals that the rule \\*guests\\* asks for`);

  it('are a review and the merge of another person', async () => {
    expect(await critical([{ author: 'ann' }])).toMatchObject(granted('ann', 'ben'));
  });

  it('are two reviews where the author merges', async () => {
    const reviews = [{ author: 'ann' }, { author: 'ben' }];
    expect(await critical(reviews, { pr: { mergedBy: 'cid' } })).toMatchObject({
      approved: true,
      approvedBy: ['ann', 'ben'],
    });
  });

  it.each<[string, Merged['reviews'], Partial<Merged>, number]>([
    ['the merge alone', [], {}, 1],
    ['the same person twice', [{ author: 'ben' }, { author: 'Ben' }], {}, 1],
    ['the author and one other', [{ author: 'cid' }], {}, 1],
    ['the author, who merges, and one other', [{ author: 'ann' }], { pr: { mergedBy: 'cid' } }, 1],
    ['a stranger', [{ author: 'dan' }], {}, 1],
    ['a dismissed review', [{ author: 'ann', void: true }], {}, 1],
    ['a comment', [{ author: 'ann', state: 'commented' }], {}, 1],
    [
      'an approval that its author took back',
      [{ author: 'ann' }, { author: 'ann', state: 'changes-requested' }],
      {},
      1,
    ],
    [
      'an approval whose author asked for changes after it, which was dismissed',
      [{ author: 'ann' }, { author: 'ann', state: 'changes-requested', void: true }],
      {},
      1,
    ],
    [
      'two approvals of one person, of which GitHub dismissed the last',
      [{ author: 'ann' }, { author: 'ann', state: 'commented', void: true }],
      {},
      1,
    ],
    ['a review from before the plan was shown', [{ author: 'ann', submittedAt: before(601) }], {}, 1],
    ['a review after the merge', [{ author: 'ann', submittedAt: before(-1) }], {}, 1],
    ['a review of other actions', [{ author: 'ann', submittedAt: before(590) }], { plans: [plan, other(300)] }, 1],
    [
      'a review of the head before, sent when other actions were shown already',
      [{ author: 'ann' }],
      { plans: [plan, { ...other(300), head: hex('5', 40) }] },
      1,
    ],
    ['a review of a commit that was never planned', [{ author: 'ann', commit: hex('7', 40) }], {}, 1],
    [
      'an approval that its author took back on the page of another commit',
      [{ author: 'ann' }, { author: 'ann', state: 'changes-requested', commit: hex('7', 40) }],
      {},
      1,
    ],
  ])('are not %s', async (_, reviews, merged, count) => {
    expect(await critical(reviews, merged)).toEqual(lacking(count));
  });

  it('are a review after one that was dismissed, too', async () => {
    const reviews = [{ author: 'ann', void: true }, { author: 'ann' }];
    expect(await critical(reviews)).toMatchObject(granted('ann', 'ben'));
  });

  it('are not made of two reviews when a stranger merges', async () => {
    const reviews = [{ author: 'ann' }, { author: 'ben' }];
    expect(await critical(reviews, { pr: { mergedBy: 'dan' } })).toEqual(unapproved('merged by dan'));
  });

  it.each([
    ['given before it', before(500)],
    ['sent after it from a page of the head before', before(60)],
  ])('hold over a new head with the same actions: %s', async (_, submittedAt) => {
    const reviews = [{ author: 'ann', submittedAt }];
    expect(await critical(reviews, { plans: [plan, again(100)] })).toMatchObject({ approved: true });
  });

  it('of rules do not hold over other rules, although neither has any action', async () => {
    const steps = planRecord({ steps: [], shownAt: before(600), expiresAt: before(-3600) });
    const after = treeWith({ policies: `${twoApprovers}# otherwise\n` });
    const reviews = [{ author: 'ann', submittedAt: before(500) }];
    const plans = [steps, { ...steps, head: hex('5', 40), shownAt: before(100) }];
    expect(await critical(reviews, { plans, after })).toMatchObject({ approved: false, state: 'unapproved' });
    expect(await critical(reviews, { plans: [steps], after })).toMatchObject({ approved: true });
  });

  it('count a review that follows one for changes', async () => {
    const reviews = [{ author: 'ann', state: 'changes-requested' as const }, { author: 'ann' }];
    expect(await critical(reviews)).toMatchObject({ approved: true });
  });

  const policies = `version: 1
rules:
  - { name: critical, when: { step: resize-guest, target: { tags: [critical] } }, level: approve-2 }
  - { name: guests, when: { step: resize-guest }, level: approve }
`;
  const byTag = unapproved('it has 1 of the 2 approvals that the rule \\*critical\\* asks for');

  it.each([
    ['before the merge', 'critical', ''],
    ['after the merge', '', 'critical'],
  ])('are asked where only what is declared %s carries the tag that asks for them', async (_, base, head) => {
    const rules = treeWith({ policies, tags: base });
    const after = treeWith({ policies, tags: head, memory: 3072 });
    expect(await judge({ plans: [plan], rules, after, pr: { author: 'cid' } })).toEqual(byTag);
  });

  it('are asked where somebody pushed the tag away that asks for them', async () => {
    const merged = { plans: [plan], rules: treeWith({ policies }), after: treeWith({ policies, memory: 3072 }) };
    const applied = appliedAs(treeWith({ policies, tags: 'critical' }));
    expect(await judge({ ...merged, applied, pr: { author: 'cid' } })).toEqual(byTag);
    expect(await judge({ ...merged, pr: { author: 'cid' } })).toMatchObject({ approved: true });
  });

  it('are counted only of people whom the rule names', async () => {
    const policies = twoApprovers.replace('level: approve-2', 'level: approve, by: [ann]');
    const rules = treeWith({ policies });
    expect(await critical([], { rules })).toMatchObject({ approved: false });
    expect(await critical([{ author: 'ann' }], { rules })).toMatchObject({ approved: true, approvedBy: ['ann'] });
  });
});
