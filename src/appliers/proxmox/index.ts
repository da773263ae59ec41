import { type ProxmoxClient, readGuest } from '../../clients/proxmox/index.ts';
import type { Clock } from '../../core/clock.ts';
import { type GuestTarget, parseGuestTarget } from '../../core/target.ts';
import { GitmendError } from '../../core/errors.ts';
import type { Step } from '../../core/step.ts';
import type { Applier } from '../applier.ts';
import { applyStep } from './apply.ts';
import { destroy, observeDestroyed, previewDestroy } from './destroy.ts';
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
    preview: async (step) =>
      step.action.kind === 'destroy-guest'
        ? previewDestroy(...of(step), step, step.action)
        : previewStep(...of(step), step),
    apply: async (step, token) =>
      step.action.kind === 'destroy-guest'
        ? destroy(...of(step), step, { token, clock })
        : applyStep(...of(step), step, token, clock),
    observe: async (step) =>
      step.action.kind === 'destroy-guest' ? observeDestroyed(...of(step), step) : observeStep(...of(step), step),
    revertPending: async (step) => {
      if (step.action.kind !== 'destroy-guest') await revertPending(...of(step), step);
    },
  };
}

function targetOf({ target }: Step): GuestTarget {
  const guest = parseGuestTarget(target);
  if (guest === undefined)
    throw new GitmendError('INTERNAL', `a step of the applier proxmox has the target ${target}, which is no guest`);
  return guest;
}
