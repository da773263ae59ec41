import { branchTips, git } from '../forge/git.ts';
import { type Pull, pullsOf, type User, type World } from './world.ts';

/**
 * What GitHub does after a push: open pull requests get the new tip of their branch, and those whose branch is gone are
 * closed. `computing`: how often a touched one says that it does not know yet whether it can be merged.
 */
export async function settle(world: World, now: number, computing: number): Promise<Pull[]> {
  world.branches = world.name === '' ? new Map<string, string>() : await branchTips(world.repository);
  const moved: Pull[] = [];
  for (const pull of pullsOf(world).filter(({ state, fork }) => state === 'open' && fork === undefined)) {
    const tip = world.branches.get(pull.branch);
    if (tip === pull.head) continue;
    if (tip === undefined) endThread(pull, pull.user, now);
    else Object.assign(pull, { head: tip, computing, updatedAt: now });
    if (tip !== undefined) await keepHead(world, pull);
    moved.push(pull);
  }
  return moved;
}

export function endThread(thread: World['threads'][number], user: User, now: number): void {
  Object.assign(thread, { state: 'closed', closedAt: now, closedBy: user, updatedAt: now });
}

export async function keepHead(world: World, { number, head }: Pick<Pull, 'number' | 'head'>): Promise<void> {
  await git(world.repository, ['update-ref', `refs/pull/${number}/head`, head]);
}
