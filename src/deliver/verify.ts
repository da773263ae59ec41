import { isoTime } from '../core/clock.ts';
import { isGitmendError } from '../core/errors.ts';
import type { Facts } from '../core/fact.ts';
import type { LiveGuest } from '../core/guest.ts';
import type { PlanRecord } from '../core/plan.ts';
import type { JournalEntry } from '../core/run.ts';
import type { Step } from '../core/step.ts';
import { parseGuestTarget, parseStackTarget, type Target } from '../core/target.ts';
import type { Journal } from '../ledger/journal.ts';
import { judgeWindow, predicateOf } from '../planners/index.ts';
import { sayApplied } from './comments.ts';
import { entriesOf } from './entries.ts';
import { type Figures, figuresOf, nextLook } from './looks.ts';
import { type Unseen, unseenOf } from './not-observed.ts';
import { append } from './own-journal.ts';
import { readLive } from './truth.ts';
import type { SignalState, World } from './world.ts';

/** One look as a journal holds it. */
export type Look = JournalEntry & { kind: 'look' };

/** Where a verification stands. */
export type Verification =
  | { state: 'verifying'; journal: Journal; next: number }
  | {
      state: 'ended';
      journal: Journal;
      outcome: 'verified' | 'not-verified' | 'inconclusive';
      why: string;
      resolvedAt?: string;
      facts: ReadonlyMap<Target, Facts>;
    };

/** Makes the look that is due, if one is, and says how it ends when it can. No lock is held. */
export async function verifyRun(world: World, plan: PlanRecord, journal: Journal): Promise<Verification> {
  const { from, until } = windowOf(journal);
  const looks = entriesOf(journal, 'look');
  const due = nextLook(from, until, looks);
  const now = world.clock.now();
  // A stop may have come between the look that decides and the end: then it is not asked for another one.
  const decided =
    looks.length > 0 &&
    judgeWindow({ looks, ...windowTimes(from, until, now), alert: { state: 'not-observed' } }).outcome ===
      'not-verified';
  if (!decided && now < due) return { state: 'verifying', journal, next: due };
  const checksNow = looks.length === 0 || now >= until;
  const { look, facts } = await lookNow(world, plan, { appliedAt: isoTime(from), at: isoTime(now), checksNow });
  const next = await append(world, journal, look);
  // Somebody else looked in the same moment: their look counts, and this pass reads it next time.
  if (next === undefined) return { state: 'verifying', journal, next: now };
  return judge(world, plan, next, now, facts);
}

async function judge(
  world: World,
  plan: PlanRecord,
  journal: Journal,
  now: number,
  facts: ReadonlyMap<Target, Facts>,
): Promise<Verification> {
  const { from, until } = windowOf(journal);
  const looks = entriesOf(journal, 'look');
  const { signal } = plan.verification;
  // The alert is asked for only at the end; before, it may fire as it likes.
  const seen =
    now < until || signal === undefined ? ({ state: 'not-observed' } as const) : await world.signalState(signal);
  const alert = withoutCredit(seen, journal, from);
  const verdict = judgeWindow({ looks, ...windowTimes(from, until, now), alert });
  if (verdict.outcome === 'verifying') {
    await sayApplied(world, plan, journal);
    return { state: 'verifying', journal, next: nextLook(from, until, looks) };
  }
  const resolvedAt = seen === alert && alert.state === 'resolved' ? (alert.at ?? isoTime(now)) : undefined;
  return {
    state: 'ended',
    journal,
    outcome: verdict.outcome,
    why: verdict.why,
    facts,
    ...(resolvedAt === undefined ? {} : { resolvedAt }),
  };
}

/** An alert that had resolved when the run began is resolved since before the apply, whatever is seen now. */
function withoutCredit(seen: SignalState, journal: Journal, from: number): SignalState {
  const begun = entriesOf(journal, 'begun')[0];
  if (seen.state !== 'resolved' || begun?.alert !== 'resolved') return seen;
  return { state: 'resolved', at: isoTime(Math.min(Date.parse(begun.at), from - 1000)) };
}

function windowTimes(from: number, until: number, now: number): { appliedAt: string; until: string; now: string } {
  return { appliedAt: isoTime(from), until: isoTime(until), now: isoTime(now) };
}

function windowOf(journal: Journal): { from: number; until: number } {
  const window = entriesOf(journal, 'verifying')[0];
  return { from: Date.parse(window?.from ?? ''), until: Date.parse(window?.until ?? '') };
}

/**
 * What is live of the plan's targets now, against its predicate; reads only. `checksNow`: its playbooks are checked, too, which
 * reaches every host of theirs.
 */
