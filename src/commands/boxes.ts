/**
 * What a ticked box does: nothing that merges, applies or approves, and nothing that whoever may write here could not do
 * anyway. Nobody knows who ticked it; what takes an approver is a command, which has a writer.
 */
export type BoxDeed = 'look' | 'snooze' | 'observe' | 'open' | 'again' | 'wake' | 'seen';

export interface Box {
  deed: BoxDeed;
  /** What its line is about: the number of a pull request, or the digest of a fault that has none. */
  of: string;
}

/** What stands beside a box: what it does, in a few words. */
export const boxWords: { readonly [deed in BoxDeed]: string } = {
  look: 'look again: plans it anew',
  snooze: 'snooze for a day: closes it until then',
  observe: 'look now: reads, and changes nothing',
  open: 'open it beside the limit: it needs approval as ever',
  again: 'look again: proposed if it is still so',
  wake: 'end the snooze: proposed if it is still so',
  seen: 'seen: takes it off this list',
};

/** Whether that can name what a box is about. */
export function canHaveBox(of: string): boolean {
  return new RegExp(`^(?:${subjects})$`).test(of);
}

const subjects = '[1-9]\\d{0,8}|[0-9a-f]{12}';
const ticked = new RegExp(
  `^ {0,2}[-*] \\[[xX]\\] <!-- gitmend:box (${Object.keys(boxWords).join('|')})/(${subjects}) -->`,
);

/** The boxes that somebody ticked. Whoever may write can write any line: only what is offered now is done (`offered`). */
export function tickedIn(body: string, offered: readonly Box[]): Box[] {
  const found = body.split(/\r?\n/).flatMap((line) => {
    const [, deed, of] = ticked.exec(line) ?? [];
    return deed === undefined || of === undefined ? [] : [{ deed: deed as BoxDeed, of }];
  });
  return offered.filter((box) => found.some((one) => sameBox(one, box)));
}

/** One box as a line of its own, below what it is about. `kept`: those that are ticked and not done yet. */
export function boxLine(box: Box, kept: readonly Box[]): string {
  const mark = kept.some((one) => sameBox(one, box)) ? 'x' : ' ';
  return `  - [${mark}] <!-- gitmend:box ${box.deed}/${box.of} --> ${boxWords[box.deed]}`;
}

export function sameBox(a: Box, b: Box): boolean {
  return a.deed === b.deed && a.of === b.of;
}
