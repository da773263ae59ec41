import type { PullRequest } from '../forges/forge.ts';
import { parsePullRequest } from '../records/pull-request.ts';
import { withSnooze } from '../records/snooze.ts';
import type { World } from './world.ts';

/**
 * Opens a closed proposal of gitmend anew: the same branch, words and edit, a new number and a new plan. One that is open
 * for the branch already is returned. `undefined` for what heal did not propose.
 */
export async function recreate(world: World, closed: PullRequest): Promise<PullRequest | undefined> {
  const marker = closed.author === world.forge.self ? parsePullRequest(closed.body) : undefined;
  if (marker?.kind !== 'heal' || closed.state !== 'closed') return undefined;
  const { branch } = closed;
  const [open] = await world.forge.pullRequests({ state: 'open', branch });
  if (open !== undefined) return open;
  const ref = `refs/heads/${branch}`;
  // A branch that is there is taken as it is: whoever pushed to it meant that.
  if ((await world.repo.tip(ref)) === undefined) await world.repo.push([{ ref, from: null, to: closed.head }]);
  return world.forge.ensurePullRequest({
    ...{ branch, base: closed.base, title: closed.title, labels: ['gitmend', marker.remedy] },
    body: withSnooze(closed.body, undefined),
  });
}
