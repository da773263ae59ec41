import { type ProxmoxClient, readGuest } from '../../clients/proxmox/index.ts';
import type { Clock } from '../../core/clock.ts';
import { GitmendError } from '../../core/errors.ts';
import { isLifeAction } from '../../core/life-action.ts';
import type { Step } from '../../core/step.ts';
import { type GuestTarget, parseGuestTarget } from '../../core/target.ts';
import type { Applier } from '../applier.ts';
import { applyStep } from './apply.ts';
import { applyClone, observeClone, previewClone } from './clone.ts';
import { destroy, observeDestroyed, previewDestroy } from './destroy.ts';
import { applyLife, type LifeStep, observeLife, previewLife } from './life.ts';
import { observeStep } from './observe.ts';
import { previewStep } from './preview.ts';
import { revertPending } from './revert.ts';

/**
 * Guests of Proxmox VE through its own API: what a running guest takes live, the restart that the rest waits for, and a
 * guest's life. Every write carries the digest of what was seen where PVE takes one, and is sent once.
 */
export function proxmoxApplier(clients: (cluster: string) => ProxmoxClient, clock: Clock): Applier {
  const of = (step: Step): [ProxmoxClient, GuestTarget] => {
    const target = targetOf(step);
    return [clients(target.cluster), target];
  };
  const lifeOf = (step: Step): LifeStep | undefined => {
    if (!isLifeAction(step.action)) return undefined;
    const [client, target] = of(step);
    return { client, target, step, action: step.action };
  };
  return {
    name: 'proxmox',
    read: async (target) => readGuest(clients(target.cluster), target),
    preview: async (step) => {
      if (step.action.kind === 'destroy-guest') return previewDestroy(...of(step), step, step.action);
      if (step.action.kind === 'clone-guest') return previewClone(...of(step), step, step.action);
      const life = lifeOf(step);
      return life === undefined ? previewStep(...of(step), step) : previewLife(life);
    },
    apply: async (step, token) => {
      if (step.action.kind === 'destroy-guest') return destroy(...of(step), step, { token, clock });
      if (step.action.kind === 'clone-guest') return applyClone(...of(step), step, step.action, { token, clock });
      const life = lifeOf(step);
      return life === undefined ? applyStep(...of(step), step, token, clock) : applyLife(life, { token, clock });
    },
    observe: async (step) => {
      if (step.action.kind === 'destroy-guest') return observeDestroyed(...of(step), step);
      if (step.action.kind === 'clone-guest') return observeClone(...of(step), step, step.action);
      const life = lifeOf(step);
      return life === undefined ? observeStep(...of(step), step) : observeLife(life);
    },
    revertPending: async (step) => {
      if (isSizeStep(step)) await revertPending(...of(step), step);
    },
  };
}

/** Others leave nothing pending that is ours. */
function isSizeStep({ action }: Step): boolean {
  return action.kind === 'set-guest-config' || action.kind === 'reboot-guest';
}

function targetOf({ target }: Step): GuestTarget {
  const guest = parseGuestTarget(target);
  if (guest === undefined)
    throw new GitmendError('INTERNAL', `a step of the applier proxmox has the target ${target}, which is no guest`);
  return guest;
}
