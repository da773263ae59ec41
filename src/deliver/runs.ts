import type { PlanRecord } from '../core/plan.ts';
import { runId } from '../core/run.ts';
import type { Step } from '../core/step.ts';
import { type Journal, journalTip } from '../ledger/journal.ts';
import { type AppliedChange, moveApplied, readApplied } from '../ledger/applied.ts';
import { releaseLeft } from '../ledger/locks.ts';
import { readChain } from '../ledger/records.ts';
import { endRun } from './ending.ts';
import { entriesOf } from './entries.ts';
import { executeRun, type StillSo } from './execute.ts';
import { doubtOf } from './own-journal.ts';
import { sayApplied } from './comments.ts';
import { wholeWords } from './step-words.ts';
import { appliedBy, appliedAfter, type JudgedUnit, type Truth } from './truth.ts';
import { printValues } from '../texts/words.ts';
import { onPlaybooks } from './playbooks.ts';
import { basisOf, playbooksOfUnit, recomputing } from './recompute.ts';
import { orSilent } from './silent-hosts.ts';
import { stateNotes } from './state-notes.ts';
import { onStacks } from './terraform.ts';
import { verifyRun } from './verify.ts';
import { type Failure, type Failures, failureOf, heldBy } from './held.ts';
import type { World } from './world.ts';

/** What one turn over the merged units did. */
export interface Turn {
  /** Something ended or was applied: the truth has to be read again before the next turn. */
  changed: boolean;
  events: string[];
  waiting: string[];
  /** Milliseconds since the epoch of the next look. */
  next: number | undefined;
}

/**
 * Gives every merged unit its turn, in the order of the default branch, until one changed something. One that has to
 * wait holds back what came after it: runs never overtake each other. One that failed for its own targets is overtaken
 * by what has nothing to do with them; it is added to `failures`, and not tried again in the same pass.
 */
export async function turnRuns(world: World, truth: Truth, failures: Failures): Promise<Turn> {
  const turn: Turn = { changed: false, events: [], waiting: [], next: undefined };
  const failed: JudgedUnit[] = [];
  for (const unit of truth.units) {
    if (!unit.approval.approved && unit.approval.state === 'unapproved') continue;
    const behind = heldBy(failed, unit);
    // It has no journal that would keep it open, so nothing may be recorded before it.
    if (behind !== undefined) return { ...turn, waiting: [...turn.waiting, behind] };
    const before = turn.waiting.length;
    const failure = failures.get(unit.to) ?? (await turnAlone(world, truth, unit, turn, failures));
    if (turn.changed || turn.waiting.length > before) return turn;
    if (failure === undefined) continue;
    failed.push(unit);
    turn.waiting.push(failure.why);
  }
  return turn;
}

/** The turn of one unit, and how it failed where its own targets do not let it go on. Any other error ends the pass. */
async function turnAlone(
  world: World,
  truth: Truth,
  unit: JudgedUnit,
  turn: Turn,
  failures: Failures,
): Promise<Failure | undefined> {
  try {
    await turnUnit(world, truth, unit, turn);
    return undefined;
  } catch (error) {
    const failure = await failureOf(world, truth, unit, error);
    if (failure === undefined) throw error;
    failures.set(unit.to, failure);
    const { code, message } = failure.error;
    world.log('run-failed', { pullRequest: unit.pullRequest?.number, code, message });
    return failure;
  }
}

async function turnUnit(ground: World, truth: Truth, unit: JudgedUnit, turn: Turn): Promise<void> {
  const { approval } = unit;
  const stacks = onStacks(ground, await basisOf(ground, truth, unit));
  const world = onPlaybooks(stacks, await playbooksOfUnit(ground, truth, unit));
  if (!approval.approved) {
    if (approval.state === 'unapproved') return;
    const journal = approval.plan === undefined ? undefined : journalOf(truth, unit, approval.plan);
    await end(world, unit, turn, approval.plan, journal, {
      outcome: 'not-applied',
      reason: approval.reason,
      message: approval.why + rulesLeft(unit),
    });
    return;
  }
  const journal = journalOf(truth, unit, approval.plan);
  const verifying = journal !== undefined && entriesOf(journal, 'verifying').length > 0;
  if (journal === undefined || !verifying) await apply(world, truth, unit, approval.plan, journal, turn);
  else await verify(world, truth, unit, approval.plan, journal, turn);
}

/** A guest has ways out that are opened for it; rules have none, so what a person does is said. */
function rulesLeft({ difference: { rules } }: JudgedUnit): string {
  if (rules.length === 0) return '';
  const [first = ''] = rules;
  const files = rules.length === 1 ? first : `${first} and ${rules.length - 1} more`;
  return `. ${files} of the default branch is not in force: bring it back to what is by a pull request, then propose it anew`;
}

