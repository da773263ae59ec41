import { type Refusal, refusal } from '../core/change-set.ts';
import { type DeclaredGuest, isCalled } from '../core/declared-guest.ts';
import { type LiveGuest, liveValue } from '../core/guest.ts';
import type { Json } from '../core/json.ts';
import type { Step } from '../core/step.ts';
import { printGuestTarget } from '../core/target.ts';
import { type GuestPlan, notSetUp, refusedBy } from './guest-step.ts';
import { actionsOf, against } from './judge.ts';
import type { ResourceChange, Shown } from './plan.ts';

/** A guest that is declared and not there, and what Terraform plans for it → the step that creates it, or why not. */
export function newGuestStep(
  guest: DeclaredGuest,
  live: LiveGuest | undefined,
  planned: GuestPlan | undefined,
): Step[] | Refusal {
  if (planned?.state === 'refused') return planned.refusal;
  if (planned?.state === 'done') return asDeclared(guest, live, planned.step);
  if (live !== undefined) return there(guest, live);
  if (planned === undefined) return notSetUp(guest.name, 'is new in this repository');
  const { plan, stack, address } = planned;
  const reasons = against(plan, { destroys: [], replaces: [], targets: [address] });
  if (reasons.length > 0) return refusedBy(guest.name, reasons, plan);
  const change = plan.changes.find(({ kind }) => kind === 'create');
  if (change === undefined) return notNew(guest, address);
  const digest = actionsOf(plan);
  const after = { ...valuesOf(guest), ...(starts(change) ? {} : { status: 'stopped' }) };
  return [
    {
      applier: 'terraform',
      target: printGuestTarget(guest),
      name: guest.name,
      where: `${guest.type}/${guest.vmid} on ${guest.node}`,
      kind: 'create-guest',
      action: { kind: 'apply-terraform', stack, addresses: [address], plan: digest },
      preState: digest,
      before: {},
      after,
      // Its sizes by the names that policies bound them by; all else is in Terraform's section.
      changes: Object.entries(valuesOf(guest)).map(([field, value]) => ({
        ...{ field, before: null, after: value },
        unit: units[field] ?? '',
      })),
      inverse: 'irreversible',
      live: true,
      reboots: false,
      destroys: false,
    },
  ];
}

const units: { readonly [field: string]: string } = { memory: 'MiB', swap: 'MiB', disk: 'GiB' };

/** What is looked for once it is there: by the same names as what is live. */
function valuesOf({ cores, memory, swap, disk }: DeclaredGuest): { [field: string]: Json } {
  return { cores, memory, ...(swap === undefined ? {} : { swap }), disk: disk.size };
}

/** `started` of both kinds of guests; the provider's default is true. */
function starts({ attributes }: ResourceChange): boolean {
  const started: Shown | undefined = attributes.find(({ path }) => path.join('.') === 'started')?.after;
  return !(typeof started === 'object' && started.value === false);
}

/** Created by this very run, or by somebody in its place: what is live decides, not what a record says. */
function asDeclared(guest: DeclaredGuest, live: LiveGuest | undefined, step: Step): Step[] | Refusal {
  const differs = Object.entries(valuesOf(guest)).filter(([field, value]) => live && liveValue(live, field) !== value);
  // A vmid alone is no identity: another one of the same size under its number was not made by this.
  if (live !== undefined && !isCalled(guest.name, live.name)) return there(guest, live);
  if (live !== undefined && differs.length === 0) return [step];
  const what = live === undefined ? 'is not there' : `differs in ${differs.map(([field]) => field).join(', ')}`;
  return refusal(
    'terraform-leaves-it',
    `Terraform plans nothing for ${guest.name}, although it ${what}`,
    'see what its resource in stacks/ says',
  );
}

function there({ name }: DeclaredGuest, { type, vmid, node, name: called }: LiveGuest): Refusal {
  return refusal(
    'unsupported-change',
    `${name} is new in this repository, and ${type}/${vmid} is on ${node} already, called ${called} and otherwise than declared`,
    'declare it as it is, or take another vmid',
  );
}

function notNew({ name, type, vmid }: DeclaredGuest, address: string): Refusal {
  return refusal(
    'terraform-other-guest',
    `${name} (${type}/${vmid}) is not there, and Terraform would not create it: its state holds ${address} already`,
    `put the state right: terraform state rm ${address}`,
  );
}
