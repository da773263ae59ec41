import { isGitmendError } from '../core/errors.ts';
import type { PullRequest } from '../forges/forge.ts';
import type { Shown } from './show.ts';
import type { World } from './world.ts';

/**
 * Merges what policy leaves to gitmend (`auto`, `notify`), once its plan is shown and green. Only gitmend's own pull
 * requests, and only in a later pass than the one that showed the plan, so that what is merged was there to be read.
 */
export async function mergeAutomatic(world: World, pr: PullRequest, shown: Shown): Promise<boolean> {
  if (shown.state !== 'shown' || shown.fresh || pr.author !== world.forge.self) return false;
  const { policy, refusals, preview, steps } = shown.record;
  const allowed = policy.level === 'auto' || policy.level === 'notify';
  if (!allowed || refusals.length > 0 || !preview.accepted || steps.length === 0) return false;
  const statuses = await world.forge.statuses(pr.head);
  if (statuses.some(({ state }) => state !== 'success')) return false;
  try {
    await world.forge.merge(pr.number, { style: 'merge', head: pr.head });
    world.log('merged', { pullRequest: pr.number, level: policy.level });
    return true;
  } catch (error) {
    // A head that moved, or protection that says no: a person decides.
    if (isGitmendError(error, 'FORGE_REFUSED')) return false;
    throw error;
  }
}
