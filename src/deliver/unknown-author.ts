import { type Refusal, refusal } from '../core/change-set.ts';
import type { Verdict } from '../core/plan.ts';
import type { PullRequest } from '../forges/forge.ts';
import { countsAuthor, isTeam } from '../policy/index.ts';
import { commitOfPerson } from './own-pull-request.ts';
import type { Ground } from './world.ts';

/**
 * The first commit of somebody else on a pull request that gitmend opened; `base` is the default branch. No forge says who
 * pushed it, and the author that a commit names is whoever wrote it down.
 */
export async function unknownAuthor(
  { repo, forge }: Pick<Ground, 'repo' | 'forge'>,
  base: string,
  pr: PullRequest,
): Promise<string | undefined> {
  return pr.author === forge.self ? commitOfPerson({ repo }, base, pr) : undefined;
}

/**
 * What `approve-n` asks for then: whoever committed may be one of those who approve, so one more, that n are left who did
 * not. Refused where that many are not there. The other levels count the author, so nothing changes for them.
 */
export function besidesUnknown(verdict: Verdict, commit: string | undefined): Verdict | Refusal {
  if (commit === undefined || countsAuthor(verdict.level)) return verdict;
  const needs = verdict.needs + 1;
  if (verdict.eligible.some(isTeam) || verdict.eligible.length >= needs) return { ...verdict, needs };
  return refusal(
    'unreachable-level',
    `somebody committed to gitmend's own branch (${commit.slice(0, 7)}) and may be one of those who approve, so the rule "${verdict.rule}" asks for ${needs} people, and only ${verdict.eligible.length} can approve`,
    'close it, and make the change in a pull request of your own',
  );
}

/** The same, for the plan's notes. */
export function unknownNote(verdict: Verdict, commit: string | undefined): string[] {
  if (commit === undefined || countsAuthor(verdict.level)) return [];
  return [
    `Somebody committed to gitmend's own branch (${commit.slice(0, 7)}) and may be one of those who approve, so one more approval is asked for`,
  ];
}
