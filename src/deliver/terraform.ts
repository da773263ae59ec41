import { refusal } from '../core/change-set.ts';
import type { Area } from '../core/area.ts';
import type { DeclaredGuest, GuestField } from '../core/declared-guest.ts';
import { errorCatalogue, type GitmendError, isGitmendError } from '../core/errors.ts';
import type { LiveGuest } from '../core/guest.ts';
import type { PlanRecord, TerraformShown } from '../core/plan.ts';
import { sameValue } from '../core/json.ts';
import { printGuestTarget, type Target } from '../core/target.ts';
import { changedFields, driftedValues, overlay } from '../declarations/guest/index.ts';
import type { Operation } from '../declarations/operation/index.ts';
import type { Applied } from '../ledger/applied.ts';
import { type GuestPlan, isTerraformField } from '../terraform/index.ts';
import type { Declared } from './declared.ts';
import type { Difference } from './difference.ts';
import { guestAsLeft, printGuest } from './guest-file.ts';
import { type StackChange, stackChange } from './stack-change.ts';
import type { Engines, World } from './world.ts';

/** What stacks are synthesized from: the code of one commit, the data of another, and of it these guests otherwise. */
export interface StackBasis {
  code: Declared;
  data: Declared;
  /** What the data was before. */
  from: Declared;
  /** As the steps leave them: what was applied, with the fields that this difference changes, and nothing else. */
  guests: ReadonlyMap<Target, DeclaredGuest>;
  /** The change of stack code, where that is planned. */
  change?: StackChange;
}

/** The stack code that guests are planned with: what was applied, where that is kept, or what the default branch has. */
export function stackCodeIn({ areas, head }: { areas: ReadonlyMap<Area, Declared>; head: Declared }): Declared {
  return areas.get('stacks') ?? head;
}

/**
 * The basis of a difference. Empty where it needs no Terraform. `reviewed`: the stack code that was applied last, where
 * changes of it are planned; then it is that, and not what the default branch has, that guests are planned with.
 */
export function stackBasis(
  code: Declared,
  data: Declared,
  { difference, applied, operations, reviewed }: Differing & { reviewed?: Declared | undefined },
): StackBasis {
  const guests = new Map<Target, DeclaredGuest>();
  for (const [target, fields] of difference.fields) {
    const [wanted, base] = [data.guests.get(target), applied.targets[target]?.declaration];
    if (wanted === undefined || base === undefined || !fields.some(isPlanned)) continue;
    guests.set(target, overlay(base, fields, wanted));
  }
  for (const { target, parameters } of operations) {
    const [wanted, base] = [data.guests.get(target), applied.targets[target]?.declaration];
    if (wanted === undefined || base === undefined || !parameters.fields.some(isTerraformField)) continue;
    guests.set(target, overlay(base, parameters.fields, wanted));
  }
  for (const guest of difference.added) guests.set(printGuestTarget(guest), guest);
  if (reviewed === undefined) return { code, data, from: code, guests };
  const change = stackChange(difference, { applied, code: reviewed, from: code, after: data });
  return { code: reviewed, data, from: code, guests, ...(change === undefined ? {} : { change }) };
}

/** Fields that Terraform is asked about: what it changes, and where it looks for a guest. */
function isPlanned(field: GuestField): boolean {
  return isTerraformField(field) || field === 'node';
}

/** What a pull request or a merge asks for, beside what was applied. */
interface Differing {
  difference: Difference;
  applied: Applied;
  operations: readonly Operation[];
}

/**
 * The guests of a basis that Terraform is asked about: not there yet, applied otherwise in a field that it changes, to be
 * brought back in one, or a container that its file only now says is elsewhere.
 */
export function askedOf(
  { guests }: StackBasis,
  { applied, live, difference, operations }: Differing & { live: ReadonlyMap<Target, LiveGuest> },
): Target[] {
  const added = new Set(difference.added.map(printGuestTarget));
  const needs = [...guests].filter(([target, after]) => {
    const [base, now] = [applied.targets[target]?.declaration, live.get(target)];
    if (added.has(target)) return now === undefined && after.clone === undefined;
    if (base === undefined) return false;
    const fields = changedFields(base, after);
    const followed = fields.includes('node') && after.type === 'lxc' && now?.node === after.node;
    return fields.some(isTerraformField) || followed || isBroughtBack(target, after, now, operations);
  });
  return needs.map(([target]) => target).sort();
}

