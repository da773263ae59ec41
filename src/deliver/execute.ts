import { isoTime } from '../core/clock.ts';
import { correlationIn } from '../core/correlation.ts';
import { type ErrorCode, type GitmendError, isGitmendError } from '../core/errors.ts';
import type { StopReason } from '../core/outcome.ts';
import type { PlanRecord } from '../core/plan.ts';
import { type JournalEntry, runId } from '../core/run.ts';
import { isHalfSeen, isPartlyUnseen, isTraceless, type Step, touchesOf } from '../core/step.ts';
import { parseGuestTarget, printStackTarget } from '../core/target.ts';
import type { Journal } from '../ledger/journal.ts';
import { acquireLocks, releaseLocks } from '../ledger/locks.ts';
import { holderOf } from '../ledger/holder.ts';
import type { Observed } from '../appliers/applier.ts';
import { type Recompute, refusedOr } from './again.ts';
import { entriesOf } from './entries.ts';
import { append, begin, type Doubt, doubtOf } from './own-journal.ts';
import type { World } from './world.ts';

/** Where a run stands after it was given its turn. */
export type Progress =
  /** Every step is done; the journal says from when until when it is verified. */
  | { state: 'applied'; journal: Journal }
  | { state: 'stopped'; journal: Journal | undefined; reason: StopReason; why: string }
  /** An effect may have happened, or only some of the steps did: a person must look. */
  | { state: 'unknown'; journal: Journal; why: string }
  /** Nothing is lost; the next pass goes on. */
  | { state: 'waiting'; why: string }
  /** Since the truth was read others wrote: it is read again before anything is done. */
  | { state: 'moved' };

/** Fetches, and says whether records, pointer and this journal are still those that the truth was read from. */
export type StillSo = () => Promise<boolean>;

/**
 * Runs an approved plan, or goes on with it: locks, is the truth still so?, journal, the same steps again?, each effect
 * once. Every intent is durable before its effect. Whatever a journal claims is observed on the target first.
 */
export async function executeRun(
  world: World,
  merge: string,
  plan: PlanRecord,
  journal: Journal | undefined,
  { recompute, stillSo, notes }: { recompute: Recompute; stillSo: StillSo; notes?: () => Promise<string[]> },
): Promise<Progress> {
  const run = runId(merge, plan.actions);
  const at = world.clock.now();
  const holder = holderOf(world.machine, run, isoTime(at));
  const targets = plan.steps.flatMap((step) => [
    step.target,
    ...(step.action.kind === 'apply-terraform' ? [printStackTarget(step.action.stack)] : []),
    ...(touchesOf(step)?.guests ?? []),
  ]);
  const acquired = await acquireLocks(world.repo, targets, holder, world.machine, at);
  if (!acquired.ok) return { state: 'waiting', why: acquired.why };
  try {
    // Between the reading and the lock another runner may have ended this very run, and a later one after it.
    if (!(await stillSo())) return { state: 'moved' };
    const resolved = journal === undefined && (await hasResolved(world, plan));
    const begun = {
      kind: 'begun',
      run,
      merge,
      pullRequest: plan.pullRequest,
      actions: plan.actions,
      writer: holder,
      ...(resolved ? { alert: 'resolved' as const } : {}),
      at: isoTime(at),
    } as const;
    const own = journal ?? (await begin(world, begun, at));
    if (own === undefined) return { state: 'waiting', why: `another runner began run ${run.slice(0, 7)}` };
    return await runSteps(world, plan, own, { recompute, notes });
  } finally {
    await releaseLocks(world.repo, acquired.locks);
  }
}

/** Whether the alert that this answers has resolved by itself already. One that cannot be asked about has not. */
async function hasResolved(world: World, { verification: { signal } }: PlanRecord): Promise<boolean> {
  return signal !== undefined && (await world.signalState(signal)).state === 'resolved';
}

interface Asked {
  recompute: Recompute;
  /** What there is to say once every step is done, before anything is verified. */
  notes: (() => Promise<string[]>) | undefined;
}

async function runSteps(
  world: World,
  plan: PlanRecord,
  journal: Journal,
  { recompute, notes }: Asked,
): Promise<Progress> {
  let now = journal;
  for (let attempt = 0; attempt < 3; attempt += 1) {
    const done = entriesOf(now, 'applied').flatMap(({ index }) => plan.steps[index] ?? []);
    const doubt = await doubtOf(world, plan, now, done);
    if (doubt !== undefined) return distrust(now, doubt);
    const again = await refusedOr(recompute);
    if (!again.same) return stopShort(world, plan, now, again);
    const result = await runOnce(world, plan, now, notes);
    if (result.state !== 'again') return result;
    now = result.journal;
  }
  return { state: 'waiting', why: 'the configuration kept changing while it was to be written' };
}

/** A forged journal over an untouched target is no run at all; where something may have been changed a person must look. */
function distrust(journal: Journal, { why, touched }: Doubt): Progress {
  return touched ? { state: 'unknown', journal, why } : { state: 'stopped', journal, reason: 'journal-tampered', why };
}

