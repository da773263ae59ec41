import { type PlaybookPlan, playbookTarget } from '../ansible/playbook-step.ts';
import { isRefusal } from '../core/change-set.ts';
import type { Observed } from '../appliers/applier.ts';
import { GitmendError } from '../core/errors.ts';
import { asBefore, type LiveGuest, liveValue } from '../core/guest.ts';
import type { PlanRecord } from '../core/plan.ts';
import { actionsDigest, type CloneAction, type Step } from '../core/step.ts';
import { parseGuestTarget, printGuestTarget, type Target } from '../core/target.ts';
import type { Journal } from '../ledger/journal.ts';
import type { GuestPlan } from '../terraform/index.ts';
import { appliedAreas } from './areas.ts';
import { backupsFor } from './backups.ts';
import { computeSteps, readFor } from './compute.ts';
import type { Declared } from './declared.ts';
import { entriesOf } from './entries.ts';
import type { Recompute } from './again.ts';
import { readTargets } from './find-steps.ts';
import { askedPlaybooks, type PlaybookBasis, playbookBasis, playbookPlans, stalePlaybook } from './playbooks.ts';
import { stackOutcome } from './stack-code.ts';
import { staleWords } from './stale.ts';
import { askedOf, type StackBasis, stackBasis, terraformPlans } from './terraform.ts';
import { withTies } from './ties.ts';
import type { JudgedUnit, Truth } from './truth.ts';
import type { World } from './world.ts';

/** As it was planned: the code of the default branch before the merge, on the data that was merged. */
export async function basisOf(world: World, truth: Truth, unit: JudgedUnit): Promise<StackBasis> {
  return basisOn(await endsOf(world, unit), truth, unit);
}

/** What the two ends of a unit declare. */
async function endsOf(world: World, { from, to }: JudgedUnit): Promise<Ends> {
  return { before: await world.declaredAt(from), after: await world.declaredAt(to) };
}

interface Ends {
  before: Declared;
  after: Declared;
}

function basisOn({ before, after }: Ends, truth: Truth, unit: JudgedUnit): StackBasis {
  const reviewed = truth.areas.get('stacks');
  const { difference, operations } = unit;
  return stackBasis(before, after, { difference, operations, applied: truth.applied, reviewed });
}

/** The same steps again? From the same declarations and what is live now, where a step that is done counts as before. */
export function recomputing(
  world: World,
  truth: Truth,
  unit: JudgedUnit,
  plan: PlanRecord,
  journal: Journal | undefined,
): Recompute {
  return async () => {
    const read = await readTargets(world, readFor(unit.difference, unit.operations));
    const live = await withTies(world, unit.difference, read);
    const done = new Map<Target, GuestPlan & { state: 'done' }>();
    const ran = new Map<Target, PlaybookPlan>();
    for (const step of plan.steps) {
      const guest = live.get(step.target);
      const seen = await world.applier(step.applier).observe(step);
      if (step.action.kind === 'clone-guest') {
        asBeforeClone(live, step, step.action, seen.state);
        continue;
      }
      if (seen.state !== 'done') continue;
      if (step.applier === 'ansible') ran.set(step.target, { state: 'done', step });
      else if (step.applier === 'terraform' || step.destroys) {
        done.set(step.target, { state: 'done', step });
        // What was to be brought back is: the request holds for what was there before.
        if (guest !== undefined && unit.operations.some(({ target }) => target === step.target) && isAfter(guest, step))
          live.set(step.target, asBefore(guest, step.before));
      } else if (guest !== undefined) live.set(step.target, asBefore(guest, step.before));
    }
    const ends = await endsOf(world, unit);
    const basis = basisOn(ends, truth, unit);
    const { difference, operations } = unit;
    const asked = askedOf(basis, { applied: truth.applied, live, difference, operations }).filter(
      (target) => !done.has(target),
    );
    const areas = appliedAreas(truth.areas, unit.difference);
    const checked = await checkedNow(world, truth, { basis: playbookBasis(areas, ends.after), plan, ran });
    const doneSteps = new Map([...done].map(([target, { step }]) => [target, step]));
    const input = {
      difference: unit.difference,
      ...ends,
      applied: truth.applied,
      rules: truth.rules,
      areas,
      playbooks: checked,
      live,
      operations: unit.operations,
      terraform: new Map([...done, ...(await terraformPlans(world, basis, asked))]),
      stacks: (await stackOutcome(world, basis, doneSteps)).plans,
      backups: await backupsFor(world, unit.difference, live, plan),
      now: begunAt(journal, world.clock.now()),
    };
    const { steps, refusals } = computeSteps(input);
    const refused = refusals.find(isRefusal);
    if (refused === undefined && actionsDigest(steps) === plan.actions) return { same: true };
    const reason = refused?.reason === 'expired' ? 'expired' : 'stale';
    return {
      same: false,
      reason,
      why:
        staleWords(plan, live) ??
        stalePlaybook(plan, checked) ??
        refused?.message ??
        'the steps are no longer those that were approved',
    };
  };
}

function isAfter(guest: LiveGuest, { after }: Step): boolean {
  return Object.entries(after).every(([field, value]) => liveValue(guest, field) === value);
}

/**
 * What this very step made, whole or in part, was not there before it. A template that is locked has another digest, and
 * the task that holds it may be our own clone: nothing is decided until it is free. Throws PVE_LOCKED.
 */
function asBeforeClone(
  live: Map<Target, LiveGuest>,
  { target }: Step,
  { from }: CloneAction,
  state: Observed['state'],
): void {
  const identity = parseGuestTarget(target);
  const lock = identity && live.get(printGuestTarget({ ...identity, vmid: from }))?.lock;
  if (lock !== undefined) throw new GitmendError('PVE_LOCKED', `the template ${from} is locked (${lock})`);
  if (state !== 'unknown') live.delete(target);
}

/** Each playbook checked again, in its order, where this run has not run it already. */
async function checkedNow(
  world: World,
  { rules }: Truth,
  { basis, plan, ran }: { basis: PlaybookBasis | undefined; plan: PlanRecord; ran: ReadonlyMap<Target, PlaybookPlan> },
): Promise<Map<Target, PlaybookPlan>> {
  const plans = new Map<Target, PlaybookPlan>();
  for (const playbook of askedPlaybooks(basis, rules)) {
    const target = playbookTarget(playbook);
    const done = ran.get(target);
    if (done !== undefined) plans.set(target, done);
    else for (const [key, now] of await playbookPlans(world, basis, [playbook], plan.ansible)) plans.set(key, now);
  }
  return plans;
}

/** The playbooks that a merged unit runs, on what they were planned with. */
export async function playbooksOfUnit(
  world: World,
  truth: Truth,
  { difference, to }: JudgedUnit,
): Promise<PlaybookBasis | undefined> {
  return playbookBasis(appliedAreas(truth.areas, difference), await world.declaredAt(to));
}

/** An operation counts by the time at which its run began: one that was stopped half-way does not expire in between. */
function begunAt(journal: Journal | undefined, now: number): number {
  const begun = journal === undefined ? undefined : entriesOf(journal, 'begun')[0];
  return begun === undefined ? now : Math.min(Date.parse(begun.at), now);
}
