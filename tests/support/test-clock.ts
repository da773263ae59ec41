import type { Clock } from '../../src/core/clock.ts';

/** A clock that a test moves: sleeping on it takes no real time. */
export interface TestClock extends Clock {
  /** Lets time pass, in milliseconds. */
  advance(milliseconds: number): void;
  /** Goes forward to a moment; a moment that is past changes nothing. */
  reach(moment: number): void;
}

/** Begins at 2026-11-20T03:34:00Z unless told, in milliseconds since the epoch. */
export function testClock(start = Date.parse('2026-11-20T03:34:00Z')): TestClock {
  let now = start;
  const advance = (milliseconds: number) => void (now += milliseconds);
  return {
    now: () => now,
    sleep: async (milliseconds) => advance(milliseconds),
    advance,
    reach: (moment) => void (now = Math.max(now, moment)),
  };
}
