import { branchTips, git } from '../forge/git.ts';
import { nextId, type Pull, type User, type World } from './world.ts';

/**
 * What Gitea does after a push: open pull requests get the new tip of their branch, their approvals become stale, and
 * those whose branch is gone are closed. `computing`: how often a touched one says "try again later".
 */
export async function settle(world: World, now: number, computing: number): Promise<void> {
  world.branches = world.name === '' ? new Map<string, string>() : await branchTips(world.repository);
  for (const pull of world.pulls.filter(({ state, from }) => state === 'open' && from === undefined)) {
    const tip = world.branches.get(pull.branch);
    const by = pull.user;
    if (tip === undefined) closePull(world, pull, by, now);
    else if (tip !== pull.head) await moved(world, pull, tip, { by, now, computing });
  }
}

export function closePull(world: World, pull: Pull, user: User, now: number): void {
  pull.state = 'closed';
  pull.closedAt = now;
  note(world, pull, user, 'close', now);
}

/** Keeps the event, and the pull request as changed. */
export function note(world: World, pull: Pull, user: User, type: World['notes'][number]['type'], now: number): void {
  world.notes.push({ id: nextId(world), type, pull: pull.number, user, body: '', createdAt: now, updatedAt: now });
  pull.updatedAt = now;
}

export async function keepHead(world: World, { number, head }: Pick<Pull, 'number' | 'head'>): Promise<void> {
  await git(world.repository, ['update-ref', `refs/pull/${number}/head`, head]);
}

async function moved(
  world: World,
  pull: Pull,
  tip: string,
  { by, now, computing }: { by: User; now: number; computing: number },
): Promise<void> {
  pull.head = tip;
  pull.computing = computing;
  for (const review of pull.reviews) review.stale = true;
  note(world, pull, by, 'pull_push', now);
  await keepHead(world, pull);
}