async function apply(
  world: World,
  truth: Truth,
  unit: JudgedUnit,
  plan: PlanRecord,
  journal: Journal | undefined,
  turn: Turn,
): Promise<void> {
  const run = runId(unit.to, plan.actions);
  const checks = {
    recompute: recomputing(world, truth, unit, plan, journal),
    stillSo: asRead(world, truth, run, journal),
    notes: async () => stateNotes(world, await basisOf(world, truth, unit), plan),
  };
  const progress = await orSilent(world, run, () => executeRun(world, unit.to, plan, journal, checks));
  switch (progress.state) {
    case 'waiting':
      turn.waiting.push(`#${plan.pullRequest}: ${progress.why}`);
      return;
    case 'moved':
      turn.changed = true;
      return;
    case 'stopped':
      return end(world, unit, turn, plan, progress.journal, {
        outcome: 'not-applied',
        reason: progress.reason,
        message: progress.why,
      });
    case 'unknown':
      return end(world, unit, turn, plan, progress.journal, { outcome: 'unknown', message: progress.why });
    case 'applied':
      break;
  }
  await moveOn(world, truth, unit);
  await sayApplied(world, plan, progress.journal);
  turn.changed = true;
  turn.events.push(`#${plan.pullRequest} applied: ${plan.steps.map(stepWords).join('; ') || 'no step'}`);
}

function stepWords(step: Step): string {
  const { name, after, live, reboots } = step;
  const values = () => (reboots ? `${name} restarted` : `${name} ${printValues(after)}${live ? ', live' : ''}`);
  return wholeWords(step) ?? values();
}

/** The pointer moves once every step is done; a run that finds it moved already leaves it. */
async function moveOn(world: World, truth: Truth, unit: JudgedUnit): Promise<void> {
  const next = await appliedAfter(world, truth, unit);
  const stored = await readApplied(world.repo);
  await moveApplied(world.repo, stored?.tip, next, world.clock.now(), `#${unit.pullRequest?.number ?? ''} was applied`);
}

async function verify(
  world: World,
  truth: Truth,
  unit: JudgedUnit,
  plan: PlanRecord,
  journal: Journal,
  turn: Turn,
): Promise<void> {
  await releaseLeft(world.repo, journal.run);
  const doubt = await doubtOf(world, plan, journal, plan.steps);
  if (doubt !== undefined)
    return end(world, unit, turn, plan, journal, {
      ...(doubt.touched ? { outcome: 'unknown' } : { outcome: 'not-applied', reason: 'journal-tampered' }),
      message: doubt.why,
    });
  const later = supersededBy(truth, unit);
  if (later !== undefined)
    return end(world, unit, turn, plan, journal, {
      outcome: 'superseded',
      message: `${later} changed the same thing before this was verified`,
    });
  const result = await verifyRun(world, plan, journal);
  if (result.state === 'verifying') {
    turn.next = Math.min(turn.next ?? Infinity, result.next);
    return;
  }
  const resolved = result.resolvedAt === undefined ? {} : { resolvedAt: result.resolvedAt };
  await end(world, unit, turn, plan, result.journal, {
    outcome: result.outcome,
    message: result.why,
    facts: result.facts,
    ...resolved,
  });
}

/** A later merge that is applied and changed one of the same fields of the same target, or the same area. */
function supersededBy(truth: Truth, unit: JudgedUnit): string | undefined {
  const mine = appliedBy(unit);
  const later = truth.units.slice(truth.units.indexOf(unit) + 1);
  const touches = later.find((other) => {
    const journal = other.approval.approved ? journalOf(truth, other, other.approval.plan) : undefined;
    const past = journal !== undefined && entriesOf(journal, 'verifying').length > 0;
    return past && overlap(mine, appliedBy(other));
  });
  const recorded = truth.records.find(
    ({ record }) =>
      truth.laterThan(unit.to, record.applied?.merge) && record.applied !== undefined && overlap(mine, record.applied),
  );
  const number = touches?.pullRequest?.number ?? recorded?.record.pullRequest?.number;
  return number === undefined ? undefined : `#${number}`;
}

function overlap(a: AppliedChange, b: AppliedChange): boolean {
  const fields = Object.entries(a.fields).some(([target, names]) =>
    names.some((name) => b.fields[target]?.includes(name)),
  );
  return fields || (a.areas ?? []).some((area) => b.areas?.includes(area));
}

/**
 * Whether what decides this run is as the truth has it: the last record, the pointer, the run's journal. Fetches first;
 * asked under the lock, so what it says stays true until the lock is given back.
 */
function asRead(world: World, truth: Truth, run: string, journal: Journal | undefined): StillSo {
  return async () => {
    await world.repo.fetch();
    const chain = await readChain(world.repo);
    const applied = await readApplied(world.repo);
    return (
      chain.ok &&
      chain.records.at(-1)?.digest === truth.records.at(-1)?.digest &&
      applied?.tip === truth.appliedTip &&
      (await journalTip(world.repo, run)) === journal?.tip
    );
  };
}

function journalOf(truth: Truth, unit: JudgedUnit, plan: PlanRecord): Journal | undefined {
  return truth.journals.find(({ run }) => run === runId(unit.to, plan.actions));
}

async function end(
  world: World,
  unit: JudgedUnit,
  turn: Turn,
  plan: PlanRecord | undefined,
  journal: Journal | undefined,
  ending: Parameters<typeof endRun>[4],
): Promise<void> {
  const said = await endRun(world, unit, plan, journal, ending);
  turn.changed = true;
  turn.events.push(said);
}
