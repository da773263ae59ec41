import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isoTime } from '../../src/core/clock.ts';
import type { PlanRecord } from '../../src/core/plan.ts';
import { type JournalEntry, type RunRecord, runId } from '../../src/core/run.ts';
import { actionsDigest } from '../../src/core/step.ts';
import { readTruth } from '../../src/deliver/truth.ts';
import { emptyTree } from '../../src/git/repository.ts';
import { holderOf } from '../../src/ledger/holder.ts';
import { appendRecord, recordsRef } from '../../src/ledger/records.ts';
import { printJournalEntry } from '../../src/records/journal.ts';
import { printPlanComment } from '../../src/records/plan-comment.ts';
import { parsePlanRecord, printPlanRecord } from '../../src/records/plan-record.ts';
import { computer } from '../support/machines.ts';
import { type DeliverLab, deliverLab, type Files, set, shortWindow } from '../support/deliver-lab.ts';

const more = { 'guests/postgres.yaml': set('memory', 3072) };
const mallorys: Files = { 'gitmend.yaml': (text) => text.replace(/^approvers: .*$/m, 'approvers: [mallory]') };

describe('what somebody who may push writes', () => {
  let lab: DeliverLab;
  beforeEach(async () => {
    lab = await deliverLab({ begin: shortWindow });
    await readTruth(lab.write);
    await readTruth(lab.read);
  });
  afterEach(async () => expect(await lab.close()).toEqual([]));

  /** A pull request that is planned, seen and merged. */
  async function merged(branch: string, files: Files, by?: string): Promise<number> {
    const number = await lab.propose(branch, files);
    await lab.plan();
    lab.clock.advance(120_000);
    await lab.merge(number, by === undefined ? {} : { by });
    return number;
  }

  async function planOf(number: number): Promise<{ ref: string; tip: string; plan: PlanRecord }> {
    const ref = `refs/gitmend/plans/${number}`;
    await lab.pusher.fetch();
    const tip = (await lab.pusher.tip(ref)) ?? '';
    const read = parsePlanRecord((await lab.pusher.tree(tip)).get('plan.json') ?? '');
    if (!read.ok) throw new Error(`#${number} has no plan`);
    return { ref, tip, plan: read.value };
  }

  /** A journal as a runner would have written it, with more behind it. */
  async function forgeJournal(number: number, ...rest: JournalEntry[]): Promise<void> {
    const { plan } = await planOf(number);
    const { mergeCommit: merge = '' } = await lab.lab.forge.pullRequest(number);
    const [run, now] = [runId(merge, plan.actions), lab.clock.now()];
    const at = isoTime(now);
    const writer = holderOf(computer('elsewhere').process(), run, at);
    const window = plan.steps.length === 0 ? 0 : plan.verification.window * 1000;
    const entries: JournalEntry[] = [
      { kind: 'begun', run, merge, pullRequest: number, actions: plan.actions, writer, at },
      ...plan.steps.map((_, index): JournalEntry => ({ kind: 'applied', index, effect: 'f00d', took: 1, at })),
      { kind: 'verifying', from: at, until: isoTime(now + window), at },
      ...rest,
    ];
    let tip: string | undefined;
    for (const entry of entries) {
      const parents = tip === undefined ? [] : [tip];
      tip = await lab.pusher.commit({ tree: emptyTree, parents, message: printJournalEntry(entry), at: now });
    }
    expect(await lab.pusher.push([{ ref: `refs/gitmend/runs/${run}`, from: null, to: tip ?? '' }])).toBe(true);
  }

  async function forgeRecord(record: Partial<RunRecord>): Promise<void> {
    await lab.pusher.fetch();
    const whole: RunRecord = {
      version: 1,
      run: 'f'.repeat(40),
      outcome: 'verified',
      at: isoTime(lab.clock.now()),
      ...record,
    };
    expect((await appendRecord(lab.pusher, whole, { at: lab.clock.now() })).added).toBe(true);
  }

  it('as a record puts no rules in force that nobody merged', async () => {
    const merge = await lab.push('main', mallorys, 'a quiet change');
    await forgeRecord({ applied: { merge, fields: {}, rules: true } });
    const number = await merged('mine', { 'guests/nextcloud.yaml': set('memory', 8192) }, 'mallory').catch(() => 0);
    await expect(lab.pass()).rejects.toThrow(/RECORDS_TAMPERED|no pull request of that number brought it/);
    expect([number, lab.writes()]).toEqual([0, 0]);
  });

  it('as a record puts no rules in force that were merged by somebody who does not approve', async () => {
    const number = await merged('rules', mallorys, 'mallory');
    const { mergeCommit: merge = '', head, title } = await lab.lab.forge.pullRequest(number);
    const pullRequest = { number, head, merge, approvedBy: ['mallory'], mergedBy: 'mallory', title };
    await forgeRecord({ pullRequest, applied: { merge, fields: {}, rules: true } });
    await expect(lab.pass()).rejects.toThrow(/which mallory merged, whose approval did not count/);
  });

  it('as a record adopts the repository no second time', async () => {
    const merge = await lab.push('main', mallorys, 'a quiet change');
    await forgeRecord({ outcome: 'adopted', applied: { merge, fields: {}, rules: true } });
    await expect(lab.pass()).rejects.toThrow(/adopts the repository again, which happens once/);
  });

  it('as records that are fewer than before is noticed by the runner', async () => {
    await merged('more', more);
    await lab.run();
    await lab.pusher.fetch();
    const tip = (await lab.pusher.tip(recordsRef)) ?? '';
    const [before = ''] = await lab.pusher.parents(tip);
    await lab.pusher.push([{ ref: recordsRef, from: tip, to: before }]);
    await expect(lab.pass()).rejects.toThrow(/the last record seen here .* is no longer in the chain/);
  });

  it('as a journal brings nobody’s rules into force', async () => {
    const number = await merged('rules', mallorys, 'mallory');
    await forgeJournal(number);
    const truth = await readTruth(lab.write);
    expect(truth.rules.config?.approvers).toEqual(['maintainer']);
    expect(truth.units.map(({ approval }) => approval.approved)).toEqual([false]);
  });

  it.each([
    ['that claims the effect', () => []],
    ['that claims a look, too', (at: string) => [look(at)]],
  ])('as a journal %s is named, and nothing is applied', async (_, rest) => {
    const number = await merged('more', more);
    await forgeJournal(number, ...rest(isoTime(lab.clock.now())));
    await lab.run();
    const why = expect.stringMatching(/the journal claims that postgres was changed, and it is as before/) as string;
    const ending = { outcome: 'not-applied', reason: 'journal-tampered', message: why, steps: [] };
    expect(await lab.record(number)).toMatchObject(ending);
    expect([lab.writes(), lab.live(200)]).toEqual([0, 2048]);
  });

  it.each([
    ['a look that is yet to come', look('2099-01-01T00:00:00Z'), /its entry look is dated 2099/],
    [
      'another window than the plan’s',
      { kind: 'verifying', from: '2026-11-20T03:00:00Z', until: '2099-01-01T00:00:00Z', at: '2026-11-20T03:00:00Z' },
      undefined,
    ],
  ] as const)('as a journal with %s lets nothing wait for it', async (_, entry, words) => {
    const number = await merged('more', more);
    await forgeJournal(number, entry);
    await lab.run();
    expect(await lab.record(number)).toMatchObject({ outcome: 'not-applied', reason: 'journal-tampered' });
    if (words !== undefined) expect((await lab.record(number))?.message).toMatch(words);
    expect(lab.writes()).toBe(0);
  });

  it('behind a journal of ours is a question to a person, because the effect is there', async () => {
    const number = await merged('more', more);
    await lab.pass();
    await lab.pusher.fetch();
    const [[ref, tip] = ['', '']] = await lab.pusher.refs('refs/gitmend/runs');
    const message = printJournalEntry(look('2099-01-01T00:00:00Z'));
    const to = await lab.pusher.commit({ tree: emptyTree, parents: [tip], message, at: lab.clock.now() });
    await lab.pusher.push([{ ref, from: tip, to }]);
    await lab.run();
    expect(await lab.record(number)).toMatchObject({ outcome: 'unknown', steps: [{ after: { memory: 3072 } }] });
  });

  it('as plan and comment together is not what is computed again, so nothing of it is applied', async () => {
    const number = await lab.propose('more', more);
    await lab.plan();
    const { ref, tip, plan } = await planOf(number);
    const steps = plan.steps.map((step) => ({
      ...step,
      action: { kind: 'set-guest-config' as const, set: { memory: 16_384 } },
      after: { memory: 16_384 },
      changes: step.changes.map((change) => ({ ...change, after: 16_384 })),
    }));
    const forged: PlanRecord = { ...plan, steps, actions: actionsDigest(steps) };
    const tree = await lab.pusher.writeTree(undefined, new Map([['plan.json', printPlanRecord(forged)]]));
    // In the place of the shown one, not behind it: otherwise it would be a plan that was replaced.
    const parents = await lab.pusher.parents(tip);
    const to = await lab.pusher.commit({ tree, parents, message: 'plan\n', at: lab.clock.now() });
    await lab.pusher.push([{ ref, from: tip, to }]);
    const bot = await lab.as('gitmend');
    const comment = (await lab.comments(number)).find(({ body }) => body.includes('<!-- gitmend:plan -->'));
    await bot.editComment(number, comment?.id ?? '', printPlanComment(forged));
    lab.clock.advance(120_000);
    await lab.merge(number);
    await lab.run();
    expect(await lab.record(number)).toMatchObject({ outcome: 'not-applied', reason: 'stale', steps: [] });
    expect([lab.writes(), lab.live(200)]).toEqual([0, 2048]);
  });
});

describe('a person who takes the change back before it was looked at', () => {
  it('is seen as that: not verified, with the step that was done', async () => {
    const lab = await deliverLab({ begin: shortWindow });
    try {
      const number = await lab.propose('more', more);
      await lab.plan();
      lab.clock.advance(120_000);
      await lab.merge(number);
      await lab.pass();
      expect(lab.live(200)).toBe(3072);
      lab.setLive(200, { memory: 2048 });
      await lab.run();
      expect(await lab.record(number)).toMatchObject({ outcome: 'not-verified', steps: [{ after: { memory: 3072 } }] });
    } finally {
      expect(await lab.close()).toEqual([]);
    }
  });
});

function look(at: string): JournalEntry {
  return { kind: 'look', state: 'holds', why: 'all is well', observed: {}, at };
}
