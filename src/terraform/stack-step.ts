import { isRefusal, type Refusal, refusal } from '../core/change-set.ts';
import type { DeclaredGuest } from '../core/declared-guest.ts';
import type { LiveGuest } from '../core/guest.ts';
import type { Step } from '../core/step.ts';
import { printGuestTarget, printStackTarget } from '../core/target.ts';
import { counted } from '../texts/words.ts';
import { plainText } from '../records/escape.ts';
import { containerType, machineType } from './disturbance.ts';
import { waitingIn } from './guest-step.ts';
import { actionsOf, against, isAmong, nameOf } from './judge.ts';
import type { ResourceChange, TerraformPlan } from './plan.ts';
import type { Reach } from './reach.ts';
import { changeWords } from './words.ts';

/** A declared guest that a reached address is, as it was applied last and as it is. */
export interface GuestAt {
  address: string;
  guest: DeclaredGuest;
  live: LiveGuest | undefined;
}

/** What Terraform would do at the addresses of one stack that a change of its code reaches. */
export type StackCodePlan =
  | { state: 'planned'; reach: Reach; guests: readonly GuestAt[]; plan: TerraformPlan }
  /** It could not be asked, or may not be. */
  | { state: 'refused'; stack: string; refusal: Refusal }
  /** Observed as done: the step that was approved stands in. */
  | { state: 'done'; reach: Reach; step: Step };

/** One stack whose code changes, and what Terraform plans for it → its one step, or why not. None where it plans nothing. */
export function stackStep(one: StackCodePlan): Step[] | Refusal {
  if (one.state === 'refused') return one.refusal;
  if (one.state === 'done') return sameReach(one.reach, one.step);
  const { reach, plan } = one;
  const changes = plan.changes.filter(isEffect);
  const faults = [...changes.flatMap((change) => guestFaults(one, change)), ...planFaults(one)];
  if (faults.length > 0) return together(faults);
  return changes.length === 0 ? [] : [stepOf(reach, plan, changes, one.guests)];
}

/** Whether a change does anything but note where something is. */
export function isEffect({ kind, movedFrom }: ResourceChange): boolean {
  return kind !== 'read' && (kind !== 'no-op' || movedFrom !== undefined);
}

function stepOf(
  { stack, addresses }: Reach,
  plan: TerraformPlan,
  changes: readonly ResourceChange[],
  guests: readonly GuestAt[],
): Step {
  const digest = actionsOf(plan);
  const touched = guests.filter(({ address }) => changes.some((change) => isAmong(change.address, [address])));
  const restarts = changes.filter(({ kind, disturbance }) => kind === 'update' && disturbance === 'restarts');
  const destroys = changes.filter(({ kind }) => kind === 'destroy').map(({ address }) => address);
  return {
    applier: 'terraform',
    target: printStackTarget(stack),
    name: `stack ${stack}`,
    where: counted(changes.length, 'resource'),
    kind: destroys.length > 0 ? 'destroy-resource' : 'change-stack',
    action: {
      kind: 'apply-terraform',
      ...{ stack, addresses, plan: digest },
      touches: {
        guests: touched.map(({ guest }) => printGuestTarget(guest)).sort(),
        restarts: restarts.map(nameOf).sort(),
        destroys: destroys.sort(),
      },
    },
    preState: digest,
    before: {},
    after: Object.fromEntries(
      changes.map((change) => [plainText(nameOf(change), 160), plainText(changeWords(change), longest)]),
    ),
    changes: [],
    inverse: 'irreversible',
    live: restarts.length === 0,
    reboots: restarts.length > 0,
    destroys: destroys.length > 0,
  };
}

/** Letters of what is said of one resource in a record; the plan has all of it. */
const longest = 300;

function sameReach(reach: Reach, step: Step): Step[] | Refusal {
  const { action } = step;
  const same =
    action.kind === 'apply-terraform' &&
    action.stack === reach.stack &&
    action.addresses.join('\n') === reach.addresses.join('\n');
  if (same) return [step];
  const message = `what the change of stack ${reach.stack} reaches is not what its step names`;
  return refusal('terraform-leaves-it', message, 'propose it again: it gets a plan of its own');
}

