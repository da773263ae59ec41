import { isRefusal, type Refusal, refusal } from '../../core/change-set.ts';
import { type DeclaredGuest, type GuestField, isCalled } from '../../core/declared-guest.ts';
import type { LiveGuest } from '../../core/guest.ts';
import type { Step } from '../../core/step.ts';
import { printGuestTarget } from '../../core/target.ts';
import { changedFields, isSizeField, type SizeField, sizeFields } from './fields.ts';
import { missing, mistaken } from './identity.ts';
import { isLifeField, lifeSteps } from './life.ts';
import { moveDiskSteps, movesDisk } from './move-disk.ts';
import { rebootStep, setStep, type Sizing } from './step.ts';

/**
 * Two declarations of one guest and what is live → the steps from one to the other. Only what the declarations differ
 * in counts; each step's `before` is the live value, and what is live as wanted already needs none. A running container
 * takes memory, swap and cores as they are; a running virtual machine takes what its `hotplug` names and restarts for
 * the rest. What is no size is `beyond`'s, and refused (`unsupported-change`) without it; `carries` is gitmend's
 * own data.
 */
export function guestSteps(
  before: DeclaredGuest | undefined,
  after: DeclaredGuest | undefined,
  live: LiveGuest | undefined,
  beyond?: Beyond,
): Step[] | Refusal {
  if (before === undefined || after === undefined) return created(before, after);
  if (printGuestTarget(before) !== printGuestTarget(after)) {
    return unsupported(after.name, `is ${printGuestTarget(before)} before and ${printGuestTarget(after)} after`);
  }
  const changed = changedFields(before, after).filter((field) => !isOwnData(field));
  const moves = changed.includes('disk') && movesDisk(before, after);
  const others = changed.filter((field) => !isSizeField(field) && !isLifeField(field) && !(field === 'disk' && moves));
  const more =
    others.length === 0 ? [] : (beyond?.(after, others) ?? unsupported(after.name, `changes ${others.join(', ')}`));
  // A file that only comes to say what is so already (an import) asks nobody for anything.
  const settled = isRefusal(more) && others.every((field) => isAsLive(before, after, live, field));
  if (isRefusal(more) && !settled) return more;
  const fields = sizeFields.filter((field) => changed.includes(field));
  const moved = moves ? moveDiskSteps(before, after, live) : [];
  if (isRefusal(moved)) return moved;
  const asked = lifeSteps(before, after, changed.filter(isLifeField), live);
  if (isRefusal(asked)) return asked;
  const life = [...moved, ...asked];
  if (moved.length > 0 && (sizeFields.some((field) => changed.includes(field)) || life.length > moved.length))
    return refusal(
      'unsupported-change',
      `${after.name} would get its disk on another storage and more at once`,
      'make it two pull requests, one after the other',
    );
  // Terraform would look for it where it is no more, and a plan from before says nothing of after.
  if (life.some(({ kind }) => kind === 'migrate-guest' || kind === 'move-disk') && !isRefusal(more) && more.length > 0)
    return refusal(
      'unsupported-change',
      `${after.name} would be moved and change ${others.join(', ')} at once`,
      'make it two pull requests, one after the other',
    );
  const sized = fields.length === 0 ? [] : sizeSteps(after, fields, live, stops(life));
  // The API's first: Terraform's plan leaves sizes as they are, so it is the same before and after. Power comes last.
  return isRefusal(sized) ? sized : [...sized, ...(isRefusal(more) ? [] : more), ...withSizes(life, sized)];
}

function stops(steps: readonly Step[]): boolean {
  return steps.some(({ kind }) => kind === 'stop-guest');
}

/** What is written before a stop and waits for it comes into force by it, and is nobody else's. */
function withSizes(life: readonly Step[], sized: readonly Step[]): Step[] {
  const waiting = sized.flatMap(({ action, live }) =>
    action.kind === 'set-guest-config' && !live ? [action.set] : [],
  );
  if (waiting.length === 0) return [...life];
  const makes = Object.fromEntries(waiting.flatMap((set) => Object.entries(set)));
  return life.map((step) =>
    step.action.kind === 'stop-guest' ? { ...step, action: { ...step.action, makes } } : step,
  );
}

