import { GitmendError } from '../core/errors.ts';
import type { PullRequest } from '../forges/forge.ts';
import { parsePullRequest } from '../records/pull-request.ts';
import { withSnooze } from '../records/snooze.ts';
import { ownOn } from './own-pull-request.ts';
import type { World } from './world.ts';

/** What came of it. `not-ours`: heal did not propose it. `moved`: `tip` is not what was closed, so nobody saw it proposed. */
export type Recreated =
  { state: 'opened'; opened: PullRequest } | { state: 'not-ours' } | { state: 'moved'; tip: string };

/**
 * Opens a closed proposal of gitmend anew: the same branch, words and edit, a new number and a new plan. One that is open
 * for the branch already is returned. The branch must be at the commit that was closed, or gone, and is pushed again then:
 * whatever somebody pushed since was never part of the proposal, and is not opened in gitmend's name. REF_TAKEN where
 * somebody pushes in this moment.
 */
export async function recreate(world: World, closed: PullRequest): Promise<Recreated> {
  const marker = closed.author === world.forge.self ? parsePullRequest(closed.body) : undefined;
  if (marker?.kind !== 'heal' || closed.state !== 'closed') return { state: 'not-ours' };
  const { branch } = closed;
  const [open] = await ownOn(world, branch, 'open');
  if (open !== undefined) return { state: 'opened', opened: open };
  const ref = `refs/heads/${branch}`;
  const tip = await world.repo.tip(ref);
  if (tip !== undefined && tip !== closed.head) return { state: 'moved', tip };
  if (tip === undefined && !(await world.repo.push([{ ref, from: null, to: closed.head }])))
    throw new GitmendError('REF_TAKEN', `${branch} was pushed to in the same moment`);
  const opened = await world.forge.ensurePullRequest({
    ...{ branch, base: closed.base, title: closed.title, labels: ['gitmend', marker.remedy] },
    body: withSnooze(closed.body, undefined),
  });
  return { state: 'opened', opened };
}
