import type { FactName } from '../../core/fact.ts';
import { mib, MiB } from '../words.ts';
import type { Figures } from './figures.ts';
import { rules } from './rules.ts';
import type { Shortage } from './short.ts';
import type { Window } from './window.ts';

/** Step 5: what is needed, before rounding and bounds. */
export interface Need {
  mebibytes: number;
  /** The numbers with their reason: `2548 MiB + 20 %`. */
  formula: string;
  from: FactName[];
}

/** The largest working set seen: in W, and now. Bytes. */
export function peakOf(window: Window, figures: Figures): number {
  return Math.max(figures.usage.bytes, ...window.daily.map(([, bytes]) => bytes));
}

/** What a guest that is short needs. Under OOM, pressure or swap the demand above its cap was never seen. */
export function needToGrow(shortage: Shortage, window: Window, figures: Figures): Need {
  const peak = peakOf(window, figures);
  if (shortage.by === 'full') return needOf(peak, 'peak');
  const swapped = figures.swapUsed ?? 0;
  const demand = (Math.max(peak, figures.cap) + swapped) / MiB;
  const least = figures.cap / MiB + rules.unseen.atLeastMiB;
  const mebibytes = Math.max(demand * rules.unseen.margin, least);
  const out = swapped >= MiB ? ` with ${mib(swapped)} swapped out` : '';
  const sum =
    mebibytes > least ? `${mib(demand * MiB)} + 20 %` : `${mib(figures.cap)} + ${rules.unseen.atLeastMiB} MiB`;
  return {
    mebibytes,
    formula: `at its cap${out}: ${sum}`,
    from: ['guest.memory.cap', 'guest.swap.used', 'guest.memory.history'],
  };
}

/** A need that was seen: the peak and 15 %. */
export function needOf(peak: number, word: string): Need {
  const mebibytes = (peak / MiB) * rules.seen.margin;
  return { mebibytes, formula: `${word} ${mib(peak)} + 15 %`, from: ['guest.memory.history', 'guest.memory.cap'] };
}

/** Up to 64 MiB, to 128 from a proposed 2 GiB, to 256 from 8 GiB. */
export function roundUp(mebibytes: number): number {
  const unit = unitOf(mebibytes);
  return Math.ceil(mebibytes / unit) * unit;
}

/** The same units, downwards: what is cut to fit must fit. */
export function roundDown(mebibytes: number): number {
  const unit = unitOf(mebibytes);
  return Math.floor(mebibytes / unit) * unit;
}

function unitOf(mebibytes: number): number {
  if (mebibytes >= 8192) return 256;
  return mebibytes >= 2048 ? 128 : 64;
}
