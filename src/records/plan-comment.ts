import { type Digest, short } from '../core/json.ts';
import type { PlanRecord } from '../core/plan.ts';
import { escapeCode } from './escape.ts';
import { ansibleParts } from './plan-ansible.ts';
import { binding } from './plan-binding.ts';
import { noStepParts, type PlanText, refusedParts, stepParts } from './plan-parts.ts';
import { recordDigest } from './plan-record.ts';
import { everything, fitting, type Room } from './plan-room.ts';
import { stackLines, stackParts } from './plan-stacks.ts';
import { terraformParts } from './plan-terraform.ts';
import { details } from './sentence.ts';

/** Names the one plan comment of a pull request. */
export const planMarker = '<!-- gitmend:plan -->';

/** Characters that every forge takes as one comment: GitHub's limit, the smallest one. */
export const smallestLimit = 65_536;

/**
 * The comment of a plan, of at most `limit` characters (UTF-16 units): a function of its record and of the forge's limit
 * alone, so that the runner can print it again and compare. What does not fit is counted, with where it can be read.
 */
export function printPlanComment(record: PlanRecord, limit = smallestLimit): string {
  const plan = sortedOut(record);
  return fitting(limit, (room) => printed(plan, room));
}

/** The whole text of a plan, however long: what is kept beside its record, and what `gitmend plan N --print` shows. */
export function printWholePlan(record: PlanRecord): string {
  return printed(sortedOut(record), everything);
}

function sortedOut(record: PlanRecord): PlanText {
  return { record, digest: recordDigest(record), stacks: stackLines(record) };
}

function printed(plan: PlanText, room: Room): string {
  const { record, digest, stacks } = plan;
  const [refused, heading] = [record.refusals.length > 0, `### Plan ${escapeCode(short(digest))}:`];
  const print = refused ? refusedParts : record.steps.length > 0 ? stepParts : noStepParts;
  const summary = refused ? 'What this was computed from' : 'What this approval binds';
  const folded = details(summary, binding(record, digest));
  return `${[planMarker, ...print(plan, heading, room), ...ansibleParts(record, room).parts, ...terraformParts(record, room).parts, ...stackParts(stacks, room), folded].join('\n\n')}\n`;
}

/** Whether two texts are the same comment, whatever a forge does to line ends and trailing white space. */
export function sameComment(a: string, b: string): boolean {
  return normalised(a) === normalised(b);
}

/** What a plan comment says of itself, read back from its text. */
export interface ShownPlan {
  /** First seven digits of the record's digest. */
  recordShort: string;
  /** What merging approves. */
  actions: Digest;
  /** ISO 8601 UTC, to the minute. */
  expiresAt: string;
  head: string;
  base: string;
}

/** Reads a plan comment; `undefined` where it is none. The record, not this text, is what a run is compared with. */
export function parsePlanComment(text: string): ShownPlan | undefined {
  const lines = normalised(text).split('\n');
  const found = (pattern: RegExp) => lines.map((line) => pattern.exec(line)).find((match) => match !== null);
  const heading = found(/^### Plan `([0-9a-f]{7})`: /);
  const binds = found(
    /^(?:The actions above|No action|Nothing is approved) \(digest `(sha256:[0-9a-f]{64})`\), until (\d{4}-\d{2}-\d{2}) (\d{2}:\d{2})Z\.$/,
  );
  const from = found(/^Computed from, for the record: head `([^`]+)`, base `([^`]+)`/);
  if (lines[0] !== planMarker || heading === undefined || binds === undefined || from === undefined) return undefined;
  const [, actions = '', day = '', minute = ''] = binds;
  return {
    recordShort: heading[1] ?? '',
    actions: actions as Digest,
    expiresAt: `${day}T${minute}:00Z`,
    head: from[1] ?? '',
    base: from[2] ?? '',
  };
}

function normalised(text: string): string {
  return text
    .replaceAll('\r\n', '\n')
    .replace(/[ \t]+$/gm, '')
    .trim();
}
