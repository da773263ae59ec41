import { type Digest, short } from '../core/json.ts';
import type { PlanRecord } from '../core/plan.ts';
import { capitalised, clockOf, counted, dayAndMinuteOf, printSpan } from '../texts/words.ts';
import { noAlertWords, notObservedWords, watchWords } from './afterwards.ts';
import { escapeCode, escapeText, fencedBlock } from './escape.ts';
import { recordDigest } from './plan-record.ts';
import { headline, stepTable } from './plan-table.ts';
import { approvalWords, mergingWords } from './policy-words.ts';
import { details, sentence } from './sentence.ts';

/** Names the one plan comment of a pull request. */
export const planMarker = '<!-- gitmend:plan -->';

/** More steps than a comment can show whole are more than a person can approve: such a plan is refused before. */
export const mostSteps = 40;

/** The comment of a plan: a function of its record alone, so that the runner can print it again and compare. */
export function printPlanComment(record: PlanRecord): string {
  const id = escapeCode(short(recordDigest(record)));
  const parts =
    record.refusals.length > 0
      ? refusedParts(record, id)
      : record.steps.length > 0
        ? stepParts(record, id)
        : noStepParts(record, id);
  return `${[planMarker, ...parts, ...folded(record)].join('\n\n')}\n`;
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

function stepParts(record: PlanRecord, id: string): string[] {
  return [
    `### Plan ${id}: ${record.preview.accepted ? '' : 'would be refused now, '}${headline(record.steps)}`,
    mergingWords(record.policy),
    stepTable(record.steps),
    ...notes(record),
    `${dryRun(record)}\n${afterwards(record)}`,
  ];
}

/** The refusal first: nothing else matters until it is gone. */
function refusedParts(record: PlanRecord, id: string): string[] {
  const reasons = record.refusals.slice(0, 15).map(({ reason, message, next }) => {
    const help = next === '' ? '' : ` Next: ${sentence(next, 300)}`;
    return `- **Refused** (${escapeCode(reason, 60)}): ${sentence(message, 300)}${help}`;
  });
  const left = record.refusals.length - reasons.length;
  const more = left > 0 ? [`- and ${left} more`] : [];
  const steps = record.steps.length > 0 ? ['What it would have been:', stepTable(record.steps)] : [];
  return [
    `### Plan ${id}: refused, merging applies nothing`,
    [...reasons, ...more].join('\n'),
    ...steps,
    ...notes(record),
  ];
}

function noStepParts(record: PlanRecord, id: string): string[] {
  return [`### Plan ${id}: nothing is applied`, meaning(record), ...notes(record)];
}

/** What merging means where nothing is applied by it. */
function meaning({ remedy, notes: said, policy }: PlanRecord): string {
  if (policy.rule.startsWith('change of the rules')) {
    return `**Merging changes the rules**: what comes after it is decided by them (${approvalWords(policy)}). No target is touched.`;
  }
  if (remedy === 'accept') return '**Merging makes the declaration catch up with what is live.** No target is touched.';
  return said.length > 0
    ? '**Merging touches no target.**'
    : '**Merging touches no target**: what is declared here is so already, or nothing is applied from these files.';
}

function notes({ notes: said, operations }: PlanRecord): string[] {
  const asked = operations.map((id) => `Merging requests the operation ${escapeCode(id)}, once.`);
  const left = said.length > 12 ? [`and ${said.length - 12} more`] : [];
  const lines = [...asked, ...said.slice(0, 12).map((note) => sentence(note, 300)), ...left];
  return lines.length === 0 ? [] : [lines.map((line) => `- ${line}`).join('\n')];
}

function dryRun({ preview, previewedAt }: PlanRecord): string {
  const said = preview.notes.length === 0 ? '' : ` ${capitalised(sentence(preview.notes.join(', ')))}`;
  return `**Dry run ${clockOf(previewedAt)}:** would be ${preview.accepted ? 'accepted' : '**refused**'}.${said}`;
}

function afterwards({ verification }: PlanRecord): string {
  const { window, words, notObserved = [] } = verification;
  return [
    `**Afterwards:** verified when for ${printSpan(window)} ${escapeText(words, 300)}${watchWords(verification)}.`,
    'Otherwise the way back is proposed, if it is safe then.',
    notObservedWords(notObserved, (names) => escapeText(names, 300)),
    noAlertWords(verification),
  ]
    .filter((part) => part !== '')
    .join(' ');
}

function folded(record: PlanRecord): string[] {
  const { synthesized } = record;
  const stack =
    synthesized.length === 0
      ? []
      : [
          details(
            `Stacks: ${counted(synthesized.length, 'attribute changes', 'attributes change')}`,
            fencedBlock(synthesized, 'diff', { lines: 120, letters: 160 }),
          ),
        ];
  return [
    ...stack,
    details(record.refusals.length > 0 ? 'What this was computed from' : 'What this approval binds', binding(record)),
  ];
}

function binding(record: PlanRecord): string {
  const { actions, expiresAt, policy, steps, refusals } = record;
  const until = `(digest ${escapeCode(actions)}), until ${dayAndMinuteOf(expiresAt)}.`;
  const bound =
    refusals.length > 0
      ? `Nothing is approved ${until}`
      : steps.length > 0
        ? `The actions above ${until}`
        : `No action ${until}`;
  const who = policy.eligible.map((account) => escapeText(account, 64)).join(', ');
  return [
    bound,
    `Policy *${escapeText(policy.rule, 80) || 'none'}*: ${approvalWords(policy)}; counted: ${who === '' ? 'nobody' : who}.`,
    `Computed from, for the record: ${origins(record).join(', ')}.`,
  ].join('\n\n');
}

/** Everything that a plan hangs on, so that two plans can be told apart and one can be computed again. */
function origins(record: PlanRecord): string[] {
  const { head, base, mergeTree, rules, inForce, tools, steps } = record;
  const observed = [...new Map(steps.map((step) => [step.target, step])).values()];
  return [
    `head ${escapeCode(head)}`,
    `base ${escapeCode(base)}`,
    `merge tree ${escapeCode(mergeTree)}`,
    `rules ${escapeCode(rules)}`,
    ...(inForce === undefined
      ? []
      : [`config digest ${escapeCode(inForce.config)}`, `policy version ${escapeCode(inForce.policies)}`]),
    ...observed
      .slice(0, 5)
      .map(({ name, preState }) => `${escapeText(name, 64)} as read ${escapeCode(short(preState))}`),
    ...(observed.length > 5 ? [`and ${observed.length - 5} more as read`] : []),
    `plan record ${escapeCode(recordDigest(record))}`,
    ...Object.entries(tools).map(([name, version]) => escapeCode(`${name} ${version}`, 60)),
  ];
}
