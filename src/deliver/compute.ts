import type { DeclaredGuest, GuestField } from '../core/declared-guest.ts';
import type { Area } from '../core/area.ts';
import { isRefusal, type Refusal, refusal, type Tree } from '../core/change-set.ts';
import type { Backup, LiveGuest } from '../core/guest.ts';
import { sameValue } from '../core/json.ts';
import type { Step } from '../core/step.ts';
import { printGuestTarget, type Target } from '../core/target.ts';
import {
  type Beyond,
  cloneSteps,
  destroySteps,
  drifting,
  guestSteps,
  isLifeAs,
  isLiveAs,
  isSaid,
  liveMatches,
  overlay,
  templateOf,
} from '../declarations/guest/index.ts';
import { type PlaybookPlan, playbookSteps } from '../ansible/playbook-step.ts';
import {
  type GuestPlan,
  guestStep,
  isTerraformField,
  linesOf,
  newGuestStep,
  type StackCodePlan,
  stackStep,
} from '../terraform/index.ts';
import { type Operation, operationSteps } from '../declarations/operation/index.ts';
import type { Applied } from '../ledger/applied.ts';
import { unapprovedAreas } from './areas.ts';
import type { Declared } from './declared.ts';
import { type Difference, rulePaths } from './difference.ts';
import { playbookRefusals } from './playbooks.ts';

/** What a difference leads to. Steps are empty where only what gitmend notes changes. */
export interface Computed {
  steps: Step[];
  refusals: Refusal[];
}

export interface ComputeInput {
  difference: Difference;
  /** What the base declares: where it differs from what is applied, the base is unapproved there. */
  before: Declared;
  after: Declared;
  applied: Applied;
  /** The commit whose rules are in force. */
  rules: Declared;
  /** Live guests by target; missing: PVE has none. */
  live: ReadonlyMap<Target, LiveGuest>;
  operations: readonly Operation[];
  /** What Terraform would do to the guests that need it (`terraformPlans`); missing: there is none to ask. */
  terraform: ReadonlyMap<Target, GuestPlan>;
  /** What Terraform would do to the stacks that change by their code. */
  stacks: readonly StackCodePlan[];
  /** The backup that a guest may be destroyed by (`backupsFor`); missing: there is none. */
  backups: ReadonlyMap<Target, Backup>;
  /** What check mode says of each playbook, in the order in which they run; empty: there is none to ask. */
  playbooks: ReadonlyMap<Target, PlaybookPlan>;
  /** Of each area that the difference changes and that is switched on, the files as they were applied last. */
  areas: ReadonlyMap<Area, Tree>;
  /** Milliseconds since the epoch: an operation expires. */
  now: number;
}

/**
 * Applied and merged declarations, and what is live → steps. Only the fields that this difference changes: what else
 * is unapproved on the default branch never rides along. Pure, so the runner can do it again and compare.
 */
export function computeSteps(input: ComputeInput): Computed {
  const refusals: Refusal[] = [];
  const steps: Step[] = [];
  const take = (result: Step[] | Refusal) => (isRefusal(result) ? refusals.push(result) : steps.push(...result));
  for (const [target, fields] of sorted(input.difference.fields)) take(changedGuest(input, target, fields));
  for (const guest of input.difference.added) take(addedGuest(input, guest));
  for (const guest of input.difference.removed) {
    // What was never applied only leaves the repository.
    const target = printGuestTarget(guest);
    if (input.applied.targets[target] !== undefined) take(removedGuest(input, guest));
  }
  for (const operation of input.operations) {
    take(requested(input, operation));
  }
  const beside = steps.filter(({ applier, destroys }) => applier === 'terraform' || destroys);
  for (const one of input.stacks) take(stackStep(one));
  // Guests first: what runs on one comes after what it is.
  for (const planned of input.playbooks.values()) {
    const found = playbookSteps(planned);
    steps.push(...found.steps);
    refusals.push(...found.refusals);
  }
  return {
    steps,
    refusals: [
      ...refusals,
      ...(input.stacks.length > 0 ? beside.slice(0, 1).map(codeWithGuests) : []),
      ...unapprovedRules(input),
      ...unapprovedAreas(input, input.areas),
      ...playbookRefusals(input.areas, input.after, input.rules),
    ],
  };
}

