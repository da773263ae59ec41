import { mostText } from '../records/cut.ts';
import { escapeText } from '../records/escape.ts';

/** Names the one issue that is the dashboard. */
export const boardMarker = 'dashboard';

/**
 * What a ticked box does: nothing that merges, applies or opens. Whoever may write here may tick it, and nobody knows who
 * did; what takes an approver is a command, which has a writer.
 */
export type BoxDeed = 'look';

export interface Box {
  deed: BoxDeed;
  /** The pull request. */
  number: number;
}

/** One line: a pull request and what there is to say of it (outside text), and a box where something can be done. */
export interface BoardItem {
  number?: number;
  words: string;
  box?: BoxDeed;
  /** A closed proposal of gitmend, which `/retry` opens anew. */
  anew?: true;
}

/** What the dashboard lists, in this order. */
export interface Board {
  open: BoardItem[];
  waiting: BoardItem[];
  limited: BoardItem[];
  snoozed: BoardItem[];
  failed: BoardItem[];
}

const headings: { readonly [part in keyof Board]: string } = {
  open: 'Open',
  waiting: 'Merged, and not at its end',
  limited: 'Held back by a limit',
  snoozed: 'Snoozed',
  failed: 'Did not go through, within 7 days',
};

const deeds: { readonly [deed in BoxDeed]: string } = { look: 'look again' };

/** Lines of a section: as many as let the whole be under what every forge takes. The last always do. */
const lines = [50, 25, 12] as const;
/** Of the longest: what is behind it is counted, and need not say anything. */
export const mostLines = lines[0];

/**
 * Title and body of the issue: a function of what it lists alone, so that it is written only when that changes. `kept` are
 * boxes that somebody ticked while it was being made: they stay ticked.
 */
export function printBoard(board: Board, kept: readonly Box[] = []): { title: string; body: string } {
  const parts = (Object.keys(headings) as (keyof Board)[]).filter((part) => board[part].length > 0);
  const counts = parts.map((part) => `${board[part].length} ${part}`);
  const bodies = lines.map((most) => bodyOf(parts.map((part) => section(headings[part], board[part], { most, kept }))));
  return {
    title: `gitmend: ${counts.length === 0 ? 'all is well' : counts.join(', ')}`,
    body: bodies.find(({ length }) => length < mostText) ?? bodies.at(-1) ?? '',
  };
}

function bodyOf(sections: readonly string[]): string {
  const nothing = 'Nothing is open, waiting, limited, snoozed or failed.';
  const foot =
    'A ticked box is done at the next look, and unticked. Boxes merge, apply and open nothing. Closing this issue stops it; `dashboard: false` in gitmend.yaml ends it.';
  return `${[...(sections.length === 0 ? [nothing] : sections), foot].join('\n\n')}\n`;
}

/** The boxes that somebody ticked. Whoever may write can write any line: only what is offered now is done (`offered`). */
export function tickedIn(body: string, offered: readonly Box[]): Box[] {
  const ticked = body.split(/\r?\n/).flatMap((line) => {
    const [, deed, number] = /^[-*] \[[xX]\] <!-- gitmend:box (look)\/([1-9]\d{0,8}) -->/.exec(line) ?? [];
    return deed === undefined ? [] : [{ deed: deed as BoxDeed, number: Number(number) }];
  });
  return offered.filter((box) => ticked.some((one) => sameBox(one, box)));
}

/** Every box that a board has. */
export function boxesOf(board: Board): Box[] {
  return Object.values(board)
    .flat()
    .flatMap(({ box, number }: BoardItem) =>
      box === undefined || number === undefined ? [] : [{ deed: box, number }],
    );
}

interface Shape {
  /** Lines. */
  most: number;
  kept: readonly Box[];
}

function section(heading: string, items: readonly BoardItem[], { most, kept }: Shape): string {
  const shown = items.slice(0, most).map((item) => line(item, kept));
  const rest = items.length > most ? [`- and ${items.length - most} more`] : [];
  return [`### ${heading}`, '', ...shown, ...rest].join('\n');
}

function line({ number, words, box, anew }: BoardItem, kept: readonly Box[]): string {
  const what = `${number === undefined ? '' : `#${number} `}${escapeText(words, 240)}`;
  if (number === undefined) return `- ${what}`;
  if (anew === true) return `- ${what} (\`/retry\` on #${number} by an approver opens it anew)`;
  if (box === undefined) return `- ${what}`;
  const ticked = kept.some((one) => sameBox(one, { deed: box, number }));
  return `- [${ticked ? 'x' : ' '}] <!-- gitmend:box ${box}/${number} --> ${what} (${deeds[box]})`;
}

function sameBox(a: Box, b: Box): boolean {
  return `${a.deed}/${a.number}` === `${b.deed}/${b.number}`;
}
