import { areas } from '../core/area.ts';
import { type Operation, readOperations } from '../declarations/operation/index.ts';
import type { PullRequest } from '../forges/forge.ts';
import { declaresNothing, type Difference, differenceOf } from './difference.ts';
import { stackPaths } from './stack-change.ts';
import type { Ground } from './world.ts';

/** One merge (or one direct push) on the default branch that declares something or touches an area, from → to. */
export interface Unit {
  from: string;
  to: string;
  difference: Difference;
  /** Operation files that it added: requests. */
  operations: readonly Operation[];
  pullRequest?: PullRequest;
  /** Whether the tree is exactly the merge of the base with the pull request's head. */
  treeMatches: boolean;
}

/**
 * What came onto the default branch after `since`, oldest first, as whole merges: a rebase merge of three commits is
 * one unit, and a commit that no pull request brought is one of its own.
 */
export async function unitsSince(world: Ground, since: string, head: string): Promise<Unit[]> {
  const commits = await world.repo.firstParents(since, head);
  const units: Unit[] = [];
  for (let at = commits.length - 1; at >= 0;) {
    const to = commits[at] ?? '';
    const pullRequest = await world.forge.pullRequestOfMerge(to);
    const length = pullRequest === undefined ? undefined : await mergeLength(world, pullRequest, commits, at, since);
    const from = commits[at - (length ?? 1)] ?? since;
    const [before, after] = [await world.declaredAt(from), await world.declaredAt(to)];
    const difference = differenceOf(before, after);
    // Which areas count is for the rules to say that were in force before it.
    if (!declaresNothing(difference, areas) || stackPaths(difference).length > 0) {
      const operations = readOperations(difference.operations, after.tree, { used: new Set() }).requested;
      units.unshift({
        from,
        to,
        difference,
        operations,
        treeMatches: length !== undefined,
        ...(pullRequest === undefined ? {} : { pullRequest }),
      });
    }
    at -= length ?? 1;
  }
  return units;
}

/**
 * How many first-parent commits the merge put on the branch: the k for which tree(M) is the merge of M~k with the
 * approved head. A merge commit and a squash put one. A rebase puts as many as the pull request had, and its last
 * commit alone would match too, so that number is tried first. `undefined`: no k matches.
 */
export async function mergeLength(
  world: Ground,
  pr: PullRequest,
  commits: readonly string[],
  at: number,
  since: string,
): Promise<number | undefined> {
  const commit = commits[at] ?? '';
  const wanted = await world.repo.treeId(commit);
  const single = (await world.repo.parents(commit)).length === 1;
  const most = single ? Math.min(await world.forge.commitCount(pr.number), at + 1) : 1;
  const candidates = new Set([Math.max(most, 1), 1, ...Array.from({ length: most }, (_, index) => index + 1)]);
  for (const k of candidates) {
    const merged = await world.repo
      .mergeTree(commits[at - k] ?? since, pr.head)
      .catch(() => ({ conflicts: ['unreadable'] }));
    if ('tree' in merged && merged.tree === wanted) return k;
  }
  return undefined;
}
