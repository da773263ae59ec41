import type { PlanRecord } from '../core/plan.ts';
import { counted } from '../texts/words.ts';
import { escapeText, fencedBlock } from './escape.ts';
import { everything, type Room } from './plan-room.ts';
import { details } from './sentence.ts';

/** Letters of one line in a comment; the whole text has more of them. */
const inComment = 160;
const inWhole = 4000;

/** The difference of the synthesized stacks, sorted out once: a large one is printed more than once until it fits. */
export interface StackLines {
  /** What the stacks do not hold any more. */
  removed: string[];
  others: string[];
  /** `web 12, dns 3`: lines by stack, the most first; '' where there is one stack. */
  byStack: string;
}

export function stackLines({ synthesized }: Pick<PlanRecord, 'synthesized'>): StackLines {
  const isGone = (line: string): boolean => /^[^"]*: removed$/.test(line);
  return {
    removed: synthesized.filter(isGone),
    others: synthesized.filter((line) => !isGone(line)),
    byStack: byStack(synthesized),
  };
}

/** How many shown lines are longer than a line of the comment may be. */
export function longLines({ removed, others }: StackLines, room: Room): number {
  if (room === everything) return 0;
  const shown = [...removed.slice(0, room.removed), ...others.slice(0, room.stacks)];
  return shown.filter((line) => line.length > inComment).length;
}

/** What goes stands unfolded; the rest folds, with how much there is of each stack where not all of it is shown. */
export function stackParts({ removed, others, byStack: each }: StackLines, room: Room): string[] {
  const letters = room === everything ? inWhole : inComment;
  const gone = `**The stacks no longer hold** ${counted(removed.length, 'block')}:`;
  const unfolded = removed.length === 0 ? [] : [gone, fencedBlock(removed, 'diff', { lines: room.removed, letters })];
  if (others.length === 0) return unfolded;
  const summary = `Stacks: ${counted(others.length, 'attribute changes', 'attributes change')}`;
  const block = fencedBlock(others, 'diff', { lines: room.stacks, letters });
  const sums = each === '' || others.length <= room.stacks ? [] : [`Lines of each stack: ${each}.`];
  return [...unfolded, details(summary, [...sums, block].join('\n\n'))];
}

function byStack(lines: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const line of lines) {
    // Where there are several stacks each line begins with the name of its own.
    const [, stack] = /^([A-Za-z0-9_.-]{1,80}): [^\s:]+: /.exec(line) ?? [];
    if (stack === undefined) return '';
    counts.set(stack, (counts.get(stack) ?? 0) + 1);
  }
  if (counts.size < 2) return '';
  const sorted = [...counts].sort(([a, many], [b, more]) => more - many || (a < b ? -1 : 1));
  const shown = sorted.slice(0, mostStacks).map(([stack, count]) => `${escapeText(stack, 60)} ${count}`);
  const left = sorted.length - shown.length;
  return `${shown.join(', ')}${left > 0 ? ` and ${left} more stacks` : ''}`;
}

const mostStacks = 150;
