import type { Clock } from '../core/clock.ts';
import { isGitmendError } from '../core/errors.ts';
import type { SharedPace } from '../forges/http/pace.ts';
import type { Cursors } from '../store/index.ts';

/** Where the moment of the next write is kept. */
export const paceCursor = 'forge/next-write';

/** Milliseconds ahead that are believed: what is further away is a clock that is wrong, or work for one process alone. */
const furthest = 120_000;
/** How often it is tried where others take their turn at the same moment; then this one goes by its own pace. */
const tries = 10;

/**
 * Writes of all replicas on one store, one after the other: GitHub counts what an account does, not what a process does. The
 * forge is opened before the store, so it is joined later; without one, or while it is away, each process keeps its own pace.
 */
export function sharedPace(clock: Pick<Clock, 'now'>): SharedPace & { join(cursors: Cursors): void } {
  let cursors: Cursors | undefined;
  const move = async (by: (next: number, now: number) => { mine: number; next: number }): Promise<number> => {
    for (let attempt = 0; cursors !== undefined && attempt < tries; attempt += 1) {
      const [text, now] = [await cursors.get(paceCursor), clock.now()];
      const said = Number(text ?? 0);
      const { mine, next } = by(said > now && said <= now + furthest ? said : now, now);
      if (await cursors.swap(paceCursor, text, String(next))) return mine;
    }
    return clock.now();
  };
  const orNow = async (moment: Promise<number>): Promise<number> => {
    try {
      return await moment;
    } catch (error) {
      if (!isGitmendError(error)) throw error;
      return clock.now();
    }
  };
  return {
    join: (joined) => (cursors = joined),
    reserve: (interval) => orNow(move((next) => ({ mine: next, next: next + interval }))),
    hold: async (wait) => {
      await orNow(
        move((next, now) => {
          const until = Math.max(next, now + Math.min(wait, furthest));
          return { mine: until, next: until };
        }),
      );
    },
  };
}
