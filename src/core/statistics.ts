/** A point of a series: [when, how much]. */
export type Point = readonly [number, number];

/** A robust slope with its 95 % interval, in units of y per unit of x. */
export interface Trend {
  slope: number;
  /** −Infinity and Infinity where there are too few points for an interval. */
  low: number;
  high: number;
}

/** The middle value, the mean of the two middle ones for an even number; NaN for none. */
export function median(values: readonly number[]): number {
  return percentile(values, 0.5);
}

/** The value below which the given fraction (0–1) lies, interpolated linearly between neighbours; NaN for none. */
export function percentile(values: readonly number[], fraction: number): number {
  const sorted = ascending(values);
  if (sorted.length === 0) return NaN;
  const place = Math.min(Math.max(fraction, 0), 1) * (sorted.length - 1);
  const below = sorted[Math.floor(place)] ?? NaN;
  const above = sorted[Math.ceil(place)] ?? NaN;
  return below + (above - below) * (place - Math.floor(place));
}

/**
 * Theil-Sen: the median of the slopes of all pairs of points, with Sen's 95 % interval (P. K. Sen, Estimates of the
 * regression coefficient based on Kendall's tau, JASA 63, 1968). Ties are not corrected for, so the interval is
 * rather too wide: cautious, where a slope is taken as proof. `undefined` where no two points differ in x.
 */
export function theilSen(points: readonly Point[]): Trend | undefined {
  const slopes = ascending(pairSlopes(thinned(points)));
  if (slopes.length === 0) return undefined;
  const n = Math.min(points.length, mostPoints);
  const spread = 1.96 * Math.sqrt((n * (n - 1) * (2 * n + 5)) / 18);
  // Ranks from 1, to the nearest: the M1-th smallest and the (M2+1)-th smallest slope. Below rank 1 there is no bound.
  const low = Math.round((slopes.length - spread) / 2);
  const high = Math.round((slopes.length + spread) / 2) + 1;
  return { slope: median(slopes), low: slopes[low - 1] ?? -Infinity, high: slopes[high - 1] ?? Infinity };
}

// The number of pairs grows with the square: 400 points are 79,800 pairs, a few milliseconds.
const mostPoints = 400;

function thinned(points: readonly Point[]): readonly Point[] {
  if (points.length <= mostPoints) return points;
  const every = (points.length - 1) / (mostPoints - 1);
  return Array.from({ length: mostPoints }, (_, index) => points[Math.round(index * every)] ?? [0, 0]);
}

function pairSlopes(points: readonly Point[]): number[] {
  const slopes: number[] = [];
  for (const [index, [x1, y1]] of points.entries()) {
    for (const [x2, y2] of points.slice(index + 1)) {
      if (x2 !== x1) slopes.push((y2 - y1) / (x2 - x1));
    }
  }
  return slopes;
}

function ascending(values: readonly number[]): number[] {
  return [...values].sort((a, b) => a - b);
}
