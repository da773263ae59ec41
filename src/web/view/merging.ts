import type { PlanRecord } from '../../core/plan.ts';
import type { PullRequest, Review } from '../../forges/forge.ts';
import { sameAccount } from '../../policy/index.ts';
import type { Viewer } from './picture.ts';

/** Whether a person may do something now; and if not, why, in a sentence that says what helps. */
export type May = { may: true } | { may: false; why: string };

export interface Standing {
  approve: May;
  merge: May;
  /** Accounts whose approval counts already, the viewer's merge not among them. */
  counted: string[];
  needs: number;
}

export interface StandingInput {
  pr: PullRequest;
  plan: PlanRecord | undefined;
  /** Every plan that was shown before, oldest first. */
  earlier: readonly PlanRecord[];
  waiting: string | undefined;
  reviews: readonly Review[];
  viewer: Viewer;
  /** Accounts that the rules in force know as approvers. */
  approvers: readonly string[];
  /** Milliseconds since the epoch. */
  now: number;
}

/** Milliseconds: a plan that replaced another one must have been there to be read (see deliver/approval.ts). */
const settling = 60_000;

/**
 * What the viewer may do with an open pull request. This only spares a person a merge that would stop the run: what is
 * an approval is judged by the runner alone.
 */
export function standingOf(input: StandingInput): Standing {
  const { plan, reviews } = input;
  const counted = plan === undefined ? [] : approvalsOf(plan, reviews);
  const needs = Math.max(plan?.policy.needs ?? 1, 1);
  return { approve: mayApprove(input), merge: mayMerge(input, counted, needs), counted, needs };
}

function mayMerge(input: StandingInput, counted: readonly string[], needs: number): May {
  const { viewer } = input;
  const common = mayAtAll(input);
  if (!common.may) return common;
  const { plan } = input;
  if (plan === undefined) return no('it has no plan yet: gitmend is making one');
  if (!plan.preview.accepted) return no(`Proxmox VE would refuse it now: ${plan.preview.notes.join(', ')}`);
  const settled = firstShown(input, plan) + settling - input.now;
  if (settled > 0)
    return no(`this plan replaced a different one: read it again, and merge in ${Math.ceil(settled / 1000)} s`);
  const merging = counts(plan, viewer.name) && !counted.some((account) => sameAccount(account, viewer.name)) ? 1 : 0;
  const missing = needs - counted.length - merging;
  if (missing > 0)
    return no(
      `the rule ${plan.policy.rule} asks for ${needs} approvals, and ${missing} ${missing === 1 ? 'is' : 'are'} missing`,
    );
  return { may: true };
}

function mayApprove(input: StandingInput): May {
  const { plan, pr, viewer, reviews } = input;
  const common = mayAtAll(input);
  if (!common.may) return common;
  if (sameAccount(pr.author, viewer.name))
    return no('it is your own: somebody else approves it, or you merge it where the rule allows that');
  if (plan === undefined) return no('it has no plan yet: gitmend is making one');
  if (!counts(plan, viewer.name))
    return no(`the rule ${plan.policy.rule} counts ${plan.policy.eligible.join(', ') || 'nobody'}`);
  const standing = reviews.findLast(
    ({ author, state, void: gone }) => sameAccount(author, viewer.name) && state !== 'commented' && !gone,
  );
  if (standing?.state === 'approved' && standing.commit === pr.head && standing.submittedAt >= plan.shownAt)
    return no('you approved this');
  return { may: true };
}

/** What stands in the way of both. */
function mayAtAll({ pr, plan, waiting, viewer, approvers, now }: StandingInput): May {
  if (pr.state !== 'open') return no(`it is ${pr.state}`);
  const known = approvers.some((account) => sameAccount(account, viewer.name));
  if (viewer.role !== 'approver' || !known)
    return no('your approval does not count here: gitmend.yaml names the approvers');
  if (waiting !== undefined) return no(`it waits: ${waiting}`);
  if (plan === undefined) return { may: true };
  if (plan.head !== pr.head) return no('its branch moved: gitmend is planning it again');
  const [refused] = plan.refusals;
  if (refused !== undefined) return no(`merging would apply nothing: ${refused.message}`);
  return now > Date.parse(plan.expiresAt) ? no(`the plan expired at ${plan.expiresAt}`) : { may: true };
}

function counts(plan: PlanRecord, account: string): boolean {
  return plan.policy.eligible.some((one) => sameAccount(one, account));
}

/** Approvals of what is shown now and of the head that it is shown for, of people who count. */
function approvalsOf(plan: PlanRecord, reviews: readonly Review[]): string[] {
  const given = reviews.filter(
    ({ state, void: gone, submittedAt, commit }) =>
      state === 'approved' && !gone && commit === plan.head && submittedAt >= plan.shownAt,
  );
  return plan.policy.eligible.filter((account) => given.some(({ author }) => sameAccount(author, account)));
}

/** When these very actions were first shown without a break; long ago where nothing else was shown before. */
function firstShown({ earlier }: StandingInput, plan: PlanRecord): number {
  const other = earlier.findLastIndex(({ actions }) => actions !== plan.actions);
  return other < 0 ? 0 : Date.parse(earlier[other + 1]?.shownAt ?? plan.shownAt);
}

function no(why: string): May {
  return { may: false, why };
}
