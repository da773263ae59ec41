import { escapeCode, escapeText, plainText } from '../records/escape.ts';
import { details, sentence } from '../records/sentence.ts';
import { cutMarkdown } from '../records/cut.ts';
import { forcedBy, nameOf } from './judge.ts';
import type { ResourceChange, TerraformPlan } from './plan.ts';
import { attributeWords } from './values.ts';
import { changeLine, countsOf } from './words.ts';

export interface StackPlan {
  stack: string;
  plan: TerraformPlan;
}

/** Of this many characters a forge takes no more in one comment; the rest of the plan comment needs room beside it. */
export const mostInComment = 65_536;

/** How many of the worst stand unfolded; a reader who has so many reads the whole text. */
const mostUnfolded = 40;
const linesOfStack = 60;
/** One line of a change: what a new guest is made of fits. */
const longestLine = 1200;

/**
 * The section of the plan comment about Terraform, at most `most` characters: the counts, then whatever destroys,
 * replaces or is refused, in words and unfolded, then everything else folded by stack. What does not fit is counted, and
 * `whole` says so; the full text is `printPlans`.
 */
export function printSection(stacks: readonly StackPlan[], most: number): { text: string; whole: boolean } {
  const shown = stacks.filter(({ plan }) => hasSomething(plan)).sort(worstFirst);
  const head = [headline(stacks), ...worst(shown), ...refused(shown), ...checks(shown)].join('\n\n');
  const blocks = shown.filter(({ plan }) => !isAllUnfolded(plan)).map(folded);
  const text = [head, ...fitting(blocks, most - head.length - 300)].join('\n\n');
  const left = blocks.filter(({ text: block }) => !text.includes(block)).length;
  const cutWithin = blocks.some(({ whole }) => !whole);
  return { text: cutMarkdown(text, most), whole: left === 0 && !cutWithin && text.length <= most };
}

function hasSomething({ changes, drift, failedChecks, objections, outputs }: TerraformPlan): boolean {
  return changes.length + drift.length + failedChecks.length + objections.length + outputs.length > 0;
}

/** Only what it destroys, which stands above by name. */
function isAllUnfolded({ changes, drift, outputs, unchanged }: TerraformPlan): boolean {
  const destroyed = changes.filter(({ kind }) => kind === 'destroy').length;
  return destroyed === changes.length && destroyed <= mostUnfolded && drift.length + outputs.length + unchanged === 0;
}

function headline(stacks: readonly StackPlan[]): string {
  const plans = stacks.map(({ plan }) => plan);
  const where = stacks.length === 1 ? `stack ${escapeText(stacks[0]?.stack ?? '', 60)}` : `${stacks.length} stacks`;
  return `**Terraform**, ${where}: ${countsOf(plans)}.`;
}

function worst(stacks: readonly StackPlan[]): string[] {
  const changes = stacks.flatMap(({ plan }) => plan.changes.filter(isWorst));
  const lines = changes.sort((a, b) => rank(a) - rank(b)).map(worstLine);
  if (lines.length === 0) return [];
  const left = lines.length - mostUnfolded;
  return [[...lines.slice(0, mostUnfolded), ...(left > 0 ? [`- **and ${left} more of these**`] : [])].join('\n')];
}

function isWorst({ kind, disturbance }: ResourceChange): boolean {
  return kind === 'destroy' || kind === 'replace' || kind === 'forget' || disturbance === 'restarts';
}

function rank({ kind }: ResourceChange): number {
  return ['destroy', 'replace', 'forget'].indexOf(kind) + (kind === 'update' ? 4 : 0);
}

const unfoldedWords = {
  destroy: 'Destroys',
  replace: 'Destroys and makes anew',
  forget: 'Stops managing',
  update: 'Restarts',
};

function worstLine(change: ResourceChange): string {
  const { kind, address } = change;
  const verb =
    kind === 'destroy' || kind === 'replace' || kind === 'forget' ? unfoldedWords[kind] : unfoldedWords.update;
  const why = kind === 'replace' ? `: ${escapeText(forcedBy(change), 200)}` : '';
  const where = nameOf(change) === address ? '' : ` ${escapeCode(address)}`;
  return `- **${verb} ${escapeText(nameOf(change), 120)}**${where}${why}`;
}

