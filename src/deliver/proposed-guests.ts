import type { DeclaredGuest } from '../core/declared-guest.ts';
import { isGitmendError } from '../core/errors.ts';
import type { PullRequest } from '../forges/forge.ts';
import { readDeclared } from './declared.ts';
import type { Truth } from './truth.ts';
import type { World } from './world.ts';

/** A guest that a pull request would declare, and nothing does yet. */
export interface ProposedGuest {
  pr: PullRequest;
  guest: DeclaredGuest;
}

/** New guests of all open pull requests: their names and ids are spoken for. A head that is not here says nothing. */
export async function proposedGuests(
  world: Pick<World, 'forge' | 'repo'>,
  { head }: Pick<Truth, 'head'>,
): Promise<ProposedGuest[]> {
  const found: ProposedGuest[] = [];
  for (const pr of await world.forge.pullRequests({ state: 'open' })) {
    const tree = await treeOf(world, head.commit, pr);
    if (tree === undefined) continue;
    const { guests } = readDeclared(tree, await world.repo.tree(tree));
    for (const [target, guest] of guests) if (!head.guests.has(target)) found.push({ pr, guest });
  }
  return found;
}

/** As it would be merged; as it is where that conflicts. */
async function treeOf({ repo }: Pick<World, 'repo'>, head: string, pr: PullRequest): Promise<string | undefined> {
  try {
    const merged = await repo.mergeTree(head, pr.head);
    return 'tree' in merged ? merged.tree : pr.head;
  } catch (error) {
    if (isGitmendError(error, 'GIT_FAILED')) return undefined;
    throw error;
  }
}
