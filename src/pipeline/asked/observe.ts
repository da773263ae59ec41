import { isoTime } from '../../core/clock.ts';
import type { PlanRecord, SignalReference } from '../../core/plan.ts';
import { runId } from '../../core/run.ts';
import { parseGuestTarget } from '../../core/target.ts';
import { entriesOf } from '../../deliver/entries.ts';
import type { Truth } from '../../deliver/truth.ts';
import { type Look, lookNow } from '../../deliver/verify.ts';
import type { World } from '../../deliver/world.ts';
import { recordsRef } from '../../ledger/records.ts';
import { parsePlanRecord } from '../../records/plan-record.ts';

/** What was merged, by its pull request; `since`: when its apply ended (ISO 8601 UTC), absent where it is not applied. */
interface Merged {
  plan: PlanRecord;
  since?: string;
}

/**
 * Looks at the guests that a merged pull request is about, as its verification does, and says what is seen: reads only, and
 * notes nothing in the run's journal. What takes credentials of the runner's is left to it.
 */
export async function observe(world: World, truth: Truth, number: number): Promise<string> {
  const merged = waitingOne(truth, number) ?? (await endedOne(world, truth, number));
  if (merged === undefined) return 'not looked at: there is no plan of it any more';
  const { plan, since } = merged;
  const steps = plan.steps.filter(
    ({ kind, target }) => kind !== 'run-playbook' && parseGuestTarget(target) !== undefined,
  );
  if (steps.length === 0) return 'not looked at: what it is about is no guest, and only its run reads that';
  const at = isoTime(world.clock.now());
  const { look } = await lookNow(world, { ...plan, steps }, { appliedAt: since ?? at, at, checksNow: false });
  const left = steps.length < plan.steps.length ? '; of its guests alone' : '';
  const begun = since === undefined ? 'not applied yet; ' : '';
  return `${begun}${seenWords[look.state]}: ${look.why}${left}${await alertWords(world, plan.verification.signal)}`;
}

const seenWords: { readonly [state in Look['state']]: string } = {
  holds: 'it is as it should be',
  fails: 'it is not as it should be',
  'cannot-tell': 'it cannot be told',
};

async function alertWords(world: World, signal: SignalReference | undefined): Promise<string> {
  if (signal === undefined) return '';
  const { state } = await world.signalState(signal);
  if (state === 'not-observed') return '';
  if (state === 'unknown') return '; Alertmanager does not answer';
  return state === 'firing' ? '; its alert fires' : '; its alert does not fire';
}

function waitingOne(truth: Truth, number: number): Merged | undefined {
  const unit = truth.units.find(({ pullRequest }) => pullRequest?.number === number);
  if (unit?.approval.approved !== true) return undefined;
  const { plan } = unit.approval;
  const journal = truth.journals.find(({ run }) => run === runId(unit.to, plan.actions));
  const window = journal === undefined ? undefined : entriesOf(journal, 'verifying')[0];
  return { plan, ...(window === undefined ? {} : { since: window.from }) };
}

/** The plan that was folded into the record of its run; a person's word and a regression are records without one. */
async function endedOne({ repo }: World, truth: Truth, number: number): Promise<Merged | undefined> {
  const own = truth.records.filter(({ record }) => record.pullRequest?.number === number).reverse();
  const tree = own.length === 0 ? undefined : await repo.tree(recordsRef);
  for (const { path, record } of own) {
    const plan = parsePlanRecord(tree?.get(path.replace(/yaml$/, 'plan.json')) ?? '');
    if (!plan.ok) continue;
    const applied = record.steps?.at(-1)?.at;
    return { plan: plan.value, ...(applied === undefined ? {} : { since: applied }) };
  }
  return undefined;
}