/** Each would be planned as if the other were not there. */
function codeWithGuests({ name }: Step): Refusal {
  return refusal(
    'code-with-guests',
    `this changes stack code, and what Terraform or a destruction does to ${name}, in one`,
    'make two pull requests of it: the guest first',
  );
}

/** Which targets must be read live before `computeSteps`. */
export function targetsOf(difference: Difference, operations: readonly Operation[]): Target[] {
  const guests = [...difference.added, ...difference.removed].map(printGuestTarget);
  return [...new Set([...difference.fields.keys(), ...guests, ...operations.map(({ target }) => target)])].sort();
}

/** The same, and the templates that new guests are cloned from. */
export function readFor(difference: Difference, operations: readonly Operation[]): Target[] {
  const templates = difference.added.flatMap((guest) => templateOf(guest) ?? []);
  return [...new Set([...targetsOf(difference, operations), ...templates])].sort();
}

/** What is brought back is what is live by then: a step of Terraform that is done was compared when it was observed. */
function requested({ after, live, terraform, now }: ComputeInput, operation: Operation): Step[] | Refusal {
  const { target } = operation;
  const [guest, planned] = [live.get(target), terraform.get(target)];
  return operationSteps(operation, after.guests.get(target), guest, now, (before) =>
    planned?.state === 'done' ? () => [planned.step] : byTerraform(before, guest, planned),
  );
}

function byTerraform(before: DeclaredGuest, now: LiveGuest | undefined, planned: GuestPlan | undefined): Beyond {
  return (guest, others) => {
    const unknown = others.find((field) => !isTerraformField(field));
    if (unknown !== undefined) return unsupported(guest.name, unknown);
    return guestStep(before, guest, others.filter(isTerraformField), now, planned);
  };
}

function changedGuest(
  { before, after, applied, live, operations, terraform }: ComputeInput,
  target: Target,
  fields: GuestField[],
): Step[] | Refusal {
  const wanted = after.guests.get(target);
  const base = applied.targets[target]?.declaration;
  const now = live.get(target);
  if (wanted === undefined) return [];
  if (operations.some((operation) => operation.target === target)) {
    return refusal(
      'operation-and-edit',
      `${wanted.name} is edited and named by an operation at once`,
      'do one of both',
    );
  }
  if (base === undefined) {
    // Never applied: the only edit that settles it is one that declares what is.
    if (now !== undefined && isLiveAs(wanted, now) && isSaid(wanted, now, fields)) return [];
    return unapprovedBase(wanted.name, target, fields);
  }
  const unsettled = fields.filter((field) => !sameValue(before.guests.get(target)?.[field], base[field]));
  const differs = new Set(now === undefined ? [] : liveMatches(wanted, now).map(({ field }) => field as GuestField));
  for (const field of fields)
    if (now !== undefined && ridesAlong(field, before.guests.get(target), base, wanted, now)) differs.add(field);
  // A way out either goes back to what was applied or declares what is live; anything else builds on what nobody approved.
  const stuck = unsettled.filter(
    (field) => !sameValue(wanted[field], base[field]) && (now === undefined || differs.has(field)),
  );
  if (stuck.length > 0) return unapprovedBase(wanted.name, target, stuck);
  const planned = terraform.get(target);
  const steps = guestSteps(base, overlay(base, fields, wanted), now, byTerraform(base, now, planned));
  const elsewhere = isRefusal(steps) ? undefined : knownElsewhere(wanted, fields, planned);
  return elsewhere ?? steps;
}

/**
 * A container that was moved past the repository: its file only catches up, and Terraform must find it there. Its provider
 * looks for it on the node of the state, and would make another one.
 */
