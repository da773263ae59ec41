import { type Refusal, refusal } from '../core/change-set.ts';
import { type DeclaredGuest, isCalled } from '../core/declared-guest.ts';
import { type GuestSize, type LiveGuest, liveValue, mayRest, networkWords, resting } from '../core/guest.ts';
import type { Json } from '../core/json.ts';
import type { Change, Step, StepKind } from '../core/step.ts';
import { printGuestTarget } from '../core/target.ts';
import { actionsOf, against } from './judge.ts';
import type { AttributeChange, ResourceChange, Shown, TerraformPlan } from './plan.ts';
import { printPath, printShown } from './values.ts';

/** What Terraform would do to one guest, read before the steps are computed. */
export type GuestPlan =
  | { state: 'planned'; stack: string; address: string; plan: TerraformPlan }
  /** It could not be asked, or may not be. */
  | { state: 'refused'; refusal: Refusal }
  /** Observed as done: the step that was approved stands in, as every `before` of a step that is done. */
  | { state: 'done'; step: Step };

/** The fields of a guest that Terraform changes. */
export const terraformFields = ['name', 'disk', 'network'] as const;
export type TerraformField = (typeof terraformFields)[number];

export function isTerraformField(field: string): field is TerraformField {
  return (terraformFields as readonly string[]).includes(field);
}

/**
 * A guest that is there, its declaration as it was applied and with what is to be changed, and what Terraform plans for
 * it → its one step, or why not. Nothing where it is so already.
 */
export function guestStep(
  before: DeclaredGuest,
  after: DeclaredGuest,
  fields: readonly TerraformField[],
  live: LiveGuest | undefined,
  planned: GuestPlan | undefined,
): Step[] | Refusal {
  if (planned?.state === 'refused') return planned.refusal;
  const wrong =
    live === undefined
      ? gone(after)
      : (mistaken(before, after, live) ?? (fields.includes('disk') ? impossible(after, live) : undefined));
  if (live === undefined || wrong !== undefined) return wrong ?? gone(after);
  const left = fields.filter((field) => liveValue(live, field) !== declaredValue(after, field, live));
  // A record that names another address would be found done as well: what is live decides.
  if (planned?.state === 'done') return left.length === 0 ? [planned.step] : leavesIt(after, left);
  if (planned === undefined) return notSetUp(after.name, `changes ${fields.join(', ')}`);
  const { plan, address } = planned;
  const reasons = against(plan, { destroys: [], replaces: [], targets: [address] });
  if (reasons.length > 0) return refusedBy(after.name, reasons, plan);
  const [change] = plan.changes.filter(({ kind }) => kind !== 'read' && kind !== 'no-op');
  if (change === undefined) return left.length === 0 ? [] : leavesIt(after, left);
  const where = `${live.type}/${live.vmid} on ${live.node}`;
  if (change.kind !== 'update') return notKnown(after.name, change);
  // The end of it: before that stands a name, in which anything may stand.
  if (change.guest !== where && change.guest?.endsWith(`(${where})`) !== true)
    return another(after.name, where, change);
  const [step, waiting] = [stepOf(after, fields, live, { ...planned, change }), waitingIn(after, live)];
  return step.reboots && waiting !== undefined ? waiting : [step];
}

/** A restart makes everything take effect that waits for one: what nobody approved here must not ride along. */
export function waitingIn(after: DeclaredGuest, live: LiveGuest): Refusal | undefined {
  const found = Object.entries(live.pending).filter(
    ([field, value]) => value !== live.running[field as keyof GuestSize] && value !== after[field as keyof GuestSize],
  );
  if (found.length === 0) return undefined;
  const values = found.map(([field, value]) => `${field} ${value}`).join(', ');
  return refusal(
    'pending-elsewhere',
    `${values} of ${live.name} waits for a restart and did not come from here`,
    `let it take effect, or revert it on ${live.node}; then this is planned again`,
  );
}

function stepOf(
  after: DeclaredGuest,
  fields: readonly TerraformField[],
  live: LiveGuest,
  { stack, address, plan, change }: { stack: string; address: string; plan: TerraformPlan; change: ResourceChange },
): Step {
  const digest = actionsOf(plan);
  const reboots = change.disturbance === 'restarts' && live.status === 'running';
  return {
    applier: 'terraform',
    target: printGuestTarget(after),
    name: after.name,
    where: `${live.type}/${live.vmid} on ${live.node}`,
    kind: reboots ? 'change-guest' : kindOf(change),
    action: { kind: 'apply-terraform', stack, addresses: [address], plan: digest },
    preState: digest,
    before: { ...valuesOf(fields, (field) => liveValue(live, field)), ...resting(after, live) },
    after: { ...valuesOf(fields, (field) => declaredValue(after, field, live)), ...resting(after, live) },
    changes: change.attributes.filter(isWanted).map(changeOf),
    inverse: 'irreversible',
    live: !reboots,
    reboots,
    destroys: false,
    ...mayRest(after, live),
  };
}

const diskSize = /^disk\.\d+\.size$/;

