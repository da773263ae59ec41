import type { Json } from '../core/json.ts';
import type { JournalEntry } from '../core/run.ts';
import type { Target } from '../core/target.ts';

/**
 * When a verification looks, in milliseconds from the end of the apply: whole seconds, because journals hold no less.
 * The first look waits until a ten-second average has forgotten what was before (at most a third of the window); then
 * about ten more, the last one at its end.
 */
export function lookTimes(window: number): number[] {
  if (window <= 0) return [0];
  const settle = Math.min(30_000, window / 3);
  const step = Math.max(1000, (window - settle) / 10);
  const times = new Set<number>();
  for (let at = settle; at < window; at += step) times.add(Math.ceil(at / 1000) * 1000);
  return [...times.add(window)];
}

/** When the next look is due after those already made; past the window one more each step, for as long as it is asked. */
export function nextLook(from: number, until: number, looks: readonly (JournalEntry & { kind: 'look' })[]): number {
  const last = Math.max(from - 1, ...looks.map(({ at }) => Date.parse(at)));
  const times = lookTimes(until - from).map((offset) => from + offset);
  return times.find((at) => at > last) ?? last + Math.max(1000, (until - from) / 10);
}

/** What one look observed of one target, by figure. */
export interface Figures {
  target: Target;
  observed: { readonly [figure: string]: Json };
}

/** The figures of a look as one: by their names, and of several targets each behind its target. */
export function figuresOf(all: readonly Figures[]): { [figure: string]: Json } {
  const alone = all.length === 1;
  return Object.fromEntries(
    all.flatMap(({ target, observed }) =>
      Object.entries(observed).map(([name, value]) => [alone ? name : `${target} ${name}`, value]),
    ),
  );
}

/** One figure of one target in a look, whichever way it was kept. */
export function figureOf(
  observed: { readonly [figure: string]: Json },
  target: Target,
  name: string,
): Json | undefined {
  return observed[`${target} ${name}`] ?? observed[name];
}
