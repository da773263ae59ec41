import { type ProxmoxClient, readGuest } from '../../clients/proxmox/index.ts';
import type { Clock } from '../../core/clock.ts';
import { type GuestTarget, parseGuestTarget } from '../../core/target.ts';
import { GitmendError } from '../../core/errors.ts';
import type { Step } from '../../core/step.ts';
import type { Applier } from '../applier.ts';
import { applyStep } from './apply.ts';
import { observeStep } from './observe.ts';
import { previewStep } from './preview.ts';
import { revertPending } from './revert.ts';

/**
 * Guests of Proxmox VE through its own API: what a running guest takes live, and the restart that the rest waits for.
 * Every write carries the digest of what was seen, and is sent once.
 */
export function proxmoxApplier(clients: (cluster: string) => ProxmoxClient, clock: Clock): Applier {
  const of = (step: Step): [ProxmoxClient, GuestTarget] => {
    const target = targetOf(step);
    return [clients(target.cluster), target];
  };
  return {
    name: 'proxmox',
    read: async (target) => readGuest(clients(target.cluster), target),
    preview: async (step) => previewStep(...of(step), step),
    apply: async (step, token) => applyStep(...of(step), step, token, clock),
    observe: async (step) => observeStep(...of(step), step),
    revertPending: async (step) => revertPending(...of(step), step),
  };
}

function targetOf({ target }: Step): GuestTarget {
  const guest = parseGuestTarget(target);
  if (guest === undefined)
    throw new GitmendError('INTERNAL', `a step of the applier proxmox has the target ${target}, which is no guest`);
  return guest;
}
