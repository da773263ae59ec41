import type { Fact, Series } from '../core/fact.ts';

/** What is decided from a history is decided over a fortnight (signals, 2.1 step 5). */
const enough = 13.5 * 86_400;

/**
 * Of several histories of one figure: the first that reaches back far enough, in the order given; where none does, the
 * one that reaches furthest. They are never mixed: where one figure passed into another, a step would be seen that
 * never was.
 */
export function bestHistory(candidates: readonly Fact<Series>[]): Fact<Series> | undefined {
  const long = candidates.find((one) => reach(one) >= enough);
  return long ?? [...candidates].sort((a, b) => reach(b) - reach(a))[0];
}

/** Seconds from the first to the last point. */
function reach({ value: { points, step } }: Fact<Series>): number {
  const [first, last] = [points[0], points.at(-1)];
  return first === undefined || last === undefined ? 0 : last[0] - first[0] + step;
}
