import type { PlanRecord } from '../core/plan.ts';
import type { JournalEntry } from '../core/run.ts';
import type { Step } from '../core/step.ts';
import { isGitmendError } from '../core/errors.ts';
import type { Observed } from '../appliers/applier.ts';
import { appendJournal, beginJournal, type Journal } from '../ledger/journal.ts';
import { entriesOf } from './entries.ts';
import type { World } from './world.ts';

/** Milliseconds that the clocks of two machines may differ. */
const skew = 5 * 60_000;

/** Begins a journal of this machine; `undefined` where another runner was quicker. */
export async function begin(
  world: World,
  entry: JournalEntry & { kind: 'begun' },
  at: number,
): Promise<Journal | undefined> {
  return noted(world, await beginJournal(world.repo, entry, at));
}

/** Adds one transition, durably; `undefined` when somebody else wrote. */
export async function append(world: World, journal: Journal, entry: JournalEntry): Promise<Journal | undefined> {
  return noted(world, await appendJournal(world.repo, journal, entry, world.clock.now()));
}

async function noted(world: World, journal: Journal | undefined): Promise<Journal | undefined> {
  if (journal !== undefined) await world.ownRuns.note(journal.run, journal.tip);
  return journal;
}

/** Why a journal is not believed, and whether anything may have been changed all the same. */
export interface Doubt {
  why: string;
  touched: boolean;
}

/**
 * Whoever may push can write a journal, so one whose last entry this machine did not write is believed only as far as
 * it can be seen: its times, its window, and on the target every step that it claims. What this machine wrote itself is
 * true; a target that is as before then went back, which is for the verification to say. `steps`: those that it claims.
 */
export async function doubtOf(
  world: World,
  plan: PlanRecord,
  journal: Journal,
  steps: readonly Step[],
): Promise<Doubt | undefined> {
  const fault = journal.fault === undefined ? entryFault(plan, journal, world.clock.now()) : journal.fault;
  if (fault !== undefined) {
    const why = `the journal ${journal.run.slice(0, 7)} cannot be trusted: ${fault}`;
    return { why, touched: await anyTouched(world, plan.steps) };
  }
  if ((await world.ownRuns.tip(journal.run)) === journal.tip) return undefined;
  for (const step of steps) {
    const seen = await observedIfSeen(world, step);
    if (seen?.state !== 'not-done') continue;
    const why = `the journal claims that ${step.name} was changed, and it is as before: ${seen.saw}`;
    return { why, touched: await anyTouched(world, plan.steps) };
  }
  return undefined;
}

/** An entry from the future, or a window that is not the plan's, was written to make a run wait or end as somebody likes. */
function entryFault(plan: PlanRecord, journal: Journal, now: number): string | undefined {
  const ahead = journal.entries.find(({ at }) => Date.parse(at) > now + skew);
  if (ahead !== undefined) return `its entry ${ahead.kind} is dated ${ahead.at}, which is yet to come`;
  const unknown = entriesOf(journal, 'applied').find(({ index }) => plan.steps[index] === undefined);
  if (unknown !== undefined) return `it claims a step ${unknown.index + 1} that the plan does not have`;
  const [window] = entriesOf(journal, 'verifying');
  if (window === undefined) return undefined;
  const [from, until] = [Date.parse(window.from), Date.parse(window.until)];
  const wanted = plan.steps.length === 0 ? 0 : plan.verification.window * 1000;
  return until - from === wanted && from <= now + skew
    ? undefined
    : `its window ${window.from} to ${window.until} is not the one of the plan`;
}

/** Whether any step is not plainly as before. */
async function anyTouched(world: World, steps: readonly Step[]): Promise<boolean> {
  for (const step of steps) if ((await observedIfSeen(world, step))?.state !== 'not-done') return true;
  return false;
}

/** A target that does not answer is looked at again with the next look, which says so; it stops nothing else. */
async function observedIfSeen(world: World, step: Step): Promise<Observed | undefined> {
  try {
    return await world.applier(step.applier).observe(step);
  } catch (error) {
    if (isGitmendError(error)) return undefined;
    throw error;
  }
}
