import { short } from '../core/json.ts';
import { isRefusal } from '../core/change-set.ts';
import type { Approval, PlanRecord, Verdict } from '../core/plan.ts';
import type { StopReason } from '../core/outcome.ts';
import type { PullRequest, Review } from '../forges/forge.ts';
import { parsePlanComment, planMarker, printPlanComment, sameComment } from '../records/plan-comment.ts';
import { recordDigest } from '../records/plan-record.ts';
import { countedPeople, countsAuthor, covers, type Teams } from '../policy/index.ts';
import { readPlans, type StoredPlan } from './plans.ts';
import { withMerger } from './automatic.ts';
import { decideFor } from './policy.ts';
import { takesNote } from './taking-note.ts';
import { teamsOf } from './teams.ts';
import type { Truth } from './truth.ts';
import type { Unit } from './units.ts';
import { besidesUnknown, unknownAuthor } from './unknown-author.ts';
import type { Ground } from './world.ts';

/** A different plan that came less than this long before the merge was not seen by whoever merged. Milliseconds. */
const settling = 60_000;

/**
 * Whether a merge is an approval, and of what: the plan that was shown when it was merged, for the head that was
 * merged, by somebody whose approval counts. Nothing here is believed because a ref says so: the steps themselves are
 * computed again by the run.
 */
export async function judgeApproval(
  world: Ground,
  rules: Pick<Truth, 'rules' | 'applied' | 'areas'>,
  unit: Unit,
): Promise<Approval> {
  const pr = unit.pullRequest;
  if (pr === undefined) return unapproved(`${unit.to.slice(0, 7)} was pushed without a pull request`);
  const mergedAt = Date.parse(pr.mergedAt ?? '');
  const plans = await readPlans(world.repo, pr.number);
  const shown = plans.filter(({ record }) => record === undefined || Date.parse(record.shownAt) <= mergedAt);
  const stored = shown.at(-1);
  if (stored === undefined) return unapproved(`it was merged without a plan`);
  if (stored.record === undefined)
    return stopped('plan-tampered', `its plan record cannot be trusted: ${stored.fault ?? ''}`);
  const plan = stored.record;
  const faults = [
    headFault(plan, pr),
    await commentFault(world, plan, pr, shown),
    treeFault(unit),
    timeFault(plan, shown, mergedAt, await takesNote(world, rules.rules, unit)),
  ];
  const fault = faults.find((one) => one !== undefined);
  if (fault !== undefined) return fault;
  // The default branch as it was before this merge: what the merge itself did to a tag decides nothing in its favour.
  const [head, after] = [await world.declaredAt(unit.from), await world.declaredAt(unit.to)];
  const reviews = await world.forge.reviews(pr.number);
  const teams = await teamsOf(world.forge, rules.rules, [pr.mergedBy ?? '', ...reviews.map(({ author }) => author)]);
  const verdict = decideFor(
    { ...rules, head },
    { steps: plan.steps, difference: unit.difference, after, pr, teams, now: mergedAt },
  );
  if (isRefusal(verdict)) return stopped('refused', `the rules in force refuse it: ${verdict.message}`, plan);
  const foreign = countsAuthor(verdict.level) ? undefined : await unknownAuthor(world, unit.from, pr);
  const asked = besidesUnknown(verdict, foreign);
  if (isRefusal(asked)) return unapproved(asked.message);
  // Where CI is the runner, whoever may push can have a job merge by its token, which counts as gitmend's own.
  const { personMerges } = withMerger(asked, pr, { self: world.forge.self, runner: rules.rules.config?.runner });
  return judgePeople(
    personMerges === undefined ? world.forge.self : undefined,
    plan,
    { ...asked, known: rules.rules.config?.approvers ?? [], teams, reviews: ofTheseActions(reviews, shown, plan) },
    { planCommit: stored.commit, pr },
  );
}

function headFault(plan: PlanRecord, pr: PullRequest): Approval | undefined {
  if (plan.head !== pr.head)
    return unapproved(`it was merged at ${pr.head.slice(0, 7)}, and the plan shown was for ${plan.head.slice(0, 7)}`);
  if (plan.refusals.length > 0)
    return unapproved(`it was merged although its plan is refused: ${plan.refusals[0]?.message ?? ''}`);
  return undefined;
}

async function commentFault(
  world: Ground,
  plan: PlanRecord,
  pr: PullRequest,
  shown: StoredPlan[],
): Promise<Approval | undefined> {
  const comments = await world.forge.comments(pr.number);
  const comment = comments.find(({ author, body }) => author === world.forge.self && body.includes(planMarker));
  if (comment === undefined) return unapproved('it was merged without a shown plan');
  const prints = (record: PlanRecord) => sameComment(comment.body, printPlanComment(record, world.forge.commentLimit));
  if (prints(plan)) {
    const late = Date.parse(comment.updatedAt) > Date.parse(pr.mergedAt ?? '');
    return late ? unapproved('its plan was shown only after the merge') : undefined;
  }
  // The comment still prints a record that was there before, or names a record that is not this one: then not the
  // comment but the record was changed.
  const earlier = shown.some(({ record }) => record !== undefined && prints(record));
  const named = parsePlanComment(comment.body)?.recordShort;
  if (earlier || (named !== undefined && named !== short(recordDigest(plan)))) {
    return stopped('plan-tampered', 'its plan record is not the one that the comment shows');
  }
  return stopped('comment-tampered', 'its plan comment is not what its plan record prints', plan);
}

