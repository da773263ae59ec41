import { median, type Point, theilSen, type Trend } from '../../core/statistics.ts';
import { rules } from './rules.ts';
import type { Window } from './window.ts';

/** Step 4: a need that grows whatever the cap is. */
export interface Leak {
  shape: 'saw-teeth' | 'growth';
  /** Bytes per day. */
  perDay: number;
  /** From when on it is seen growing, seconds since the epoch. */
  since: number;
  /** How often it was reset. */
  resets: number;
  /** Level it grows from now on, bytes. */
  level: number;
}

const day = 86_400;

/** A leak over all of W, or `undefined`. `restarts`: starts of the guest and OOM kills, seconds since the epoch. */
export function leakOf(window: Window, restarts: readonly number[], cap: number): Leak | undefined {
  return sawTeeth(window, restarts, cap) ?? steadyGrowth(window);
}

/** Why it is no leak, in words, for the list of what else was considered. */
export function noLeak(window: Window): string {
  const [first, second] = halves(window);
  const enough = rules.leak.daysPerHalf;
  if (first.length < enough || second.length < enough) return `cannot be told from ${window.daily.length} days`;
  const grows = [first, second].map((half) => risesSurely(theilSen(half)));
  const parts = Math.round(window.days) === 14 ? 'both weeks are' : 'both halves are';
  if (grows.every((rises) => !rises)) return `no: ${parts} flat`;
  return grows[0] === true ? 'no: the second half is flat' : 'no: only the second half grows';
}

function sawTeeth(window: Window, restarts: readonly number[], cap: number): Leak | undefined {
  const resets = resetsIn(window, restarts, cap);
  if (resets.length < rules.leak.resets) return undefined;
  const rises = resets.slice(1).map((end, index) => theilSen(between(window, resets[index] ?? end, end)));
  if (!rises.every(risesSurely)) return undefined;
  const slopes = rises.flatMap((rise) => (rise === undefined ? [] : [rise.slope]));
  if (Math.max(...slopes) > rules.leak.alike * Math.min(...slopes)) return undefined;
  const level = window.points.at(-1)?.[1] ?? 0;
  return {
    shape: 'saw-teeth',
    perDay: median(slopes) * day,
    since: resets[0] ?? window.start,
    resets: resets.length,
    level,
  };
}

/**
 * Restarts and OOM kills at which the working set falls by a fifth within half an hour. An OOM kill inside a
 * container is seen by nobody in Proxmox VE: a fall from the cap itself, at no fixed hour of the day, stands for it.
 */
function resetsIn(window: Window, restarts: readonly number[], cap: number): number[] {
  const known = restarts.filter((at) => at > window.start && at <= window.end && falls(window, at));
  const kills = window.points.flatMap(([at, level], index) => {
    const next = window.points[index + 1];
    const near = next !== undefined && next[0] - at <= rules.leak.withinSeconds;
    return near && level >= rules.shortFrom * cap && next[1] <= (1 - rules.leak.fall) * level ? [at] : [];
  });
  const unexplained = isDailyCycle(kills) ? [] : kills;
  return apart(
    [...known, ...unexplained].sort((a, b) => a - b),
    2 * Math.max(window.step, rules.leak.withinSeconds),
  );
}

function falls({ points, step }: Window, at: number): boolean {
  // Points are maxima of a step, so what was before the restart may still be in the step that contains it.
  const reach = rules.leak.withinSeconds + step;
  const before = points.filter(([time]) => time > at - reach && time <= at + step).map(([, level]) => level);
  const after = points.filter(([time]) => time > at && time <= at + reach).map(([, level]) => level);
  if (before.length === 0 || after.length === 0) return false;
  return Math.min(...after) <= (1 - rules.leak.fall) * Math.max(...before);
}

// A nightly job ends at the same hour every day; what leaks does not keep hours.
function isDailyCycle(times: readonly number[]): boolean {
  if (times.length < 2) return false;
  const hours = times.map((at) => (at % day) / 3600);
  const circle = hours.map((hour) => Math.abs(((hour - (hours[0] ?? 0) + 36) % 24) - 12));
  return circle.every((distance) => distance <= 2);
}

function apart(times: readonly number[], least: number): number[] {
  return times.filter((at, index) => index === 0 || at - (times[index - 1] ?? -Infinity) > least);
}

function between({ points, step }: Window, from: number, to: number): Point[] {
  // The step after a reset still holds the old maximum, the one before the next may hold the fall.
  return points.filter(([at]) => at > from + step && at <= to);
}

function steadyGrowth(window: Window): Leak | undefined {
  const [first, second] = halves(window);
  const trends = [first, second].map((half) => (half.length < rules.leak.daysPerHalf ? undefined : theilSen(half)));
  const whole = theilSen(window.daily);
  // Over all of W as well: a load that climbs from Monday to Sunday climbs in both halves and leaks nothing.
  if (whole === undefined || !trends.every(risesSurely) || !risesSurely(whole)) return undefined;
  const level = window.daily.at(-1)?.[1] ?? 0;
  return { shape: 'growth', perDay: whole.slope, since: window.start, resets: 0, level };
}

function halves(window: Window): [Point[], Point[]] {
  const days = Math.ceil((window.end - window.start) / day);
  return [window.daily.filter(([index]) => index < days / 2), window.daily.filter(([index]) => index >= days / 2)];
}

function risesSurely(trend: Trend | undefined): boolean {
  return trend !== undefined && trend.low > 0;
}