function refused(stacks: readonly StackPlan[]): string[] {
  const lines = stacks.flatMap(({ plan }) =>
    plan.objections.map(({ why, next }) => `- **Refused**: ${sentence(why, 300)} ${sentence(next, 200)}`),
  );
  return lines.length === 0 ? [] : [limited(lines, mostUnfolded, 'refusals')];
}

function checks(stacks: readonly StackPlan[]): string[] {
  const lines = stacks.flatMap(({ plan }) =>
    plan.failedChecks.map(({ address, status, problems }) => {
      const why = problems.map((problem) => sentence(problem, 200)).join(' ');
      return `- ${escapeCode(address)} ${status === 'fail' ? 'does not hold' : 'could not be decided'}${why === '' ? '' : `: ${why}`}`;
    }),
  );
  return lines.length === 0 ? [] : [limited(lines, mostUnfolded, 'checks')];
}

function limited(lines: readonly string[], most: number, what: string): string {
  const left = lines.length - most;
  return [...lines.slice(0, most), ...(left > 0 ? [`- and ${left} more ${what}`] : [])].join('\n');
}

interface Block {
  text: string;
  whole: boolean;
}

function folded({ stack, plan }: StackPlan): Block {
  const lines = stackLines(plan);
  const shown = lines.slice(0, linesOfStack).map((line) => `- ${escapeText(line, longestLine)}`);
  const left = lines.length - shown.length;
  const body = [...shown, ...(left > 0 ? [`- and ${left} more lines`] : [])].join('\n');
  const whole = left <= 0 && lines.every((line) => line.length <= longestLine);
  return {
    text: details(`${escapeText(stack, 60)}: ${countsOf([plan])}`, body === '' ? 'Nothing else.' : body),
    whole,
  };
}

/** Every change, what was found changed, and the outputs, as plain lines. */
function stackLines({ changes, drift, outputs, unchanged }: TerraformPlan): string[] {
  return [
    ...changes.map(changeLine),
    ...drift.map((change) => `Found changed outside of Terraform: ${changeLine({ ...change, disturbance: 'none' })}`),
    ...(outputs.length === 0 ? [] : [`Outputs that change: ${outputs.join(', ')}`]),
    ...(unchanged === 0 ? [] : [`${unchanged} unchanged`]),
  ];
}

/** The blocks that fit, in order, and the count of those that do not. */
function fitting(blocks: readonly Block[], room: number): string[] {
  const kept: string[] = [];
  let used = 0;
  for (const { text } of blocks) {
    if (used + text.length + 2 > room) continue;
    used += text.length + 2;
    kept.push(text);
  }
  const left = blocks.length - kept.length;
  return left === 0
    ? kept
    : [
        ...kept,
        `**${left} more ${left === 1 ? 'stack is' : 'stacks are'} not shown here**: they do not fit into one comment.`,
      ];
}

/** What destroys first, then what restarts, then by name. */
function worstFirst(a: StackPlan, b: StackPlan): number {
  return badness(b.plan) - badness(a.plan) || (a.stack < b.stack ? -1 : 1);
}

function badness({ changes, objections }: TerraformPlan): number {
  if (objections.length > 0) return 3;
  if (changes.some(({ kind }) => kind === 'destroy' || kind === 'replace')) return 2;
  return changes.some(isWorst) ? 1 : 0;
}

/** Everything, as plain text: what is kept beside the comment where that had to be cut. */
export function printPlans(stacks: readonly StackPlan[]): string {
  return stacks
    .flatMap(({ stack, plan }) => [
      `# ${plainText(stack, 200)}: ${countsOf([plan])}`,
      ...plan.changes.flatMap(fullLines),
      ...plan.drift.flatMap((one) => fullLines(one).map((line) => `drift ${line}`)),
      ...plan.objections.map(({ why }) => `refused ${plainText(why, 600)}`),
      '',
    ])
    .join('\n');
}

function fullLines(change: ResourceChange): string[] {
  return [
    `${change.kind} ${plainText(change.address, 1000)}`,
    ...change.attributes.map((one) => `  ${plainText(attributeWords(one), 4000)}`),
  ];
}