/** What a guest's file says of it, and gitmend compares with what is live. */
const declaredFields =
  /^(memory\.\d+\.(dedicated|swap|floating)|cpu\.\d+\.cores|disk\.\d+\.size|tags(\..*)?|protection|started)$/;

/** What stack code may not do to a guest, whoever approves: its file says what it is, and whether it is. */
function guestFaults({ guests }: StackCodePlan & { state: 'planned' }, change: ResourceChange): Refusal[] {
  if (change.type !== containerType && change.type !== machineType) return [];
  const who = nameOf(change);
  const found = guests.find(({ address }) => address === change.address);
  if (change.kind === 'destroy' || change.kind === 'forget')
    return [refusal('guest-in-code', `${who} would be ${gone[change.kind]} by stack code`, byItsFile)];
  if (found === undefined || change.kind === 'create')
    return [refusal('guest-in-code', undeclared(change, found), 'declare it in guests/, in a pull request of its own')];
  const { guest, live } = found;
  if (!isThis(guest, change))
    return [refusal('terraform-other-guest', `${change.address} is ${who} in Terraform's state`, stateRight)];
  const declared = change.attributes.filter(({ path }) => declaredFields.test(path.join('.')));
  const waiting = change.disturbance === 'restarts' && live !== undefined ? waitingIn(guest, live) : undefined;
  return [...(declared.length === 0 ? [] : [fieldInCode(guest, change)]), ...(waiting === undefined ? [] : [waiting])];
}

const gone = { destroy: 'destroyed', forget: 'left, and no longer managed' };
const byItsFile =
  'keep its resource; a pull request that removes its file in guests/ removes it, and one that gets another name in the code needs a moved block';
const stateRight = 'put the state right: terraform state list, and terraform state rm';

function undeclared({ address, kind }: ResourceChange, found: GuestAt | undefined): string {
  const does = kind === 'create' ? 'created' : 'changed';
  if (found === undefined)
    return `${address} would be ${does} by stack code, and is no guest that was applied from guests/`;
  return found.live === undefined
    ? `${address} would be created by stack code`
    : `${address} would be created by stack code, although ${found.guest.name} is there: it has no import block`;
}

/** A vmid alone is no identity, but another one is surely another guest. */
function isThis({ type, vmid }: DeclaredGuest, { guest = '' }: ResourceChange): boolean {
  return new RegExp(`(^|\\()${type}/${vmid} on [^()]*\\)?$`).test(guest);
}

function fieldInCode({ file }: DeclaredGuest, change: ResourceChange): Refusal {
  return refusal('fields-in-code', `${nameOf(change)}: ${changeWords(change)}, by stack code`, `edit ${file} instead`);
}

function planFaults({ plan, reach }: StackCodePlan & { state: 'planned' }): Refusal[] {
  const { addresses, removed } = reach;
  // Said with its mend already.
  const others = { ...plan, changes: plan.changes.filter((change) => !isLostGuest(change)) };
  const reasons = against(others, { destroys: removed, replaces: [], targets: addresses });
  const next = plan.objections[0]?.next ?? 'take that part out of the pull request';
  return reasons.map((why) => refusal('terraform-refused', `the plan of stack ${reach.stack}: ${why}`, next));
}

function isLostGuest({ type, kind }: ResourceChange): boolean {
  return (type === containerType || type === machineType) && (kind === 'destroy' || kind === 'forget');
}

/** All that stands against it at once, by the name of the first. */
function together(faults: readonly Refusal[]): Refusal {
  const [first] = faults.filter(isRefusal);
  const all = faults.map(({ message }) => message).join('; ');
  return refusal(first?.reason ?? 'terraform-refused', all, [...new Set(faults.map(({ next }) => next))].join('; '));
}
