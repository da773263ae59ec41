import { isoTime } from '../../core/clock.ts';
import type { JournalEntry } from '../../core/run.ts';
import { printPercent } from '../../texts/words.ts';

type Look = JournalEntry & { kind: 'look' };

/** One figure over the window. Fractions become percent; lines differ by their dash, never by colour alone. */
export interface ChartLine {
  name: string;
  /** The points of `<polyline>`. */
  points: string;
  marks: { x: number; y: number; label: string }[];
  /** The last value, for the legend. */
  last: string;
  dash: string;
}

export interface Chart {
  width: number;
  height: number;
  lines: ChartLine[];
  /** Horizontal lines, at 0, 50 and 100 %. */
  grid: { y: number; label: string }[];
  from: string;
  until: string;
  /** Where now is in the window, while it goes on. */
  now: number | undefined;
  /** The same in words, for whoever does not see it. */
  words: string;
}

const size = { width: 640, height: 200, left: 72, right: 12, top: 12, bottom: 26 };
const figures: readonly (readonly [name: string, words: string, dash: string])[] = [
  ['usage', 'memory in use', ''],
  ['stalls', 'stalled on memory', '6 4'],
  ['cpuStalls', 'stalled on CPU', '2 4'],
];

/** Looks of one verification as a small chart; `undefined` where no look saw a figure. Times in milliseconds. */
export function chartOf(looks: readonly Look[], from: number, until: number, now: number): Chart | undefined {
  const x = (at: number) =>
    round(size.left + Math.min(1, Math.max(0, (at - from) / Math.max(until - from, 1))) * plotWidth);
  const lines = figures.flatMap(([name, words, dash]) => {
    const seen = looks.flatMap(({ at, observed }) => {
      const value = observed[name];
      return typeof value === 'number'
        ? [{ x: x(Date.parse(at)), y: heightOf(value), label: `${at.slice(11)} ${printPercent(value)}`, value }]
        : [];
    });
    const last = seen.at(-1);
    if (last === undefined) return [];
    const points = seen.map((mark) => `${mark.x},${mark.y}`).join(' ');
    return [
      {
        name: words,
        points,
        marks: seen.map(({ x: left, y, label }) => ({ x: left, y, label })),
        last: printPercent(last.value),
        dash,
      },
    ];
  });
  if (lines.length === 0) return undefined;
  return {
    width: size.width,
    height: size.height,
    lines,
    grid: [0, 0.5, 1].map((value) => ({ y: heightOf(value), label: printPercent(value) })),
    from: isoTime(from),
    until: isoTime(until),
    now: now < until ? x(now) : undefined,
    words: lines.map(({ name, marks, last }) => `${name}: ${marks.length} looks, last ${last}`).join('; '),
  };
}

const plotWidth = size.width - size.left - size.right;

/** More than all is drawn as all: the number beside it says how much. */
function heightOf(fraction: number): number {
  const plot = size.height - size.top - size.bottom;
  return round(size.top + plot * (1 - Math.min(1, Math.max(0, fraction))));
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
