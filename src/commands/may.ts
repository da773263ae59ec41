import type { Permission, PullRequest } from '../forges/forge.ts';
import { sameAccount } from '../policy/index.ts';
import { people } from '../policy/who.ts';
import { type CommandName, commands } from './catalogue.ts';

/** Everything by which it is decided whether a command is obeyed. Read from forge and git, never from an event. */
export interface Standing {
  /** Where it was said. */
  on: 'pull-request' | 'issue';
  author: string;
  permission: Permission;
  /** Who the rules in force name. */
  approvers: readonly string[];
  /** Absent on an issue. */
  pr?: Pick<PullRequest, 'number' | 'state' | 'head' | 'fork'>;
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
  return wrongPlace(name, standing) ?? notAllowed(name, standing) ?? wrongHead(name, standing);
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

function wrongHead(name: CommandName, { pr, headThen }: Standing): NotObeyed | undefined {
  if (!commands[name].bound || pr?.state !== 'open') return undefined;
  if (headThen === undefined)
    return {
      why: 'no plan of this pull request had been shown when the comment was written, so nobody can tell which commit it meant',
      next: 'read the plan, then write it again',
    };
  if (headThen === pr.head) return undefined;
  return {
    why: `the branch moved since: the comment was written when the plan of ${headThen.slice(0, 7)} was shown, and the head is ${pr.head.slice(0, 7)} now`,
    next: 'read the plan of the new head, then write it again',
  };
}

/** A plan that was shown: for which head, and when (by gitmend's clock). */
interface ShownPlan {
  head: string;
  shownAt: string;
}

/**
 * The head that whoever wrote a comment could have seen planned: that of the last plan which was there before the comment.
 * Plans are dated by gitmend's clock and comments by the forge's; the plan comment has the moment of the last plan by the
 * latter, so a clock of ours that is behind makes no plan older than it is. Within the same second nobody has read anything.
 */
export function headThen(
  plans: readonly ShownPlan[],
  planComment: { createdAt: string; updatedAt: string } | undefined,
  saidAt: string,
): string | undefined {
  const last = plans.at(-1);
  if (last === undefined || planComment === undefined || planComment.createdAt >= saidAt) return undefined;
  const behind = Math.max(0, Date.parse(planComment.updatedAt) - Date.parse(last.shownAt));
  return plans.findLast(({ shownAt }) => Date.parse(shownAt) + behind < Date.parse(saidAt))?.head;
}

/** Accounts of machines: what they say is never a command. Gitea's own name for who was deleted is one of nobody. */
export function isMachine(author: string, self: string): boolean {
  return (
    sameAccount(author, self) ||
    /\[bot\]$/i.test(author) ||
    ['gitea-actions', 'forgejo-actions', 'ghost'].includes(author.toLowerCase())
  );
}