/**
 * The steps are no longer the approved ones. A write that was begun and never journaled as done is looked at first:
 * what happened counts, and what is neither done nor undone is for a person, not “nothing was touched”.
 */
async function stopShort(
  world: World,
  plan: PlanRecord,
  journal: Journal,
  { reason, why }: { reason: StopReason; why: string },
): Promise<Progress> {
  let now = journal;
  for (const [index, step] of plan.steps.entries()) {
    if (triedTimes(now, index) === 0 || entriesOf(now, 'applied').some((entry) => entry.index === index)) continue;
    const seen = await world.applier(step.applier).observe(step);
    if (seen.state === 'unknown') return unknown(now, seen);
    if (seen.state === 'not-done') continue;
    const turn = await applied(world, now, index, 'observed', 0);
    if (turn.state !== 'applied') return turn;
    now = turn.journal;
  }
  return partly(plan, now, reason, why);
}

type Turn = Progress | { state: 'again'; journal: Journal };

async function runOnce(world: World, plan: PlanRecord, journal: Journal, notes: Asked['notes']): Promise<Turn> {
  let now = journal;
  for (const [index, step] of plan.steps.entries()) {
    if (entriesOf(now, 'applied').some((entry) => entry.index === index)) continue;
    const turn = await runStep(world, plan, now, index, step);
    if (turn.state !== 'applied') return turn;
    now = turn.journal;
  }
  if (entriesOf(now, 'verifying').length > 0) return { state: 'applied', journal: now };
  const said = (await notes?.()) ?? [];
  const from = world.clock.now();
  const window = plan.steps.length === 0 ? 0 : plan.verification.window;
  return written(world, now, {
    kind: 'verifying',
    from: isoTime(from),
    until: isoTime(from + window * 1000),
    ...(said.length === 0 ? {} : { notes: said }),
    at: isoTime(from),
  });
}

async function runStep(world: World, plan: PlanRecord, journal: Journal, index: number, step: Step): Promise<Turn> {
  const applier = world.applier(step.applier);
  const seen = await applier.observe(step);
  const tried = triedTimes(journal, index);
  if (seen.state === 'done') {
    if (tried > 0 && isHalfSeen(step)) return unknown(journal, { ...seen, saw: halfWords(step, seen) });
    if (isPartlyUnseen(step)) return partly(plan, journal, 'stale', halfWords(step, seen));
    return applied(world, journal, index, 'observed', 0);
  }
  if (seen.state === 'unknown') return tried > 0 ? unknown(journal, seen) : partly(plan, journal, 'stale', seen.saw);
  // A reboot leaves no trace that tells a second one from the first: never sent twice.
  if (tried > 0 && isTraceless(step)) return unknown(journal, { ...seen, saw: `${tracelessWords(step)}: ${seen.saw}` });
  if (tried >= 3)
    return {
      state: 'unknown',
      journal,
      why: `step ${index + 1} was tried ${tried} times and is not done: ${seen.saw}`,
    };
  const live = seen.live;
  if (live?.lock !== undefined)
    return { state: 'waiting', why: `${step.name} is locked on ${live.node} (${live.lock})` };
  // What the dry run would refuse now (the host filled up, the guest uses what would be taken) is not tried.
  const preview = await applier.preview(step);
  if (!preview.accepted) return partly(plan, journal, 'refused', preview.notes.join(', '));
  const intended = await append(world, journal, { kind: 'intended', index, at: isoTime(world.clock.now()) });
  if (intended === undefined) return { state: 'waiting', why: 'another runner wrote the journal' };
  const started = world.clock.now();
  try {
    const effect = await applier.apply(step, {
      ...{ run: journal.run, index },
      ...(live === undefined ? {} : { live }),
    });
    world.log('applied', { ...correlationIn(plan.verification.signal), run: journal.run, target: step.target, effect });
    return await applied(world, intended, index, effect, world.clock.now() - started);
  } catch (error) {
    if (!isGitmendError(error)) throw error;
    return afterError(world, plan, intended, index, step, error);
  }
}