export async function lookNow(
  world: World,
  plan: Pick<PlanRecord, 'steps' | 'verification'>,
  { appliedAt, at, checksNow }: { appliedAt: string; at: string; checksNow: boolean },
): Promise<{ look: Look; facts: Map<Target, Facts> }> {
  const facts = new Map<Target, Facts>();
  const results: Omit<Look, 'kind' | 'at'>[] = [];
  const figures: Figures[] = [];
  const unseen: Unseen[] = [];
  for (const [target, steps] of byTarget(plan.steps)) {
    const [first] = steps;
    if (first?.kind === 'run-playbook') {
      // It reaches every host: once when it is done, and once at the end of a window that others need.
      if (!checksNow) continue;
      const { notObserved, ...result } = await checkedNow(world, first);
      results.push(result);
      unseen.push({ name: first.name, notObserved });
      continue;
    }
    if (parseStackTarget(target) !== undefined) {
      for (const step of steps) results.push(await stackNow(world, step));
      continue;
    }
    if (steps.some(({ destroys }) => destroys)) {
      results.push(await goneNow(world, target, steps[0]?.name ?? target));
      continue;
    }
    const seen = await readNow(world, target);
    if ('problem' in seen) {
      results.push({ state: 'cannot-tell', why: seen.problem, observed: {} });
      continue;
    }
    facts.set(target, seen.facts);
    const expected = Object.assign({}, ...steps.map(({ after }) => after)) as Step['after'];
    const { predicate, answered } = plan.verification;
    const mayRest = steps.some((step) => step.mayRest === true);
    const input = { ...seen, expected, mayRest, appliedAt, at, ...(answered === undefined ? {} : { answered }) };
    const { state, why, observed, notObserved } = predicateOf(predicate).look(input);
    results.push({ state, why, observed });
    figures.push({ target, observed });
    unseen.push({ name: seen.live.name, notObserved });
  }
  const notObserved = unseenOf(unseen);
  const named = notObserved.length === 0 ? {} : { notObserved };
  return { look: { kind: 'look', at, ...worst(results), observed: figuresOf(figures), ...named }, facts };
}

async function readNow(world: World, target: Target): Promise<{ live: LiveGuest; facts: Facts } | { problem: string }> {
  const identity = parseGuestTarget(target);
  if (identity === undefined) return { problem: `${target} is not a guest` };
  try {
    return await world.look(identity);
  } catch (error) {
    if (isGitmendError(error)) return { problem: `${error.code}: ${error.message}` };
    throw error;
  }
}

/** What a second check says; a mechanism that cannot be asked now blinds this look and no other. */
async function checkedNow(world: World, step: Step): Promise<Omit<Look, 'kind' | 'at'> & { notObserved: string[] }> {
  try {
    const checked = await world.applier(step.applier).verify?.(step);
    if (checked !== undefined) return { ...checked, observed: {} };
    return { state: 'cannot-tell', why: `${step.applier} cannot be asked`, observed: {}, notObserved: [] };
  } catch (error) {
    if (!isGitmendError(error)) throw error;
    return { state: 'cannot-tell', why: `${error.code}: ${error.message}`, observed: {}, notObserved: [] };
  }
}

/** A guest that was destroyed is well when it stays gone. */
async function goneNow(world: World, target: Target, name: string): Promise<Omit<Look, 'kind' | 'at'>> {
  const identity = parseGuestTarget(target);
  try {
    const live = identity === undefined ? undefined : await readLive(world, identity);
    if (live === undefined) return { state: 'holds', why: `${name} is gone`, observed: {} };
    return {
      state: 'fails',
      why: `${live.type}/${live.vmid} is there on ${live.node}, called ${live.name}`,
      observed: {},
    };
  } catch (error) {
    if (isGitmendError(error)) return { state: 'cannot-tell', why: `${error.code}: ${error.message}`, observed: {} };
    throw error;
  }
}

/** A stack is well when Terraform plans no change at the addresses that were applied. */
async function stackNow(world: World, step: Step): Promise<Omit<Look, 'kind' | 'at'>> {
  try {
    const { state, saw } = await world.applier(step.applier).observe(step);
    return { state: state === 'done' ? 'holds' : 'fails', why: `${step.name}: ${saw}`, observed: {} };
  } catch (error) {
    if (isGitmendError(error)) return { state: 'cannot-tell', why: `${error.code}: ${error.message}`, observed: {} };
    throw error;
  }
}

function byTarget(steps: readonly Step[]): Map<Target, Step[]> {
  const map = new Map<Target, Step[]>();
  for (const step of steps) map.set(step.target, [...(map.get(step.target) ?? []), step]);
  return map;
}

/** Several targets hold together: one that fails fails all, one that cannot be seen blinds all. */
function worst(results: readonly Omit<Look, 'kind' | 'at'>[]): Omit<Look, 'kind' | 'at'> {
  const found = results.find(({ state }) => state === 'fails') ?? results.find(({ state }) => state === 'cannot-tell');
  return found ?? results[0] ?? { state: 'holds', why: 'there was nothing to change', observed: {} };
}
