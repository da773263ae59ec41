import { closedByBot } from '../records/closing.ts';
import { correlationIn } from '../core/correlation.ts';
import type { ErrorCode } from '../core/errors.ts';
import type { PlanRecord } from '../core/plan.ts';
import { together } from '../core/together.ts';
import type { PullRequest, Status } from '../forges/forge.ts';
import { cutText } from '../records/cut.ts';
import { planMarker, printPlanComment } from '../records/plan-comment.ts';
import { personMergesWords } from '../records/policy-words.ts';
import { countedPeople, countsAuthor } from '../policy/index.ts';
import { approvingNow, ofTheseActions } from './approval.ts';
import { isDraft, isMadeHere, notMadeHere } from './automatic.ts';
import { planPullRequest, samePlan } from './planning.ts';
import { pushPlan, readPlans } from './plans.ts';
import { teamsOf } from './teams.ts';
import type { ShownLately } from './shown-lately.ts';
import type { Truth } from './truth.ts';
import type { World } from './world.ts';

/** What became of one pull request in a planning pass. */
export type Shown =
  { state: 'shown'; record: PlanRecord; fresh: boolean } | { state: 'waiting'; why: string } | { state: 'expired' };

/** It could not be planned or shown; the others were. */
export interface NotShown {
  state: 'failed';
  code: ErrorCode;
  message: string;
}

/**
 * Plans one open pull request and shows the plan: record, then comment, then statuses, so that a stop in between leaves
 * neither a comment with nothing behind it nor a green status for what nobody could read. Again with the same input, it changes nothing. `anew` reads everything again
 * even where the plan is the same (`/dry-run`). `lately`: what need not be read once more.
 */
export async function showPlan(
  world: World,
  truth: Truth,
  pr: PullRequest,
  anew = false,
  lately?: ShownLately,
): Promise<Shown> {
  const plans = await readPlans(world.repo, pr.number);
  const last = plans.at(-1)?.record;
  const noticed = last?.head === pr.head || lately?.knows(pr) ? undefined : sayNoticed(world, pr);
  noticed?.catch(() => undefined);
  // It ends before anything else is said of this head, also where the planning failed.
  const planned = await planPullRequest(world, truth, pr).finally(() => noticed);
  if (planned.state === 'waiting') {
    const [what, description] = [`waiting ${pr.head} ${planned.why}`, cutText(planned.why, 140)];
    if (lately?.isThere(pr, what, last === undefined)) return planned;
    await world.forge.ensureStatus(pr.head, { context: 'gitmend/plan', state: 'pending', description });
    lately?.note(pr, what);
    return planned;
  }
  const expired = last !== undefined && world.clock.now() > Date.parse(last.expiresAt);
  if (expired && pr.author === world.forge.self) {
    await world.forge.close(
      pr.number,
      closedByBot(
        `Closed: the approval was not given until ${last.expiresAt}. It comes back if the fault is still there.`,
      ),
    );
    return { state: 'expired' };
  }
  const keep = last !== undefined && !anew && !expired && last.head === pr.head && samePlan(last, planned.record);
  const record = keep ? last : planned.record;
  const what = `${record.head} ${record.actions} ${record.shownAt}`;
  // What gitmend merges by itself waits for others' checks, of which nothing tells.
  const granted = keep && !(isLeftToGitmend(record) && pr.author === world.forge.self);
  if (granted && lately?.isThere(pr, what, isRecent(world, record))) return { state: 'shown', record, fresh: false };
  const [pushed, reviews] = await together(
    keep || pushPlan(world.repo, record, world.clock.now()),
    world.forge.reviews(pr.number),
  );
  if (!pushed) return { state: 'waiting', why: 'another planner was quicker' };
  const approving = approvingNow(ofTheseActions(reviews, keep ? plans : [...plans, { commit: '', record }], record));
  const teams = await teamsOf(world.forge, truth.rules, approving);
  const author = countsAuthor(record.policy.level) ? undefined : pr.author;
  const counted = countedPeople(record.policy.eligible, approving, teams, author).length;
  await world.forge.ensureComment(pr.number, planMarker, printPlanComment(record, world.forge.commentLimit));
  await showStatuses(world, record, pr, counted);
  lately?.note(pr, what);
  if (!keep)
    world.log('planned', {
      ...correlationIn(record.verification.signal),
      pullRequest: pr.number,
      actions: record.actions,
      steps: record.steps.length,
    });
  return { state: 'shown', record, fresh: !keep };
}

