import { mostText } from '../records/cut.ts';
import { escapeBold, escapeText } from '../records/escape.ts';
import { dayAndMinuteOf } from '../texts/words.ts';
import { type Box, type BoxDeed, boxLine, canHaveBox } from './boxes.ts';

/** Names the one issue that is the dashboard. */
export const boardMarker = 'dashboard';

/** One line: what it is about and what there is to say of it (outside text), and boxes where something can be done. */
export interface BoardItem {
  /** The pull request. */
  number?: number;
  /** Digest of the fault, where there is no pull request. */
  fault?: string;
  title: string;
  words: string;
  boxes?: readonly BoxDeed[];
}

/** What came of a box, said below the line that it was on. `at`: ISO 8601 UTC. */
export interface Said {
  of: string;
  at: string;
  words: string;
}

/** What the dashboard lists, in this order. */
export interface Board {
  open: BoardItem[];
  waiting: BoardItem[];
  limited: BoardItem[];
  snoozed: BoardItem[];
  failed: BoardItem[];
  /** Of a line that is not listed any more: at the end. */
  said: readonly Said[];
}

const headings = {
  open: 'Open',
  waiting: 'Merged, and not at its end',
  limited: 'Held back by a limit',
  snoozed: 'Snoozed',
  failed: 'Did not go through, within 7 days',
} as const;
const parts = Object.keys(headings) as (keyof typeof headings)[];

/** Lines of a section: as many as let the whole be under what every forge takes. The last always do. */
const lines = [50, 25, 12, 5] as const;
/** Of the longest: what is behind it is counted, and need not say anything. */
export const mostLines = lines[0];
const mostSaid = 5;

/**
 * Title and body of the issue: a function of what it lists alone, so that it is written only when that changes. `kept` are
 * boxes that somebody ticked while it was being made: they stay ticked.
 */
export function printBoard(board: Board, kept: readonly Box[] = []): { title: string; body: string } {
  const there = parts.filter((part) => board[part].length > 0);
  const counts = there.map((part) => `${board[part].length} ${part}`);
  const bodies = lines.map((most) => bodyOf(board, { most, kept }));
  return {
    title: `gitmend: ${counts.length === 0 ? 'all is well' : counts.join(', ')}`,
    body: bodies.find(({ length }) => length < mostText) ?? bodies.at(-1) ?? '',
  };
}

/** Every box that a board has. */
export function boxesOf(board: Board): Box[] {
  return parts.flatMap((part) => board[part].flatMap(boxesOn));
}

interface Shape {
  /** Lines. */
  most: number;
  kept: readonly Box[];
}

function bodyOf(board: Board, shape: Shape): string {
  const there = parts.filter((part) => board[part].length > 0);
  const sections = there.map((part) => section(headings[part], board[part], board.said, shape));
  const nothing = there.length === 0 ? ['Nothing is open, waiting, limited, snoozed or failed.'] : [];
  return `${[...nothing, ...sections, ...doneLately(board), foot].join('\n\n')}\n`;
}

const foot =
  'A ticked box is done at the next look, and unticked. No box merges, approves or applies anything. Closing this issue stops it; `dashboard: false` in gitmend.yaml ends it.';

function section(heading: string, items: readonly BoardItem[], said: readonly Said[], { most, kept }: Shape): string {
  const shown = items.slice(0, most).flatMap((item) => linesOf(item, said, kept));
  const rest = items.length > most ? [`- and ${items.length - most} more`] : [];
  return [`### ${heading}`, '', ...shown, ...rest].join('\n');
}

/** What it is about, what a box on it led to, and its boxes: each on a line that a thumb can hit. */
function linesOf(item: BoardItem, said: readonly Said[], kept: readonly Box[]): string[] {
  const { number, title, words } = item;
  const name = escapeBold(title, 120);
  const found = said.find(({ of }) => of === subjectOf(item));
  return [
    `- ${number === undefined ? '' : `#${number} `}${name}: ${escapeText(words, 240)}`,
    ...(found === undefined ? [] : [`  - ${saidWords(found)}`]),
    ...boxesOn(item).map((box) => boxLine(box, kept)),
  ];
}

function subjectOf({ number, fault }: BoardItem): string {
  return number === undefined ? (fault ?? '') : String(number);
}

function boxesOn(item: BoardItem): Box[] {
  const of = subjectOf(item);
  return canHaveBox(of) ? (item.boxes ?? []).map((deed) => ({ deed, of })) : [];
}

/** Whoever ticked the last box of a line reads here what became of it. */
function doneLately(board: Board): string[] {
  const listed = new Set(parts.flatMap((part) => board[part].map(subjectOf)));
  const others = board.said.filter(({ of }) => !listed.has(of)).slice(-mostSaid);
  if (others.length === 0) return [];
  const line = (one: Said) => `- ${/^\d{1,9}$/.test(one.of) ? `#${one.of} ` : ''}${saidWords(one)}`;
  return [['### Ticked within a day', '', ...others.map(line)].join('\n')];
}

function saidWords({ at, words }: Said): string {
  return `${dayAndMinuteOf(at)}: ${escapeText(words, 240)}`;
}