function treeFault(unit: Unit): Approval | undefined {
  return unit.treeMatches
    ? undefined
    : stopped('tree-mismatch', 'the merged tree is not the merge of the approved head with its base');
}

function timeFault(plan: PlanRecord, shown: StoredPlan[], mergedAt: number, noting: boolean): Approval | undefined {
  if (mergedAt > Date.parse(plan.expiresAt))
    return stopped('expired', `the plan had expired at ${plan.expiresAt}, before the merge`, plan);
  const same = noting ? notesAsWell : showsTheSame;
  const replaced = shown.some(({ record }) => record !== undefined && !same(record, plan));
  const since = firstShown(shown, plan, same);
  if (replaced && since > mergedAt - settling) {
    return stopped(
      'plan-replaced',
      `a different plan was shown until ${Math.round((mergedAt - since) / 1000)} s before the merge`,
      plan,
    );
  }
  return undefined;
}

/** Two imports that were shown as applying nothing: whichever files they took note of, merging either has no effect. */
function notesAsWell(a: PlanRecord, b: PlanRecord): boolean {
  const nothing = ({ remedy, steps, refusals }: PlanRecord) =>
    remedy === 'import' && steps.length === 0 && refusals.length === 0;
  return showsTheSame(a, b) || (nothing(a) && nothing(b));
}

/** When these very actions were first shown without a break. */
function firstShown(shown: readonly StoredPlan[], plan: PlanRecord, same = showsTheSame): number {
  return Date.parse(shownInARow(shown, plan, same)[0]?.record?.shownAt ?? plan.shownAt);
}

/** The plans up to the last one that showed these very actions, without another one between them. */
function shownInARow(shown: readonly StoredPlan[], plan: PlanRecord, same = showsTheSame): readonly StoredPlan[] {
  return shown.slice(shown.findLastIndex(({ record }) => record === undefined || !same(record, plan)) + 1);
}

/**
 * The reviews that saw these very actions: given since they are shown, and an approval of a head that they were shown for.
 * Who reads, and sends the approval when the branch has moved and is planned again, approved the page that was read, whose
 * commit the forge names. Who takes an approval back takes it back from whichever page.
 */
export function ofTheseActions(reviews: readonly Review[], shown: readonly StoredPlan[], plan: PlanRecord): Review[] {
  const since = firstShown(shown, plan);
  const heads = new Set(shownInARow(shown, plan).map(({ record }) => record?.head));
  return reviews.filter(
    ({ submittedAt, state, commit }) => Date.parse(submittedAt) >= since && (state !== 'approved' || heads.has(commit)),
  );
}

/** The same actions. Where there is none (rules, a declaration that catches up) the files are what was shown: the head. */
function showsTheSame(a: PlanRecord, b: PlanRecord): boolean {
  return a.actions === b.actions && (a.steps.length > 0 || a.head === b.head);
}

/** What the rules ask for, and what the forge says of people. */
interface Asked extends Verdict {
  known: readonly string[];
  teams: Teams;
  reviews: readonly Review[];
}

/** Who approved: people whom the rules in force name, who saw these actions; merging counts as one. */
function judgePeople(
  self: string | undefined,
  plan: PlanRecord,
  { level, eligible, needs, rule, known, teams, reviews }: Asked,
  { planCommit, pr }: { planCommit: string; pr: PullRequest },
): Approval {
  const mergedBy = pr.mergedBy ?? '';
  const granted: Approval = { approved: true, plan, planCommit, approvedBy: [mergedBy], mergedBy };
  // gitmend merges what it opened itself, and nothing else: a merge of another one by its account is no approval.
  const byItself = (level === 'auto' || level === 'notify') && mergedBy === self && pr.author === self && !pr.fork;
  if (byItself) return granted;
  if (!known.some((entry) => covers(entry, mergedBy, teams)))
    return unapproved(`it was merged by ${mergedBy}, whose approval does not count here`);
  const approving = approvingNow(reviews.filter(({ submittedAt }) => submittedAt <= (pr.mergedAt ?? '')));
  const counted = countedPeople(eligible, [mergedBy, ...approving], teams, countsAuthor(level) ? undefined : pr.author);
  if (counted.length < Math.max(needs, 1))
    return unapproved(
      `it has ${counted.length} of the ${Math.max(needs, 1)} approvals that the rule *${rule}* asks for`,
    );
  return { ...granted, approvedBy: counted };
}

/**
 * Each person's last word counts: who asked for changes after approving approves no more. Neither does whose last word is
 * void (a dismissed one of GitHub reads as a comment): what they said before it does not come back.
 */
export function approvingNow(reviews: readonly Review[]): string[] {
  const words = new Map(reviews.filter((one) => one.void || one.state !== 'commented').map((one) => [one.author, one]));
  return [...words.values()].filter((one) => !one.void && one.state === 'approved').map(({ author }) => author);
}

function unapproved(why: string): Approval {
  return { approved: false, state: 'unapproved', why };
}

function stopped(reason: StopReason, why: string, plan?: PlanRecord): Approval {
  return { approved: false, state: 'stopped', reason, why, ...(plan === undefined ? {} : { plan }) };
}