function knownElsewhere(
  guest: DeclaredGuest,
  fields: readonly GuestField[],
  planned: GuestPlan | undefined,
): Refusal | undefined {
  if (!fields.includes('node') || planned === undefined || fields.some(isTerraformField)) return undefined;
  if (planned.state === 'refused') return planned.refusal;
  if (planned.state === 'done' || planned.plan.changes.every(({ kind }) => kind === 'no-op' || kind === 'read'))
    return undefined;
  const message = `Terraform's state does not have ${guest.name} on ${guest.node}: by its plan it would be ${linesOf(planned.plan).join('; ')}`;
  return refusal(
    'terraform-other-guest',
    message.slice(0, 400),
    `take it out of the state, and it is imported where it is: terraform state rm ${planned.address}`,
  );
}

/** Whether the default branch says something of the guest's life that nobody approved, that is not live, and would be done now. */
function ridesAlong(
  field: GuestField,
  head: DeclaredGuest | undefined,
  base: DeclaredGuest,
  wanted: DeclaredGuest,
  now: LiveGuest,
): boolean {
  if (field === 'started' || field === 'protection') return !isLifeAs(wanted, now, field);
  if (field !== 'tags' || head === undefined) return false;
  const gained = head.tags.filter((tag) => !base.tags.includes(tag) && wanted.tags.includes(tag));
  const lost = base.tags.filter((tag) => !head.tags.includes(tag) && !wanted.tags.includes(tag));
  return gained.some((tag) => !now.tags.includes(tag)) || lost.some((tag) => now.tags.includes(tag));
}

function unsupported(name: string, field: string): Refusal {
  const message = `${name} changes ${field}, which this version of gitmend does not change`;
  return refusal(
    'unsupported-change',
    message,
    'do that by hand, then bring the declaration in line with what is live',
  );
}

/**
 * A change of the rules puts the whole of its commit's rules in force, so what reached the default branch unapproved
 * before it must not ride along: each such file has to go back to what is in force first.
 */
function unapprovedRules({ difference, before, after, rules }: ComputeInput): Refusal[] {
  if (difference.rules.length === 0) return [];
  const inForce = (path: string) => rules.tree.get(path);
  const paths = rulePaths([rules, before, after]).filter((path) => before.tree.get(path) !== inForce(path));
  const stuck = paths.filter((path) => after.tree.get(path) !== inForce(path));
  if (stuck.length === 0) return [];
  const message = `${stuck.join(', ')} on the default branch came there without an approved pull request`;
  return [
    refusal('base-unapproved', message, 'first bring these files back to what is in force, then propose them anew'),
  ];
}

function unapprovedBase(name: string, target: Target, fields: readonly string[]): Refusal {
  return refusal(
    'base-unapproved',
    `${fields.join(', ')} of ${name} on the default branch was never applied by an approved pull request`,
    `first settle it: gitmend status shows the ways out for ${target}`,
  );
}

function addedGuest({ live, terraform }: ComputeInput, guest: DeclaredGuest): Step[] | Refusal {
  const target = printGuestTarget(guest);
  const [now, planned] = [live.get(target), terraform.get(target)];
  if (planned?.state === 'done') return newGuestStep(guest, now, planned);
  // A guest that is already there as declared is taken into the repository; nothing has to be done to it.
  // A vmid alone is no identity: another one of the same size under its number is not this one.
  if (now !== undefined && isLiveAs(guest, now) && isSaid(guest, now, drifting)) return [];
  const template = templateOf(guest);
  if (template !== undefined) return cloneSteps(guest, now, live.get(template));
  return newGuestStep(guest, now, planned);
}

function removedGuest({ live, terraform, backups }: ComputeInput, guest: DeclaredGuest): Step[] | Refusal {
  const target = printGuestTarget(guest);
  const [now, done] = [live.get(target), terraform.get(target)];
  if (done?.state === 'done' && now === undefined) return [done.step];
  return destroySteps(guest, now, backups.get(target));
}

function sorted(fields: Difference['fields']): [Target, GuestField[]][] {
  return [...fields].sort(([a], [b]) => (a < b ? -1 : 1));
}