/** Whoever showed it within the last hour may have been stopped before everything of it stood there. */
function isRecent({ clock }: World, { shownAt }: PlanRecord): boolean {
  return clock.now() - Date.parse(shownAt) < 3_600_000;
}

/** By forge and head, what is being said: the look that notices a head and the planning of it may both be at it. */
const noticing = new WeakMap<World['forge'], Map<string, Promise<void>>>();

/** Whoever opened it sees within a second that it was noticed. Once: what was said of this head since then stays. */
export function sayNoticed(world: Pick<World, 'forge'>, pr: PullRequest): Promise<void> {
  const underWay = noticing.get(world.forge) ?? new Map<string, Promise<void>>();
  noticing.set(world.forge, underWay);
  const saying = underWay.get(pr.head) ?? noticeOnce(world, pr).finally(() => underWay.delete(pr.head));
  underWay.set(pr.head, saying);
  return saying;
}

async function noticeOnce({ forge }: Pick<World, 'forge'>, { head }: PullRequest): Promise<void> {
  const context = 'gitmend/plan';
  const said = (await forge.statuses(head)).some((status) => status.context === context);
  if (!said) await forge.ensureStatus(head, { context, state: 'pending', description: 'being planned' });
}

async function showStatuses(world: World, record: PlanRecord, pr: PullRequest, counted: number): Promise<void> {
  await world.forge.ensureStatus(record.head, planStatus(record));
  const status = policyStatus(record, counted);
  const alone = status.state === 'success' && isLeftToGitmend(record) && pr.author === world.forge.self;
  if (!alone) return world.forge.ensureStatus(record.head, status);
  const { personMerges } = record.policy;
  const waits = (why: string): Status => ({ ...status, description: `waits for a person: ${why}` });
  if (personMerges !== undefined) return world.forge.ensureStatus(record.head, waits(personMergesWords[personMerges]));
  if (pr.draft === true) return world.forge.ensureStatus(record.head, waits(isDraft));
  const merges = { ...status, description: `${record.policy.level}: gitmend merges it` };
  if (await isMadeHere(world, pr)) return world.forge.ensureStatus(record.head, merges);
  // Another machine may have made the head, and said so: two that take turns in saying would never end.
  const said = await world.forge.statuses(record.head);
  if (said.some((one) => one.context === merges.context && one.description === merges.description)) return;
  await world.forge.ensureStatus(record.head, waits(notMadeHere));
}

function isLeftToGitmend({ policy, steps }: PlanRecord): boolean {
  return steps.length > 0 && (policy.level === 'auto' || policy.level === 'notify');
}

function planStatus({ refusals, preview, steps }: PlanRecord): Status {
  const refused = refusals[0];
  if (refused !== undefined)
    return { context: 'gitmend/plan', state: 'failure', description: cutText(refused.message, 140) };
  if (!preview.accepted)
    return { context: 'gitmend/plan', state: 'failure', description: cutText(preview.notes.join(', '), 140) };
  const count = `${steps.length} ${steps.length === 1 ? 'change' : 'changes'}`;
  return { context: 'gitmend/plan', state: 'success', description: steps.length === 0 ? 'nothing to apply' : count };
}

/** Green when the merge itself is all that is missing. */
function policyStatus({ policy, refusals, steps }: PlanRecord, counted: number): Status {
  const context = 'gitmend/policy';
  if (refusals.length > 0) return { context, state: 'failure', description: 'refused, see the plan' };
  if (policy.needs <= 1)
    return {
      context,
      state: 'success',
      description: steps.length === 0 ? 'nothing is applied' : `${policy.level}: the merge approves`,
    };
  const description = `${counted} of ${policy.needs} approvals, merging counts as one`;
  return { context, state: counted >= policy.needs - 1 ? 'success' : 'pending', description };
}