/** Whether a field that is no size is live as it is declared now. A vmid alone is no identity, so its name counts, too. */
function isAsLive(
  { network: was }: DeclaredGuest,
  { name, disk, network }: DeclaredGuest,
  live: LiveGuest | undefined,
  field: GuestField,
): boolean {
  if (live === undefined || !isCalled(name, live.name)) return false;
  if (field === 'disk') return live.rootDisk?.storage === disk.storage && live.rootDisk.size === disk.size;
  if (field !== 'network' || live.network?.bridge !== network.bridge) return false;
  // What is set inside the guest nobody can look up: it must be what it was.
  const { address, gateway } = live.network.addressing === 'inside' ? was : live.network;
  return network.address === address && network.gateway === gateway;
}

/** What makes steps of the fields that are no size: Terraform, whose plan was read before. */
export type Beyond = (after: DeclaredGuest, fields: readonly GuestField[]) => Step[] | Refusal;

function created(before: DeclaredGuest | undefined, after: DeclaredGuest | undefined): Step[] | Refusal {
  if (after !== undefined) return unsupported(after.name, 'is new in this repository');
  return before === undefined ? [] : unsupported(before.name, 'is no longer declared');
}

function isOwnData(field: GuestField): boolean {
  return field === 'carries';
}

function unsupported(name: string, what: string): Refusal {
  return refusal(
    'unsupported-change',
    `${name} ${what}: that needs Terraform's own path, which this version of gitmend does not have`,
    'keep memory, swap and cores in a pull request of their own, and apply the rest by hand',
  );
}

/** The declared values of these fields → steps, or why not. `stopped`: a stop follows, which puts them in force. */
export function sizeSteps(
  after: DeclaredGuest,
  fields: readonly SizeField[],
  live: LiveGuest | undefined,
  stopped = false,
): Step[] | Refusal {
  const wrong = live === undefined ? missing(after) : mistaken(after, live);
  if (live === undefined || wrong !== undefined) return wrong ?? missing(after);
  const sizings: Sizing[] = [];
  for (const field of fields) {
    const to = after[field];
    if (to === undefined) return unsupported(after.name, `no longer declares ${field}`);
    const waiting = pendingElsewhere(live, field, to);
    if (waiting !== undefined) return waiting;
    const from = live.running[field];
    if (from === to) continue;
    if (from === undefined) return noInverse(after, live, field);
    sizings.push({ field, from, to });
  }
  return sizings.length === 0 ? [] : stepsFor(after, live, sizings, stopped);
}

function stepsFor(after: DeclaredGuest, live: LiveGuest, sizings: Sizing[], stopped: boolean): Step[] | Refusal {
  if (live.type === 'lxc' || live.status === 'stopped') return [setStep(after, live, sizings, true)];
  const plugged = sizings.filter(({ field }) => live.hotplug.includes(field === 'cores' ? 'cpu' : field));
  const restarted = sizings.filter((sizing) => !plugged.includes(sizing));
  const now = plugged.length === 0 ? [] : [setStep(after, live, plugged, true)];
  if (restarted.length === 0) return now;
  // A restart makes everything take effect that waits for one: what nobody approved here must not ride along.
  for (const field of sizeFields) {
    const waiting = pendingElsewhere(
      live,
      field,
      sizings.find((sizing) => sizing.field === field)?.to ?? live.running[field],
    );
    if (waiting !== undefined) return waiting;
  }
  const written = [...now, setStep(after, live, restarted, false)];
  return stopped ? written : [...written, rebootStep(after, live, restarted)];
}

/** A value that waits for a restart and is not the wanted one is somebody else's change of the same thing. */
function pendingElsewhere(live: LiveGuest, field: SizeField, wanted: number | undefined): Refusal | undefined {
  const waiting = live.pending[field];
  if (waiting === undefined || waiting === wanted || waiting === live.running[field]) return undefined;
  const value = `${field} ${waiting}${field === 'cores' ? '' : ' MiB'}`;
  return refusal(
    'pending-elsewhere',
    `${value} of ${live.name} waits for a restart and did not come from here`,
    `let it take effect, or revert it on ${live.node}; then this is planned again`,
  );
}

/** Going back to “not set” is a deletion, which no step of this version sends. */
function noInverse({ name }: DeclaredGuest, live: LiveGuest, field: SizeField): Refusal {
  const tool = live.type === 'lxc' ? 'pct' : 'qm';
  return refusal(
    'no-inverse',
    `${field} of ${name} is not set on ${live.node}, so there is no value to go back to`,
    `set it once by hand: ${tool} set ${live.vmid} --${field} N`,
  );
}