/** A larger disk and nothing beside it, or more than that (a restart is more): policy may treat the two differently. */
function kindOf({ attributes }: ResourceChange): StepKind {
  return attributes.filter(isWanted).every(({ path }) => diskSize.test(path.join('.'))) ? 'grow-disk' : 'change-guest';
}

/** What the provider only learns from the guest is no change that anybody asked for. */
function isWanted({ path, after }: AttributeChange): boolean {
  return after !== 'unknown' && !/^timeout_/.test(String(path[0]));
}

function changeOf({ path, before, after }: AttributeChange): Change {
  const disk = diskSize.test(path.join('.'));
  const field = path.join('.') === 'disk.0.size' ? 'disk' : printPath(path);
  return { field, before: jsonOf(before), after: jsonOf(after), unit: disk ? 'GiB' : '' };
}

function jsonOf(shown: Shown): Json {
  return typeof shown === 'object' ? shown.value : printShown(shown);
}

/** A field's value as a step says it, and as it can be held against what is live. */
function declaredValue(guest: DeclaredGuest, field: TerraformField, { network }: LiveGuest): Json {
  switch (field) {
    case 'disk':
      return guest.disk.size;
    case 'network':
      // An address that is set inside the guest is seen by nobody here.
      return network?.addressing === 'inside' ? guest.network.bridge : networkWords(guest.network);
    default:
      return guest[field];
  }
}

function valuesOf(
  fields: readonly TerraformField[],
  value: (field: TerraformField) => Json | undefined,
): { [field: string]: Json } {
  return Object.fromEntries(fields.map((field) => [field, value(field) ?? null]));
}

function gone({ name, cluster, type, vmid }: DeclaredGuest): Refusal {
  const message = `${name} is declared as ${type}/${vmid} and is not on cluster ${cluster}`;
  return refusal('target-missing', message, 'compare the declaration with the cluster');
}

/** A vmid alone is no identity: it may have been given to another guest since. What was applied counts, or what is to be. */
function mistaken(before: DeclaredGuest, after: DeclaredGuest, live: LiveGuest): Refusal | undefined {
  if (![before, after].some(({ name }) => isCalled(name, live.name))) {
    const seen = `${live.type}/${live.vmid} on ${live.node} is called ${live.name}`;
    const message = `${seen}, and the declaration says ${before.name}`;
    return refusal('target-mismatch', message, 'make both say the same first');
  }
  if ([before.node, after.node].includes(live.node)) return undefined;
  const message = `${before.name} is on ${live.node}, and the declaration says ${before.node}`;
  return refusal('target-mismatch', message, 'bring the declaration in line with where it is first');
}

/** Proxmox VE only makes disks larger (PUT …/resize), and the provider would destroy for anything else. */
function impossible({ name, disk }: DeclaredGuest, { rootDisk }: LiveGuest): Refusal | undefined {
  const help = 'keep the disk as it is, or move it by hand and declare where it is then';
  if (rootDisk === undefined)
    return refusal('unsupported-change', `the root disk of ${name} is not one that Proxmox VE tells the size of`, help);
  if (disk.storage !== rootDisk.storage) {
    const message = `the disk of ${name} is on ${rootDisk.storage}, and the declaration says ${disk.storage}: the provider would destroy it and make it anew`;
    const next = `declare where it is; gitmend guest move-disk ${name} --to ${disk.storage} moves it, at the size that it has`;
    return refusal('unsupported-change', message, next);
  }
  if (disk.size >= rootDisk.size) return undefined;
  const message = `the disk of ${name} has ${rootDisk.size} GiB, and the declaration says ${disk.size}: a disk only grows`;
  return refusal('unsupported-change', message, help);
}

/** Every reason that stands against a plan, in one refusal. */
export function refusedBy(name: string, reasons: readonly string[], { objections }: TerraformPlan): Refusal {
  const next = objections[0]?.next ?? 'take that part out of the pull request';
  return refusal('terraform-refused', `the plan of Terraform for ${name}: ${reasons.join('; ')}`, next);
}

/** `ignore_changes`, or stack code that does not use the field. */
function leavesIt({ name }: DeclaredGuest, fields: readonly string[]): Refusal {
  const message = `Terraform plans nothing for ${name}, although ${fields.join(', ')} is live otherwise than declared`;
  return refusal('terraform-leaves-it', message, 'see what its resource in stacks/ ignores (lifecycle)');
}

function another(name: string, where: string, { address, guest = 'something else' }: ResourceChange): Refusal {
  const message = `${address} is ${guest} in Terraform's state, and ${name} is ${where}`;
  return refusal('terraform-other-guest', message, 'put the state right: terraform state list, and terraform state rm');
}

function notKnown(name: string, { address, kind }: ResourceChange): Refusal {
  const message = `Terraform would ${kind} ${address}, although ${name} is there: its state does not know it`;
  return refusal(
    'terraform-other-guest',
    message,
    'give its resource an import block, as the template has one for each guest',
  );
}

/** What must be there before Terraform can be asked. */
export function notSetUp(name: string, what: string): Refusal {
  return refusal(
    'unsupported-change',
    `${name} ${what}: that is done by Terraform, and gitmend.yaml names none`,
    'add terraform: { program: terraform } in a pull request of its own (docs/terraform.md), or keep to memory, swap and cores',
  );
}
