import { type Refusal, refusal } from '../core/change-set.ts';
import { printFault } from '../core/fault.ts';
import type { LiveGuest } from '../core/guest.ts';
import type { PlanRecord } from '../core/plan.ts';
import { parseGuestTarget, type Target } from '../core/target.ts';
import { type Operation, readOperations } from '../declarations/operation/index.ts';
import { appliedAreas, unapprovedAreas } from './areas.ts';
import { backupsFor } from './backups.ts';
import { type Computed, computeSteps, readFor } from './compute.ts';
import type { Declared } from './declared.ts';
import type { Difference } from './difference.ts';
import {
  askedPlaybooks,
  type PlaybookBasis,
  playbookBasis,
  playbookPlansOrWhy,
  shownPlaybooks,
  unrunFiles,
} from './playbooks.ts';
import { stackPackages, stackPaths } from './stack-change.ts';
import { shownStacks, stackNotes, stackOutcomeOrWhy } from './stack-code.ts';
import { askedOf, shownPlans, type StackBasis, stackBasis, terraformPlansOrWhy } from './terraform.ts';
import { withTies } from './ties.ts';
import { readLive, type Truth } from './truth.ts';
import type { World } from './world.ts';

/** What a difference leads to, with what was read live for it. */
export interface Found extends Computed, Pick<PlanRecord, 'terraform' | 'ansible'> {
  /** What Ansible runs and this changes: not run for the plan. */
  unrun?: readonly string[];
  difference: Difference;
  operations: readonly Operation[];
  /** What there is to say of stacks that change by their code, and the files that make them, where they do. */
  stacks?: { lines: readonly string[]; notes: readonly string[]; paths: readonly string[] };
}

/** Reads what is live, what Terraform plans and what Ansible's check mode says, and computes the steps of a difference. */
export async function findSteps(
  world: World,
  truth: Truth,
  after: Declared,
  difference: Difference,
): Promise<Found & { basis: StackBasis; playbooks: PlaybookBasis | undefined }> {
  const now = world.clock.now();
  const asked = readOperations(difference.operations, after.tree, { used: usedIds(truth), now });
  const faults = faultsOf(truth.head, after);
  const meant = faults.length === 0 ? difference : withoutUnread(difference, after);
  const live = await withTies(world, meant, await readTargets(world, readFor(meant, asked.requested)));
  const reviewed = truth.areas.get('stacks');
  const differing = { difference: meant, applied: truth.applied, operations: asked.requested };
  const basis = stackBasis(truth.head, after, { ...differing, reviewed });
  const stacks = await stackOutcomeOrWhy(world, basis);
  const terraform = await terraformPlansOrWhy(world, basis, askedOf(basis, { ...differing, live }));
  const areas = appliedAreas(truth.areas, difference);
  const playbooks = playbookBasis(areas, after);
  const settled = unapprovedAreas({ before: truth.head, after }, areas).length === 0;
  const asking = settled ? askedPlaybooks(playbooks, truth.rules) : [];
  const checked = await playbookPlansOrWhy(world, playbooks, asking);
  const computed = computeSteps({
    difference: meant,
    before: truth.head,
    after,
    applied: truth.applied,
    rules: truth.rules,
    areas,
    playbooks: checked,
    live,
    operations: asked.requested,
    terraform,
    stacks: stacks.plans,
    backups: await backupsFor(world, meant, live),
    now,
  });
  const packages = reviewed === undefined ? [] : stackPackages(difference);
  const refusals = [...faults, ...asked.refusals, ...packages, ...computed.refusals];
  return {
    ...{ ...computed, ...shownPlans(terraform, shownStacks(stacks)), ...shownPlaybooks(checked), refusals },
    ...{ difference, operations: asked.requested, unrun: unrunFiles(playbooks) },
    ...{ basis, playbooks },
    stacks: {
      lines: stacks.lines,
      notes: stackNotes(difference, basis, stacks),
      paths: stacks.plans.length === 0 ? [] : stackPaths(difference),
    },
  };
}

/** Reads every target live; one that PVE does not have is left out. */
export async function readTargets(world: World, targets: readonly Target[]): Promise<Map<Target, LiveGuest>> {
  const live = new Map<Target, LiveGuest>();
  for (const target of targets) {
    const identity = parseGuestTarget(target);
    const guest = identity === undefined ? undefined : await readLive(world, identity);
    if (guest !== undefined) live.set(target, guest);
  }
  return live;
}

/** A guest whose file is there and cannot be read goes nowhere: nobody is to stop it for its fault. */
function withoutUnread(difference: Difference, after: Declared): Difference {
  return { ...difference, removed: difference.removed.filter(({ file }) => !after.tree.has(file)) };
}

/** Faults that the pull request brings; those that the base already has are the base's. */
function faultsOf(before: Declared, after: Declared): Refusal[] {
  const known = new Set(before.faults.map(printFault));
  const fresh = after.faults.filter((fault) => fault.severity === 'fault' && !known.has(printFault(fault)));
  return fresh.map((fault) => refusal('declaration-invalid', printFault(fault), 'gitmend check DIR lists every fault'));
}

function usedIds(truth: Truth): Set<string> {
  return new Set(truth.records.flatMap(({ record }) => record.operations ?? []));
}