/** After any error the target is looked at before anything is decided. An error here leaves the journal as it is. */
async function afterError(
  world: World,
  plan: PlanRecord,
  journal: Journal,
  index: number,
  step: Step,
  error: GitmendError,
): Promise<Turn> {
  world.log('effect-failed', { run: journal.run, target: step.target, code: error.code, message: error.message });
  const why = error.message.slice(0, 300);
  const unsent = error.details['maybeWritten'] === false;
  if (unsent && (error.code === 'PVE_CONFLICT' || error.code === 'PVE_LOCKED')) {
    const withdrawn = await withdraw(world, journal, index, why);
    if (error.code === 'PVE_LOCKED' || withdrawn === undefined) return { state: 'waiting', why: error.message };
    return { state: 'again', journal: withdrawn };
  }
  if (beforeEffect.includes(error.code)) {
    const withdrawn = await withdraw(world, journal, index, why);
    if (error.code === 'TERRAFORM_PLAN_CHANGED' && withdrawn !== undefined)
      return partly(plan, withdrawn, 'stale', why);
    return { state: 'waiting', why: `${error.code}: ${why}` };
  }
  // A guest is looked at where it is. Of anything else a plan knows what its state has, and would do the rest once more.
  if (error.details['stateLost'] === true && parseGuestTarget(step.target) === undefined)
    return { state: 'unknown', journal, why: `${why}; what was done is not in the state, so no plan can tell` };
  const applier = world.applier(step.applier);
  let seen = await applier.observe(step);
  if (seen.state === 'done' && isHalfSeen(step))
    return unknown(journal, { ...seen, saw: `${error.message}; ${halfWords(step, seen)}` });
  if (seen.state === 'done') return applied(world, journal, index, `observed after ${error.code}`, 0);
  // A refusal may have written part of it; what is ours and pending is taken back.
  await applier.revertPending(step);
  seen = await applier.observe(step);
  // What is seen now does not say what went wrong.
  if (seen.state === 'unknown') return unknown(journal, { ...seen, saw: `${seen.saw}, after ${error.message}` });
  // What it did beside what can be seen is for a person.
  if (isPartlyUnseen(step)) return unknown(journal, { ...seen, saw: `${error.message}; ${seen.saw}` });
  // A task that failed is over, and so is a refusal: nothing more can come of either.
  const over = error.code === 'PVE_REFUSED' || error.code === 'PVE_TASK_FAILED';
  // A program that was ended may have left a task behind that is still at work.
  const maybe = error.details['maybeWritten'] === true || endedByForce.includes(error.code);
  if (maybe && !over) return { state: 'waiting', why: `${error.message}; it was not done, and is observed again` };
  return partly(plan, journal, 'refused', error.message);
}

/** A program that was ended on its way. */
const endedByForce: readonly ErrorCode[] = ['TERRAFORM_KILLED', 'ANSIBLE_KILLED', 'ANSIBLE_TIMEOUT'];

/** Takes an intent back: nothing was sent for it. `undefined` where somebody else wrote to the journal meanwhile. */
async function withdraw(world: World, journal: Journal, index: number, why: string): Promise<Journal | undefined> {
  return append(world, journal, { kind: 'withdrawn', index, why, at: isoTime(world.clock.now()) });
}

/** Terraform, or Ansible, was kept from its work before it sent anything: it plans, and takes the state's lock, before it applies. */
const beforeEffect: readonly ErrorCode[] = [
  ...(['ANSIBLE_MISSING', 'ANSIBLE_TOO_OLD', 'ANSIBLE_REFUSED', 'ANSIBLE_VAULT_PASSWORD'] as const),
  ...(['ANSIBLE_HOST_KEYS_MISSING', 'ENV_MISSING'] as const),
  ...(['TERRAFORM_MISSING', 'TERRAFORM_TOO_OLD', 'TERRAFORM_PROVIDER_MISSING', 'TERRAFORM_LOCKED'] as const),
  ...(['TERRAFORM_STATE_CHANGED', 'TERRAFORM_PLAN_CHANGED', 'TERRAFORM_PLAN_UNREADABLE'] as const),
  'TERRAFORM_STATE_UNREADABLE',
];

/** How often a step may have been sent: intents, less those that were taken back. */
function triedTimes(journal: Journal, index: number): number {
  const of = (kind: 'intended' | 'withdrawn') =>
    entriesOf(journal, kind).filter((entry) => entry.index === index).length;
  return of('intended') - of('withdrawn');
}

/** What the check cannot say, beside what it says. */
function halfWords({ name }: Step, { saw }: Observed): string {
  return `${saw}, but not whether all of ${name} ran: handlers, what runs because of a change, and what nobody can predict leave nothing to see`;
}

function tracelessWords({ action, name }: Step): string {
  return action.kind === 'reboot-guest' ? 'a reboot may be under way' : `${name} may have run, and nothing can tell`;
}

/** A stop after some effects is not "not applied": a person must look at the rest. */
function partly(plan: PlanRecord, journal: Journal, reason: StopReason, why: string): Progress {
  const done = entriesOf(journal, 'applied').length;
  if (done === 0) return { state: 'stopped', journal, reason, why };
  return { state: 'unknown', journal, why: `${done} of ${plan.steps.length} steps were applied, then: ${why}` };
}

function unknown(journal: Journal, seen: Observed): Progress {
  return { state: 'unknown', journal, why: seen.saw };
}

async function applied(world: World, journal: Journal, index: number, effect: string, took: number): Promise<Progress> {
  return written(world, journal, { kind: 'applied', index, effect, took, at: isoTime(world.clock.now()) });
}

async function written(world: World, journal: Journal, entry: JournalEntry): Promise<Progress> {
  const next = await append(world, journal, entry);
  return next === undefined
    ? { state: 'waiting', why: 'another runner wrote the journal' }
    : { state: 'applied', journal: next };
}
