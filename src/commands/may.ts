import type { Permission, PullRequest } from '../forges/forge.ts';
import { sameAccount } from '../policy/index.ts';
import { people } from '../policy/who.ts';
import { type CommandFacts, type CommandName, commands } from './catalogue.ts';

/** Everything by which it is decided whether a command is obeyed. Read from forge and git, never from an event. */
export interface Standing {
  /** Where it was said. */
  on: 'pull-request' | 'issue';
  author: string;
  permission: Permission;
  /** Who the rules in force name. */
  approvers: readonly string[];
  /** When it was said, by the forge's clock (ISO 8601 UTC), and now (milliseconds). */
  saidAt: string;
  now: number;
  /** Absent on an issue. */
  pr?: Pick<PullRequest, 'number' | 'state' | 'head' | 'fork' | 'closedAt' | 'mergedAt'>;
  /** The head whose plan was there to be read when the comment was written. */
  headThen?: string | undefined;
}

/** Why a command is not obeyed, and what to do instead: one sentence each. */
export interface NotObeyed {
  why: string;
  next: string;
}

/** `undefined`: it is obeyed. */
export function refusalOf(name: CommandName, standing: Standing): NotObeyed | undefined {
  return (
    wrongPlace(name, standing) ??
    notAllowed(name, standing) ??
    tooOld(standing) ??
    endedSince(name, standing) ??
    wrongHead(name, standing)
  );
}

function wrongPlace(name: CommandName, { on }: Standing): NotObeyed | undefined {
  const facts = commands[name];
  if (facts.on === 'both' || facts.on === on) return undefined;
  const where = facts.on === 'issue' ? 'an issue' : 'a pull request';
  return { why: `it belongs on ${where}`, next: `write it in a new comment on ${where}` };
}

function notAllowed(name: CommandName, { author, permission, approvers, pr }: Standing): NotObeyed | undefined {
  const { needs } = commands[name];
  if (permission === 'none') return { why: 'the forge does not let this account read here', next: 'nothing was done' };
  if (needs === 'read') return undefined;
  if (pr?.fork === true)
    return {
      why: 'this pull request comes from a fork, and nothing is planned or done for one',
      next: 'push its branch to this repository',
    };
  if (permission === 'read')
    return { why: 'it takes write permission in this repository', next: 'ask somebody who has it' };
  if (needs === 'write' || approvers.some((account) => sameAccount(account, author))) return undefined;
  if (approvers.length === 0)
    return {
      why: 'it takes an approver, and gitmend.yaml names nobody',
      next: 'name approvers there by a pull request',
    };
  return { why: `it takes an approver: ${people(approvers)}`, next: 'ask one of them' };
}

/** After that a command is no longer what its writer would want: gitmend was away for a day. */
const oldest = 24 * 3_600_000;

function tooOld({ saidAt, now }: Standing): NotObeyed | undefined {
  if (now - Date.parse(saidAt) <= oldest) return undefined;
  return { why: 'it is too old: it was written more than 24 hours before gitmend saw it', next: 'write it again' };
}

/** What opens or closes a pull request was said about one in another state. Within the same second nobody can tell. */
function endedSince(name: CommandName, { pr, saidAt }: Standing): NotObeyed | undefined {
  const { asThen }: CommandFacts = commands[name];
  if (asThen !== true || pr === undefined || pr.state === 'open') return undefined;
  const endedAt = pr.state === 'merged' ? pr.mergedAt : pr.closedAt;
  if (endedAt !== undefined && Date.parse(endedAt) < Date.parse(saidAt)) return undefined;
  return {
    why: `this pull request was ${pr.state} after the comment was written`,
    next: 'write it again, if you still want it',
  };
}

function wrongHead(name: CommandName, { pr, headThen }: Standing): NotObeyed | undefined {
  if (!commands[name].bound || pr?.state !== 'open') return undefined;
  if (headThen === undefined)
    return {
      why: 'no plan of this commit is known to have been shown when the comment was written, so nobody can tell which commit it meant',
      next: 'read the plan, then write it again',
    };
  if (headThen === pr.head) return undefined;
  return {
    why: `the branch moved since: the comment was written when the plan of ${headThen.slice(0, 7)} was shown, and the head is ${pr.head.slice(0, 7)} now`,
    next: 'read the plan of the new head, then write it again',
  };
}

/** A plan that was made: for which head, when (by gitmend's clock), and how a comment names it. */
interface MadePlan {
  head: string;
  shownAt: string;
  recordShort: string;
}

/** The plan comment as it stands: when it was written by the forge's clock, and the plan that it names. */
interface StandingComment {
  createdAt: string;
  updatedAt: string;
  shows?: { head: string; recordShort: string } | undefined;
}

/**
 * The head that whoever wrote a comment could have seen planned. A plan was seen when the plan comment showed it: a record
 * whose comment was never written was seen by nobody. Where the plan comment is older than what was said, it is the plan that
 * it names. Where it was written anew since, what stood there before is gone; then it is the last plan that was made before
 * (dated by gitmend's clock, allowing for one that is behind), if no plan of another head came first: of two heads nobody can
 * tell any more which one was shown. Within the same second nobody has read anything.
 */
export function headThen(
  plans: readonly MadePlan[],
  planComment: StandingComment | undefined,
  saidAt: string,
): string | undefined {
  if (planComment === undefined || Date.parse(planComment.createdAt) >= Date.parse(saidAt)) return undefined;
  const { shows, updatedAt } = planComment;
  const at = plans.findLastIndex((plan) => plan.head === shows?.head && plan.recordShort === shows.recordShort);
  const standing = plans[at];
  if (standing === undefined) return undefined;
  if (Date.parse(updatedAt) < Date.parse(saidAt)) return standing.head;
  const behind = Math.max(0, Date.parse(updatedAt) - Date.parse(standing.shownAt));
  const before = plans.slice(0, at + 1).filter(({ shownAt }) => Date.parse(shownAt) + behind < Date.parse(saidAt));
  const last = before.at(-1)?.head;
  return before.every(({ head }) => head === last) ? last : undefined;
}

/** Accounts of machines: what they say is never a command. Gitea's own name for who was deleted is one of nobody. */
export function isMachine(author: string, self: string): boolean {
  return (
    sameAccount(author, self) ||
    /\[bot\]$/i.test(author) ||
    ['gitea-actions', 'forgejo-actions', 'ghost'].includes(author.toLowerCase())
  );
}
