import type { Digest } from '../core/json.ts';
import type { PlanRecord } from '../core/plan.ts';
import { isFinal, type Step } from '../core/step.ts';
import { capitalised, clockOf, counted, listed, printSpan } from '../texts/words.ts';
import { noAlertWords, notObservedWords, watchWords } from './afterwards.ts';
import { escapeCode, escapeText } from './escape.ts';
import { ansibleParts } from './plan-ansible.ts';
import { leftOut, type Room } from './plan-room.ts';
import { longLines, type StackLines } from './plan-stacks.ts';
import { headline, stepTable } from './plan-table.ts';
import { terraformParts } from './plan-terraform.ts';
import { approvalWords, mergingWords } from './policy-words.ts';
import { sentence } from './sentence.ts';

/** A record with what is computed of it once. */
export interface PlanText {
  record: PlanRecord;
  digest: Digest;
  stacks: StackLines;
}

/** A plan that leads to something: what merging means, then the steps, what is worst first. */
export function stepParts(plan: PlanText, heading: string, room: Room): string[] {
  const { record } = plan;
  return [
    `${heading} ${record.preview.accepted ? '' : 'would be refused now, '}${headline(record.steps)}`,
    mergingWords(record.policy),
    ...notWhole(plan, room),
    stepTable(record.steps, room.steps),
    ...notes(record, room),
    `${dryRun(record)}\n${afterwards(record)}`,
  ];
}

/** The refusal first: nothing else matters until it is gone. */
export function refusedParts(plan: PlanText, heading: string, room: Room): string[] {
  const { record } = plan;
  const shown = record.refusals.slice(0, room.refusals);
  const reasons = shown.map(({ reason, message, next }, at) => {
    // What helps against several in a row is said once, behind the last of them.
    const help = next === '' || shown[at + 1]?.next === next ? '' : ` Next: ${sentence(next, 300)}`;
    return `- **Refused** (${escapeCode(reason, 60)}): ${sentence(message, 300)}${help}`;
  });
  const left = record.refusals.length - reasons.length;
  const more = left > 0 ? [`- and ${left} more`] : [];
  const steps = record.steps.length > 0 ? ['What it would have been:', stepTable(record.steps, room.steps)] : [];
  return [
    `${heading} refused, merging applies nothing`,
    ...notWhole(plan, room),
    [...reasons, ...more].join('\n'),
    ...steps,
    ...notes(record, room),
  ];
}

/** A plan that leads to nothing, and what merging means then. */
export function noStepParts(plan: PlanText, heading: string, room: Room): string[] {
  const { record } = plan;
  return [`${heading} nothing is applied`, meaning(record), ...notWhole(plan, room), ...notes(record, room)];
}

/**
 * What is left out and where it is, before anything that is cut; with the digest of all actions, because that is what an
 * approval binds, shown or not. Nothing where everything is shown.
 */
function notWhole({ record, stacks }: PlanText, room: Room): string[] {
  const { steps, operations, refusals, notes: said, actions, pullRequest } = record;
  const { removed, others } = stacks;
  const long = longLines(stacks, room);
  const left = [
    leftOut(steps.length, room.steps, 'steps'),
    leftOut(refusals.length, room.refusals, 'refusals'),
    leftOut(operations.length, room.operations, 'operations'),
    leftOut(said.length, room.notes, 'notes'),
    leftOut(removed.length, room.removed, 'blocks that the stacks no longer hold'),
    leftOut(others.length, room.stacks, 'lines of the stacks'),
    ansibleParts(record, room).whole ? '' : 'some of what Ansible would change',
    terraformParts(record, room).whole ? '' : 'some of what Terraform plans',
    long === 0 ? '' : `the end of ${counted(long, 'long line')}`,
  ].filter((words) => words !== '');
  if (left.length === 0) return [];
  const where = `${escapeCode(`gitmend plan ${pullRequest} --print`)}, or comment.md in ${escapeCode(`refs/gitmend/plans/${pullRequest}`)}`;
  return [
    `**Not everything is shown here.** Left out: ${listed(left)}. The whole text: ${where}. All actions together have the digest ${escapeCode(actions)}.`,
  ];
}

/** What merging means where nothing is applied by it. */
function meaning({ remedy, notes: said, policy }: PlanRecord): string {
  if (policy.rule.startsWith('change of the rules')) {
    return `**Merging changes the rules**: what comes after it is decided by them. It takes ${approvalWords(policy)}. No target is touched.`;
  }
  if (remedy === 'accept') return '**Merging makes the declaration catch up with what is live.** No target is touched.';
  return said.length > 0
    ? '**Merging touches no target.**'
    : '**Merging touches no target**: what is declared here is so already, or nothing is applied from these files.';
}

function notes({ notes: said, operations }: PlanRecord, room: Room): string[] {
  const more = (all: readonly string[], shown: number): string[] =>
    all.length > shown ? [`and ${all.length - shown} more`] : [];
  const asked = operations
    .slice(0, room.operations)
    .map((id) => `Merging requests the operation ${escapeCode(id)}, once.`);
  const lines = [
    ...[...asked, ...more(operations, room.operations)],
    ...[...said.slice(0, room.notes).map((note) => sentence(note, 300)), ...more(said, room.notes)],
  ];
  return lines.length === 0 ? [] : [lines.map((line) => `- ${line}`).join('\n')];
}

function dryRun({ preview, previewedAt }: PlanRecord): string {
  const said = preview.notes.length === 0 ? '' : ` ${capitalised(sentence(preview.notes.join(', ')))}`;
  return `**Dry run ${clockOf(previewedAt)}:** would be ${preview.accepted ? 'accepted' : '**refused**'}.${said}`;
}

function afterwards({ verification, steps }: PlanRecord): string {
  const { window, words, notObserved = [] } = verification;
  return [
    `**Afterwards:** verified when ${window > 0 ? `for ${printSpan(window)} ` : ''}${escapeText(words, 300)}${watchWords(verification)}.`,
    otherwise(steps),
    notObservedWords(notObserved, (names) => escapeText(names, 300)),
    noAlertWords(verification),
  ]
    .filter((part) => part !== '')
    .join(' ');
}

function otherwise(steps: readonly Step[]): string {
  if (steps.some(isFinal)) return 'Otherwise a person looks: what cannot be undone has no way back.';
  const last = steps.find(({ inverse }) => inverse === 'irreversible');
  if (last === undefined) return 'Otherwise the way back is proposed, if it is safe then.';
  return last.kind === 'create-guest'
    ? 'Otherwise a person looks, and it stays: a pull request that takes its file away removes it.'
    : 'Otherwise a person looks, and it stays: a pull request that reverts it gets a plan of its own.';
}
