import { escapeText } from '../records/escape.ts';
import { counted } from '../texts/words.ts';

/** Names the one issue that is the dashboard. */
export const boardMarker = 'dashboard';

/** What a ticked box does. Nothing that merges or applies: whoever may write here may tick it, and nobody knows who did. */
export type BoxDeed = 'look' | 'reopen';

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

const deeds: { readonly [deed in BoxDeed]: string } = { look: 'look again', reopen: 'open it anew' };

const mostLines = 50;

/** Title and body of the issue: a function of what it lists alone, so that it is written only when that changes. */
export function printBoard(board: Board): { title: string; body: string } {
  const parts = Object.keys(headings) as (keyof Board)[];
  const counts = parts.flatMap((part) => (board[part].length === 0 ? [] : [`${board[part].length} ${part}`]));
  const sections = parts.flatMap((part) => (board[part].length === 0 ? [] : [section(headings[part], board[part])]));
  const nothing = 'Nothing is open, waiting, limited, snoozed or failed.';
  const foot =
    'A ticked box is done at the next look, and unticked. Boxes merge and apply nothing. Closing this issue stops it; `dashboard: false` in gitmend.yaml ends it.';
  return {
    title: `gitmend: ${counts.length === 0 ? 'all is well' : counts.join(', ')}`,
    body: `${[...(sections.length === 0 ? [nothing] : sections), foot].join('\n\n')}\n`,
  };
}

/** The boxes that somebody ticked. Whoever may write can write any line: only what is offered now is done (`offered`). */
export function tickedIn(body: string, offered: readonly Box[]): Box[] {
  const ticked = body.split(/\r?\n/).flatMap((line) => {
    const [, deed, number] = /^[-*] \[[xX]\] <!-- gitmend:box (look|reopen)\/([1-9]\d{0,8}) -->/.exec(line) ?? [];
    return deed === undefined ? [] : [{ deed: deed as BoxDeed, number: Number(number) }];
  });
  return offered.filter((box) => ticked.some((one) => one.deed === box.deed && one.number === box.number));
}

/** Every box that a board has. */
export function boxesOf(board: Board): Box[] {
  return Object.values(board)
    .flat()
    .flatMap(({ box, number }: BoardItem) =>
      box === undefined || number === undefined ? [] : [{ deed: box, number }],
    );
}

function section(heading: string, items: readonly BoardItem[]): string {
  const shown = items.slice(0, mostLines).map(line);
  const rest =
    items.length > mostLines ? [`- and ${counted(items.length - mostLines, 'more')}`.replace(/mores?$/, 'more')] : [];
  return [`### ${heading}`, '', ...shown, ...rest].join('\n');
}

function line({ number, words, box }: BoardItem): string {
  const what = `${number === undefined ? '' : `#${number} `}${escapeText(words, 240)}`;
  if (box === undefined || number === undefined) return `- ${what}`;
  return `- [ ] <!-- gitmend:box ${box}/${number} --> ${what} (${deeds[box]})`;
}
