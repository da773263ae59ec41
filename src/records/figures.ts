import type { Json } from '../core/json.ts';
import { printPercent, printSpan } from '../texts/words.ts';

/** What one look observed, by name: `usage`, `stalls`, `fullStalls`, `cpuStalls` as fractions. */
export type Figures = { readonly [name: string]: Json };

const names: readonly (readonly [string, string])[] = [
  ['usage', 'usage'],
  ['stalls', 'stalls'],
  ['cpuStalls', 'stalls on CPU'],
];

/** `usage 64 %, stalls 0.4 %`; '' where nothing was seen. */
export function figuresNow(figures: Figures): string {
  return names
    .flatMap(([name, words]) => (typeof figures[name] === 'number' ? [`${words} ${printPercent(figures[name])}`] : []))
    .join(', ');
}

/** `usage 62–66 % and stalls below 1 % for 10 minutes`, over all looks of a window (seconds). */
export function figuresOver(looks: readonly Figures[], window: number): string {
  const parts = names.flatMap(([name, words]) => {
    const seen = looks.flatMap((look) => (typeof look[name] === 'number' ? [look[name]] : []));
    return seen.length === 0 ? [] : [`${words} ${range(Math.min(...seen), Math.max(...seen))}`];
  });
  return `${parts.length === 0 ? 'it ran as applied' : parts.join(' and ')} for ${printSpan(window)}`;
}

function range(least: number, most: number): string {
  if (most < 0.01) return 'below 1 %';
  const [from, to] = [printPercent(least), printPercent(most)];
  return from === to ? to : `${from.replace(' %', '')}–${to}`;
}

/** For the record: each figure before the change and at the last look. */
export function beforeAndAfter(before: Figures, looks: readonly Figures[]): { [name: string]: Json } {
  const last = looks.at(-1) ?? {};
  const known = [...new Set([...Object.keys(before), ...Object.keys(last)])].sort();
  return Object.fromEntries(
    known.map((name) => [
      name,
      {
        ...(before[name] === undefined ? {} : { before: before[name] }),
        ...(last[name] === undefined ? {} : { after: last[name] }),
      },
    ]),
  );
}
