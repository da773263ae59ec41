import { isGitmendError } from '../core/errors.ts';
import type { Config } from '../core/config.ts';
import type { PersonMerges, PlanRecord, Verdict } from '../core/plan.ts';
import type { PullRequest } from '../forges/forge.ts';
import { personMergesWords } from '../records/policy-words.ts';
import type { Shown } from './show.ts';
import type { World } from './world.ts';

/** Why a person merges where the head is none that this machine pushed: whoever may push could have put it there. */
export const notMadeHere = 'this machine did not make its head';

/** Why a person merges what is not ready: a forge refuses it, pass after pass. */
export const isDraft = 'it is a draft';

/** Ways out after a stop, ways back, and what to do about drift: alternatives, of which gitmend takes none by itself. */
const choices = /^gitmend\/(?:accept|insist|undo|revert|drift|restore)\//;

/** The verdict on a pull request, with why a person merges it where the level leaves that to gitmend. */
export function withMerger(
  verdict: Verdict,
  { author, branch, fork }: Pick<PullRequest, 'author' | 'branch' | 'fork'>,
  { self, runner }: { self: string; runner: Config['runner'] | undefined },
): Verdict {
  if (verdict.level !== 'auto' && verdict.level !== 'notify') return verdict;
  const why = (): PersonMerges | undefined => {
    if (fork || author !== self) return 'not-own';
    if (choices.test(branch)) return 'choice';
    return runner === 'ci' ? 'ci' : undefined;
  };
  const personMerges = why();
  return personMerges === undefined ? verdict : { ...verdict, personMerges };
}

/** Whether the head of a pull request is the one that this machine made for it. */
export async function isMadeHere(
  { forge, ownHeads }: Pick<World, 'forge' | 'ownHeads'>,
  pr: PullRequest,
): Promise<boolean> {
  return !pr.fork && pr.author === forge.self && (await ownHeads.tip(pr.branch)) === pr.head;
}

/** Whether nothing is against gitmend's merging it but checks that are not green yet. */
export function waitsToMerge(self: string, pr: PullRequest, plan: PlanRecord): boolean {
  return isToMerge(self, pr, plan) && plan.policy.personMerges === undefined && pr.draft !== true;
}

function isToMerge(self: string, { author }: PullRequest, { policy, refusals, preview, steps }: PlanRecord): boolean {
  const allowed = author === self && (policy.level === 'auto' || policy.level === 'notify');
  return allowed && refusals.length === 0 && preview.accepted && steps.length > 0;
}

/**
 * Merges what policy leaves to gitmend (`auto`, `notify`), once its plan is shown and green. Only gitmend's own pull
 * requests, at the very head that this machine made, and only in a later pass than the one that showed the plan, so that
 * what is merged was there to be read. Returns why a person has to merge instead, where it is so.
 */
export async function mergeAutomatic(world: World, pr: PullRequest, shown: Shown): Promise<string | undefined> {
  if (shown.state !== 'shown' || !isToMerge(world.forge.self, pr, shown.record)) return undefined;
  const { policy } = shown.record;
  if (policy.personMerges !== undefined) return personMergesWords[policy.personMerges];
  if (pr.draft === true) return isDraft;
  if (!(await isMadeHere(world, pr))) return notMadeHere;
  if (shown.fresh) return undefined;
  const statuses = await world.forge.statuses(pr.head);
  if (statuses.some(({ state }) => state !== 'success')) return undefined;
  try {
    await world.forge.merge(pr.number, { style: 'merge', head: pr.head });
    world.log('merged', { pullRequest: pr.number, level: policy.level });
    return undefined;
  } catch (error) {
    // A head that moved, protection that says no, a job that may not.
    if (!isGitmendError(error, 'FORGE_REFUSED')) throw error;
    world.log('not-merged', { pullRequest: pr.number, why: error.message });
    return error.message;
  }
}
