import type { Clock } from '../../core/clock.ts';

/** Resolves when the next write may go out. */
export type Turn = () => Promise<void>;

/** What the processes of one account agree upon, where they have a place for it. None of it throws. */
export interface SharedPace {
  /** The moment (milliseconds since the epoch) of this write's turn among those of all of them; now where nobody can tell. */
  reserve(interval: number): Promise<number>;
  /** The forge wants quiet for that many milliseconds: nobody's turn is before. */
  hold(wait: number): Promise<void>;
}

/** Spaces writes: at most one begins in every `interval` milliseconds, first come, first served; by `shared` of all processes. */
export function paced(clock: Clock, interval: number, shared?: SharedPace): Turn {
  let next = 0;
  return async () => {
    const theirs = interval === 0 ? 0 : ((await shared?.reserve(interval)) ?? 0);
    const now = clock.now();
    const mine = Math.max(now, next, theirs);
    next = mine + interval;
    if (mine > now) await clock.sleep(mine - now);
  };
}
