import { isoTime } from '../core/clock.ts';
import { type OwnPullRequest, ownCommit } from './own-pull-request.ts';
import { type Planned, planPullRequest } from './planning.ts';
import type { Truth } from './truth.ts';
import type { World } from './world.ts';

/**
 * What a pull request of gitmend's own would be planned as, before it is opened: nothing is pushed, and the forge hears
 * of nothing. `undefined` where its edits would change nothing.
 */
export async function foretold(world: World, truth: Truth, wanted: OwnPullRequest): Promise<Planned | undefined> {
  const head = await ownCommit(world, truth.head.commit, wanted);
  if (head === undefined) return undefined;
  const now = isoTime(world.clock.now());
  const { title, body, branch } = wanted;
  return planPullRequest(world, truth, {
    ...{ number: 0, title, body, branch, head, base: world.forge.defaultBranch, author: world.forge.self },
    ...{ state: 'open', createdAt: now, updatedAt: now, fork: false },
  });
}
