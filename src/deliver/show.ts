import { isoTime } from '../core/clock.ts';
import { correlationIn } from '../core/correlation.ts';
import type { PlanRecord } from '../core/plan.ts';
import type { PullRequest, Status } from '../forges/forge.ts';
import { planMarker, printPlanComment } from '../records/plan-comment.ts';
import { sameAccount } from '../policy/index.ts';
import { approvingNow, firstShown } from './approval.ts';
import { planPullRequest, samePlan } from './planning.ts';
import { pushPlan, readPlans } from './plans.ts';
import type { Truth } from './truth.ts';
import type { World } from './world.ts';

/** What became of one pull request in a planning pass. */
export type Shown =
  { state: 'shown'; record: PlanRecord; fresh: boolean } | { state: 'waiting'; why: string } | { state: 'expired' };

/**
 * Plans one open pull request and shows the plan: record, then status, then comment, so that a stop in between never
 * leaves a comment with nothing behind it. Again with the same input, it changes nothing. `anew` reads everything again
 * even where the plan is the same (`/dry-run`).
 */
export async function showPlan(world: World, truth: Truth, pr: PullRequest, anew = false): Promise<Shown> {
  const plans = await readPlans(world.repo, pr.number);
  const last = plans.at(-1)?.record;
  // Said while it is being planned: whoever opened it sees within a second that it was noticed.
  const noticed = last?.head === pr.head ? undefined : world.forge.ensureStatus(pr.head, beingPlanned);
  const [planned] = await Promise.all([planPullRequest(world, truth, pr), noticed]);
  if (planned.state === 'waiting') {
    await world.forge.ensureStatus(pr.head, {
      context: 'gitmend/plan',
      state: 'pending',
      description: planned.why.slice(0, 140),
    });
    return planned;
  }
  const expired = last !== undefined && world.clock.now() > Date.parse(last.expiresAt);
  if (expired && pr.author === world.forge.self) {
    await world.forge.close(
      pr.number,
      `Closed: the approval was not given until ${last.expiresAt}. It comes back if the fault is still there.\n\n<!-- gitmend:closed-by-bot -->`,
    );
    return { state: 'expired' };
  }
  const keep = last !== undefined && !anew && !expired && last.head === pr.head && samePlan(last, planned.record);
  const record = keep ? last : planned.record;
  if (!keep && !(await pushPlan(world.repo, record, world.clock.now())))
    return { state: 'waiting', why: 'another planner was quicker' };
  const since = firstShown(keep ? plans : [...plans, { commit: '', record }], record);
  const reviews = await world.forge.reviews(pr.number);
  await showStatuses(world, record, approvingNow(reviews.filter((one) => Date.parse(one.submittedAt) >= since)));
  await world.forge.ensureComment(pr.number, planMarker, printPlanComment(record));
  if (!keep)
    world.log('planned', {
      ...correlationIn(record.verification.signal),
      pullRequest: pr.number,
      actions: record.actions,
      steps: record.steps.length,
    });
  return { state: 'shown', record, fresh: !keep };
}

const beingPlanned: Status = { context: 'gitmend/plan', state: 'pending', description: 'being planned' };

async function showStatuses(world: World, record: PlanRecord, approving: readonly string[]): Promise<void> {
  await world.forge.ensureStatus(record.head, planStatus(record));
  await world.forge.ensureStatus(record.head, policyStatus(record, approving));
}

function planStatus({ refusals, preview, steps }: PlanRecord): Status {
  const refused = refusals[0];
  if (refused !== undefined)
    return { context: 'gitmend/plan', state: 'failure', description: refused.message.slice(0, 140) };
  if (!preview.accepted)
    return { context: 'gitmend/plan', state: 'failure', description: preview.notes.join(', ').slice(0, 140) };
  const count = `${steps.length} ${steps.length === 1 ? 'change' : 'changes'}`;
  return { context: 'gitmend/plan', state: 'success', description: steps.length === 0 ? 'nothing to apply' : count };
}

/** Green when the merge itself is all that is missing. */
function policyStatus({ policy, refusals, steps }: PlanRecord, approving: readonly string[]): Status {
  const context = 'gitmend/policy';
  if (refusals.length > 0) return { context, state: 'failure', description: 'refused, see the plan' };
  if (policy.needs <= 1)
    return {
      context,
      state: 'success',
      description: steps.length === 0 ? 'nothing is applied' : `${policy.level}: the merge approves`,
    };
  const counted = policy.eligible.filter((one) => approving.some((account) => sameAccount(account, one))).length;
  const description = `${counted} of ${policy.needs} approvals, merging counts as one`;
  return { context, state: counted >= policy.needs - 1 ? 'success' : 'pending', description };
}

/** `2026-11-21T03:34:00Z` now, for callers that only have a world. */
export function nowIn(world: Pick<World, 'clock'>): string {
  return isoTime(world.clock.now());
}
