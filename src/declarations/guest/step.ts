import type { DeclaredGuest } from '../../core/declared-guest.ts';
import { type LiveGuest, mayRest, resting } from '../../core/guest.ts';
import { type Digest, digestOf } from '../../core/json.ts';
import type { Step } from '../../core/step.ts';
import { printGuestTarget } from '../../core/target.ts';
import { type SizeField, unitOf } from './fields.ts';

/** One value of a guest's size, from what is live to what is declared. */
export interface Sizing {
  field: SizeField;
  from: number;
  to: number;
}

/** Writes the values. `live` says whether they are in force at once; otherwise they wait for the restart that follows. */
export function setStep(after: DeclaredGuest, guest: LiveGuest, sizings: readonly Sizing[], live: boolean): Step {
  return {
    ...about(after, guest, sizings),
    kind: 'resize-guest',
    action: { kind: 'set-guest-config', set: valuesOf(sizings, 'to') },
    changes: sizings.map(({ field, from, to }) => ({ field, before: from, after: to, unit: unitOf[field] })),
    inverse: { kind: 'set-guest-config', set: valuesOf(sizings, 'from') },
    live,
    reboots: false,
  };
}

/** Restarts the guest, so that what was written takes effect. Its inverse restarts it into the old values again. */
export function rebootStep(after: DeclaredGuest, guest: LiveGuest, sizings: readonly Sizing[]): Step {
  return {
    ...about(after, guest, sizings),
    kind: 'restart-vm',
    action: { kind: 'reboot-guest', makes: valuesOf(sizings, 'to') },
    // The values are the step before's to show; this one shows what it does to the guest.
    changes: [{ field: 'restart', before: 'running', after: 'restarted', unit: '' }],
    inverse: { kind: 'reboot-guest', makes: valuesOf(sizings, 'from') },
    live: false,
    reboots: true,
  };
}

/** Digest of what was observed of a guest: what is in force, what waits, and whether it runs; not when it was read. */
export function preStateOf({ cluster, node, type, vmid, name, status, running, pending, hotplug }: LiveGuest): Digest {
  return digestOf({ cluster, node, type, vmid, name, status, running, pending, hotplug });
}

function about(after: DeclaredGuest, guest: LiveGuest, sizings: readonly Sizing[]) {
  return {
    applier: 'proxmox',
    target: printGuestTarget(after),
    name: after.name,
    where: `${guest.type}/${guest.vmid} on ${guest.node}`,
    preState: preStateOf(guest),
    before: { ...valuesOf(sizings, 'from'), ...resting(after, guest) },
    after: { ...valuesOf(sizings, 'to'), ...resting(after, guest) },
    destroys: false,
    ...mayRest(after, guest),
  };
}

function valuesOf(sizings: readonly Sizing[], side: 'from' | 'to'): { [field: string]: number } {
  return Object.fromEntries(sizings.map((sizing) => [sizing.field, sizing[side]]));
}
