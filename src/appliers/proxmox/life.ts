import { type ProxmoxClient, readSeen } from '../../clients/proxmox/index.ts';
import type { Clock } from '../../core/clock.ts';
import { isGitmendError } from '../../core/errors.ts';
import type { LifeAction } from '../../core/life-action.ts';
import type { Preview } from '../../core/plan.ts';
import type { Step } from '../../core/step.ts';
import type { GuestTarget } from '../../core/target.ts';
import type { EffectToken, Observed } from '../applier.ts';
import { applyMigration, observeMigration, previewMigration } from './migrate.ts';
import { applyMove, observeMove, previewMove } from './move-disk.ts';
import { applyOption, observeOption, previewOption } from './options.ts';
import { applyPower, observePower, previewPower } from './power.ts';
import { seenOr } from './preview.ts';

/** What a guest's life is done by: each looks at the guest as it is now. */
export interface LifeStep {
  client: ProxmoxClient;
  target: GuestTarget;
  step: Step;
  action: LifeAction;
}

/** Whether the guest is as the step leaves it. A guest that is gone is for a person. Throws where it cannot look. */
export async function observeLife({ client, target, step, action }: LifeStep): Promise<Observed> {
  try {
    const seen = await readSeen(client, target);
    switch (action.kind) {
      case 'start-guest':
      case 'stop-guest':
        return observePower(step, action, seen);
      case 'migrate-guest':
        return observeMigration(step, action, seen);
      case 'move-disk':
        return await observeMove(client, step, action, seen);
      default:
        return observeOption(step, seen);
    }
  } catch (error) {
    if (isGitmendError(error, 'PVE_NOT_FOUND')) return { state: 'unknown', saw: error.message };
    throw error;
  }
}

/** What would be said to the step now, asked without changing anything: every reason against it at once. */
export async function previewLife({ client, target, step, action }: LifeStep): Promise<Preview> {
  const seen = await seenOr(client, target);
  if ('accepted' in seen) return seen;
  switch (action.kind) {
    case 'start-guest':
    case 'stop-guest':
      return previewPower(action, seen);
    case 'migrate-guest':
      return previewMigration(client, action, seen);
    case 'move-disk':
      return previewMove(client, action, seen);
    default:
      return previewOption(step, seen);
  }
}

/** Sends the step's request once. Returns the UPID of its task, or the digest of the configuration after it. */
export async function applyLife(
  { client, target, action }: LifeStep,
  means: { token: EffectToken; clock: Clock },
): Promise<string> {
  switch (action.kind) {
    case 'start-guest':
    case 'stop-guest':
      return applyPower(client, target, action, means);
    case 'migrate-guest':
      return applyMigration(client, target, action, means);
    case 'move-disk':
      return applyMove(client, target, action, means);
    default:
      return applyOption(client, target, action, means.token);
  }
}
