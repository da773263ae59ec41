import type { Facts, Series } from '../../core/fact.ts';
import { median, type Point, theilSen } from '../../core/statistics.ts';
import { MiB } from '../words.ts';
import { rules } from './rules.ts';

const day = 86_400;

/** W of signals.md 2.1 step 5, and what was seen in it. Times in seconds since the epoch, levels in bytes. */
export interface Window {
  start: number;
  end: number;
  /** What W could be shown for: from the first point (or its start) to now. */
  days: number;
  /** Points inside W, faulty ones left out. */
  points: readonly Point[];
  /** Points left out: no number, negative, or over the cap. */
  faulty: number;
  /** Seconds between points. */
  step: number;
  /** [index of the day, maximum]: days are counted back from now, day 0 is the oldest of W. */
  daily: readonly Point[];
  /** Why W begins where it does. */
  since: 'window' | 'cap-change' | 'step';
}

/**
 * W: the longer of 14 days and two seen cycles, since the last change of the cap or step. `now` in seconds.
 * Every day is a full 24 hours back from now, so that today is never half a day.
 */
export function windowOf(history: Series, facts: Facts, cap: number, now: number): Window {
  const capChange = capChangedAt(facts['guest.memory.cap.history']?.value, cap);
  // Before the last change of the cap other bounds held: nothing from there says what is needed under this one.
  const sinceChange = history.points.filter(([at]) => at <= now && at > (capChange ?? -Infinity));
  const valid = sinceChange.filter(([, bytes]) => possible(bytes, cap));
  const cycle = cycleDays(dailyMaxima(valid, now - 35 * day, now));
  const longest = now - Math.max(rules.windowDays, 2 * cycle) * day;
  const step = stepAt(dailyMaxima(valid, longest, now), now, Math.ceil((now - longest) / day));
  const start = Math.max(longest, capChange ?? -Infinity, step ?? -Infinity);
  const points = valid.filter(([at]) => at > start);
  const seenFrom = Math.max(start, (points[0]?.[0] ?? now) - history.step);
  return {
    start,
    end: now,
    days: (now - seenFrom) / day,
    points,
    faulty: sinceChange.filter(([at]) => at > start).length - points.length,
    step: history.step,
    daily: dailyMaxima(points, start, now),
    since: start === longest ? 'window' : start === capChange ? 'cap-change' : 'step',
  };
}

// No number, a negative, or more than the cap: a fault of the telemetry.
function possible(bytes: number, cap: number): boolean {
  return Number.isFinite(bytes) && bytes >= 0 && bytes <= cap;
}

/** The maximum of each full day between start and end, days counted back from the end; empty days are left out. */
export function dailyMaxima(points: readonly Point[], start: number, end: number): Point[] {
  const days = Math.ceil((end - start) / day);
  const maxima = new Map<number, number>();
  for (const [at, bytes] of points) {
    if (at <= start || at > end) continue;
    const index = days - 1 - Math.floor((end - at) / day);
    maxima.set(index, Math.max(maxima.get(index) ?? 0, bytes));
  }
  return [...maxima].sort(([a], [b]) => a - b);
}

/** The last time another cap than the present one was seen; `undefined` where none was. */
function capChangedAt(caps: Series | undefined, cap: number): number | undefined {
  const known = (caps?.points ?? []).filter(([, bytes]) => Number.isFinite(bytes) && bytes > 0);
  return known.findLast(([, bytes]) => Math.abs(bytes - cap) > MiB)?.[0];
}

/**
 * A change of level that neither a reset nor a weekly cycle explains: the middle of what came after differs from the
 * middle of what came before by a fifth and by far more than either varies, most of it from one day to the next,
 * and the same weekdays differ as well. Returns the start of the first day on the new level.
 */
function stepAt(daily: readonly Point[], end: number, days: number): number | undefined {
  const levels = daily.map(([, bytes]) => bytes);
  const found = levels
    .map((_, index) => ({ index, height: stepHeight(levels, index) }))
    .filter(({ height }) => height > 0)
    .sort((a, b) => b.height - a.height)[0];
  const first = found === undefined ? undefined : daily[found.index];
  return first === undefined ? undefined : end - (days - first[0]) * day;
}

const leastDays = { before: 7, after: 3 };

function stepHeight(levels: readonly number[], index: number): number {
  const before = levels.slice(0, index);
  const after = levels.slice(index);
  if (before.length < leastDays.before || after.length < leastDays.after) return 0;
  const height = Math.abs(median(after) - median(before));
  const jump = Math.abs((after[0] ?? 0) - (before.at(-1) ?? 0));
  const noise = Math.max(spread(before), spread(after));
  const weekBefore = after.slice(0, 7).map((level, offset) => Math.abs(level - (levels[index + offset - 7] ?? level)));
  const real = height >= 0.2 * median(before) && height > 3 * noise && jump >= height / 2;
  return real && median(weekBefore) >= height / 2 ? height : 0;
}

// Median absolute deviation: one busy night does not widen it.
function spread(levels: readonly number[]): number {
  const middle = median(levels);
  return median(levels.map((level) => Math.abs(level - middle)));
}

/**
 * The length of the cycle that repeats over more than a week (a fortnightly batch), in days; 7 where none is seen.
 * A lag at which the daily maxima, freed of their trend, repeat almost exactly.
 */
function cycleDays(daily: readonly Point[]): number {
  const trend = theilSen(daily)?.slope ?? 0;
  const flat = new Map(daily.map(([index, bytes]) => [index, bytes - trend * index]));
  const lags = [8, 9, 10, 11, 12, 13, 14, 15];
  const best = lags.map((lag) => ({ lag, likeness: likeness(flat, lag) })).sort((a, b) => b.likeness - a.likeness)[0];
  const weekly = likeness(flat, 7);
  return best !== undefined && best.likeness >= 0.8 && best.likeness > weekly + 0.1 ? best.lag : 7;
}

/** Correlation of the series with itself that many days later; 0 where it cannot be told. */
function likeness(levels: ReadonlyMap<number, number>, lag: number): number {
  const pairs = [...levels].flatMap(([index, level]) => {
    const later = levels.get(index + lag);
    return later === undefined ? [] : [[level, later] as const];
  });
  if (pairs.length < 10) return 0;
  const mean = (side: 0 | 1): number => pairs.reduce((sum, pair) => sum + pair[side], 0) / pairs.length;
  const [a, b] = [mean(0), mean(1)];
  const sum = (of: (x: number, y: number) => number): number =>
    pairs.reduce((total, [x, y]) => total + of(x - a, y - b), 0);
  const scale = Math.sqrt(sum((x) => x * x) * sum((_, y) => y * y));
  return scale === 0 ? 0 : sum((x, y) => x * y) / scale;
}