function isBroughtBack(
  target: Target,
  guest: DeclaredGuest,
  live: LiveGuest | undefined,
  operations: readonly Operation[],
): boolean {
  const fields = operations.flatMap((one) => (one.target === target ? one.parameters.fields : []));
  if (live === undefined) return false;
  return driftedValues(guest, live, fields).some(({ field }) => field === 'disk.size' || field.startsWith('network.'));
}

/**
 * The tree that a guest's stack is synthesized from: its file says what the steps leave it as, and of memory, swap and
 * cores what Proxmox VE's configuration says. Those go through the API, so Terraform must plan nothing for them: before that step, after it, and
 * where nobody approved them. Where the file says exactly that already it is the data itself, which is synthesized anyhow.
 */
export function stackData({ data, guests }: StackBasis, target: Target, live: LiveGuest | undefined): Declared {
  const guest = guests.get(target);
  if (guest === undefined) return data;
  if (sameValue(guestAsLeft(guest, live), data.guests.get(target))) return data;
  const tree = new Map(data.tree);
  tree.set(guest.file, printGuest(guest, live));
  return { ...data, commit: `${data.commit} for ${target}`, tree };
}

/** The world in which steps of Terraform are previewed, observed and applied on this basis. */
export function onStacks(world: World, basis: StackBasis): World {
  const { terraform } = world;
  if (terraform === undefined || (basis.guests.size === 0 && basis.change === undefined)) return world;
  // Opened when it is asked: what keeps it from that stops what needs it, and nothing else.
  return { ...world, applier: (name) => (name === 'terraform' ? terraform(basis).applier() : world.applier(name)) };
}

/** Asks Terraform for its plan of each guest of the basis. Throws a TERRAFORM_ error where it cannot answer. */
export async function terraformPlans(
  { terraform }: Pick<Engines, 'terraform'>,
  basis: StackBasis,
  asked: readonly Target[],
): Promise<Map<Target, GuestPlan>> {
  const plans = new Map<Target, GuestPlan>();
  if (terraform === undefined || asked.length === 0) return plans;
  const engine = terraform(basis);
  for (const target of asked) plans.set(target, await engine.plan(target));
  return plans;
}

/**
 * The same for a pull request that is being planned: what keeps Terraform from its work refuses it by name, with the
 * next command, until it is planned again.
 */
export async function terraformPlansOrWhy(
  world: World,
  basis: StackBasis,
  asked: readonly Target[],
): Promise<Map<Target, GuestPlan>> {
  try {
    return await terraformPlans(world, basis, asked);
  } catch (error) {
    if (!isTerraformError(error)) throw error;
    const { next } = errorCatalogue[error.code];
    const refused = refusal(error.code.toLowerCase().replaceAll('_', '-'), error.message, next);
    return new Map(asked.map((target) => [target, { state: 'refused', refusal: refused }]));
  }
}

/** ENV_MISSING: a variable that it needs, and that nothing else may need. */
export function isTerraformError(error: unknown): error is GitmendError {
  return (
    isGitmendError(error) && /^(?:TERRAFORM|SANDBOX|SYNTH)_|^(?:STACK_MODULES_DIFFER|ENV_MISSING)$/.test(error.code)
  );
}

/** What Terraform plans, for the comment: also where it is refused, because then it says why. */
export function shownPlans(
  plans: ReadonlyMap<Target, GuestPlan>,
  stacks: readonly TerraformShown[],
): Pick<PlanRecord, 'terraform'> {
  const guests = [...plans].flatMap(([target, planned]): TerraformShown[] =>
    planned.state === 'planned' ? [{ target, stack: planned.stack, plan: planned.plan }] : [],
  );
  const shown = [...guests, ...stacks];
  return shown.length === 0 ? {} : { terraform: shown };
}
