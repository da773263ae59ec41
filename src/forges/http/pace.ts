import type { Clock } from '../../core/clock.ts';

/** Resolves when the next write may go out. */
export type Turn = () => Promise<void>;

/** Spaces writes: at most one begins in every `interval` milliseconds, first come, first served. */
export function paced(clock: Clock, interval: number): Turn {
  let next = 0;
  return async () => {
    const now = clock.now();
    const mine = Math.max(now, next);
    next = mine + interval;
    if (mine > now) await clock.sleep(mine - now);
  };
}
