import { cutMarkdown } from './cut.ts';

/** How many lines of each list of a plan comment are shown. */
export interface Room {
  steps: number;
  operations: number;
  refusals: number;
  notes: number;
  /** What the stacks do not hold any more: unfolded. */
  removed: number;
  /** Every other line of the stacks: folded. */
  stacks: number;
  /** Characters of the section about Terraform, which folds its lists itself. */
  terraform: number;
  /** Characters of the section about Ansible: the same. */
  ansible: number;
}

/** More steps than a comment can show whole are more than a person can approve: such a plan is refused before. */
export const mostSteps = 40;

/** What a person still reads in one comment. */
export const readable: Room = {
  steps: mostSteps,
  operations: 12,
  refusals: 15,
  notes: 12,
  removed: 40,
  stacks: 1000,
  terraform: 24_000,
  ansible: 24_000,
};

/** For the text that is kept beside the comment. */
export const everything: Room = {
  steps: Infinity,
  operations: Infinity,
  refusals: Infinity,
  notes: Infinity,
  removed: Infinity,
  stacks: Infinity,
  terraform: Infinity,
  ansible: Infinity,
};

/** What is given up first. */
const leastFirst = ['stacks', 'terraform', 'ansible', 'notes', 'operations', 'removed', 'steps', 'refusals'] as const;

/**
 * The text with as much in it as is readable and has at most so many characters: the same for the same lists and limit,
 * always. What matters least gives way first.
 */
export function fitting(most: number, print: (room: Room) => string): string {
  let room = readable;
  for (const list of leastFirst) {
    const text = print(room);
    if (text.length <= most) return text;
    const fits = (count: number): boolean => print({ ...room, [list]: count }).length <= most;
    room = { ...room, [list]: greatest(room[list], fits) };
  }
  return cutMarkdown(print(room), most);
}

/** The greatest count below `top` that fits; 0 where none does. */
function greatest(top: number, fits: (count: number) => boolean): number {
  let [low, high] = [0, top - 1];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (fits(middle)) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** `3 of 15 notes`; '' where all are shown. */
export function leftOut(total: number, shown: number, what: string): string {
  return total <= shown ? '' : `${total - shown} of ${total} ${what}`;
}
