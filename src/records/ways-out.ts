import type { Verdict } from '../core/plan.ts';
import { type Digest, digestOf, type Json, sameValue } from '../core/json.ts';
import { listed, printChange, printValues } from '../texts/words.ts';
import { escapeBold, escapeCode, escapeText } from './escape.ts';
import { body, type PullRequestMarker } from './pull-request.ts';
import { sentence } from './sentence.ts';
import { policyWords } from './policy-words.ts';

/** One value as it is declared and as it is live. */
export interface Differing {
  field: string;
  declared: Json;
  live: Json;
}

interface WayOut {
  name: string;
  /** `lxc/200 on pve1` */
  where: string;
  /**
   * `accept`, `apply-declared` (insist), `undo` or `revert`. All but insisting are verified by “live equals declared, and
   * it runs”, and none names the signal: it may well go on.
   */
  remedy: string;
  fingerprint: string;
  /** What led here: the merged pull request, or the commit of a direct push. */
  cause: { pullRequest: number } | { commit: string };
  /** Why it was not applied, or did not help: one sentence. */
  why: string;
  policy?: Verdict;
}

/** After a stop: keep what is live, insist on what is declared, or take the merge back. */
export interface AfterStop extends WayOut {
  kind: 'accept' | 'insist' | 'undo';
  /** Whether the run that led here is known to have changed nothing; one that ended `unknown` is not. */
  untouched: boolean;
  differing: readonly Differing[];
  files: readonly string[];
}

/** After a change that did not help. */
export interface Back extends WayOut {
  kind: 'revert';
  changes: readonly { field: string; before: Json; after: Json }[];
  /** What the remedy's own pre-checks say now. */
  safe: string;
}

/** Title and body of a pull request that is a way out. */
export function printWayOut(way: AfterStop | Back): { title: string; body: string } {
  const { kind, remedy, fingerprint, cause } = way;
  const of = 'pullRequest' in cause ? { of: cause.pullRequest } : {};
  const marker: PullRequestMarker = { kind, remedy, fingerprint, proposed: proposedOf(way), ...of };
  return { title: wayOutTitle(way), body: body(wayOutParts(way), marker) };
}

function wayOutTitle(way: AfterStop | Back): string {
  if (way.kind === 'revert')
    return `${way.name}: ${way.changes.map(({ field, before, after }) => printChange(field, before, after)).join(', ')} (back)`;
  if (way.kind === 'accept') return `${way.name}: keep ${printValues(valuesOf(way, 'live'))}, as it is live`;
  if (way.kind === 'insist') {
    const values = printValues(valuesOf(way, 'declared'));
    return isSo(way)
      ? `${way.name}: approve ${values}, as it is live already`
      : `${way.name}: apply ${values} as declared`;
  }
  return `${way.name}: take back ${causeWords(way)}`;
}

function wayOutParts(way: AfterStop | Back): string[] {
  const policy = way.policy === undefined ? '' : policyWords(way.policy);
  if (way.kind === 'revert') return [notHelped(way), goesBack(way), policy];
  const others = way.kind === 'insist' && isSo(way) ? '' : 'Merging one of the ways out closes the others.';
  return [stopped(way), differingTable(way), merging(way), others, policy];
}

function notHelped({ name, where, why, ...way }: Back): string {
  return `${boldName(name, where)} is not well after ${causeWords(way)}: ${sentence(why)}`;
}

function goesBack({ changes, safe }: Back): string {
  const words = changes.map(({ field, before, after }) => printChange(field, before, after)).join(', ');
  return `This proposes the way back: ${escapeBold(words, 200)}. Safe now: ${sentence(safe)}`;
}

function stopped({ name, where, why, untouched, ...way }: AfterStop): string {
  const touched = untouched ? ', and nothing was touched' : '';
  if (way.kind === 'insist' && isSo(way))
    return `${boldName(name, where)} is as ${causeWords(way)} declares it, which does not count as approved${touched}: ${sentence(why)}`;
  return `${boldName(name, where)} is not as ${causeWords(way)} declares it${touched}: ${sentence(why)}`;
}

/** What is declared is live already: then there is nothing to insist on, and a merge makes it count. */
function isSo({ differing }: Pick<AfterStop, 'differing'>): boolean {
  return differing.length > 0 && differing.every(({ declared, live }) => sameValue(declared, live));
}

function differingTable({ differing }: AfterStop): string {
  if (differing.length === 0) return '';
  const row = ({ field, declared, live }: Differing) => {
    const value = (side: Json) => escapeText(printValues({ [field]: side }).slice(field.length + 1), 60);
    return `| ${escapeText(field, 40)} | ${value(live)} | ${value(declared)} |`;
  };
  return ['| | live | declared |', '|---|---|---|', ...differing.map(row)].join('\n');
}

function merging(way: AfterStop): string {
  const files = listed(way.files.map((file) => escapeCode(file)));
  if (way.kind === 'accept') return `**Keep what is live.** Merging makes ${files} say it. No target is touched.`;
  if (way.kind === 'insist' && isSo(way))
    return '**Approve it.** Merging makes what is declared count as approved. No target is touched: it is live already.';
  if (way.kind === 'insist')
    return '**Insist.** Merging applies what is declared, once. Its own plan below says what that changes.';
  return `**Take it back.** Merging makes ${files} say again what it said before ${causeWords(way)}. Its own plan below says whether that changes anything live.`;
}

function boldName(name: string, where: string): string {
  return `${escapeBold(name)} (${escapeText(where, 60)})`;
}

/** `#42`, which forges make a link, or `commit 1a2b3c4 (no pull request)`. */
function causeWords({ cause }: Pick<WayOut, 'cause'>): string {
  return 'pullRequest' in cause
    ? `#${cause.pullRequest}`
    : `commit ${escapeText(cause.commit.slice(0, 7))} (no pull request)`;
}

function proposedOf(way: AfterStop | Back): Digest {
  if (way.kind === 'revert') return digestOf(Object.fromEntries(way.changes.map(({ field, after }) => [field, after])));
  const declared = valuesOf(way, 'declared');
  if (way.kind === 'undo') return digestOf({ kind: way.kind, declared });
  // What is live is part of both: an operation insists against exactly that.
  return digestOf({ kind: way.kind, declared, live: valuesOf(way, 'live') });
}

/** One side of what differs, by field. */
export function valuesOf(
  { differing }: Pick<AfterStop, 'differing'>,
  side: 'live' | 'declared',
): { [field: string]: Json } {
  return Object.fromEntries(differing.map((one) => [one.field, one[side]]));
}
