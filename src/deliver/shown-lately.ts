import type { Clock } from '../core/clock.ts';
import type { PullRequest } from '../forges/forge.ts';

/**
 * What was seen to be on the forge as it should: of many pull requests a pass that is due by the clock does not read every
 * comment, review and status again. What the forge tells of as changed, and what is planned otherwise, is always read.
 */
export interface ShownLately {
  /** A pass over these begins; whatever is open no longer is forgotten. */
  begin(open: readonly PullRequest[]): void;
  /**
   * Whether it may be taken for granted that this stands there. `what` names it; `recent`: it was shown so lately that the one
   * who did may have been stopped in the middle.
   */
  isThere(pr: PullRequest, what: string, recent: boolean): boolean;
  /** Whether something was said of it as it is now. */
  knows(pr: PullRequest): boolean;
  /** It was read, or written, a moment ago. */
  note(pr: PullRequest, what: string): void;
}

/** As many as are read in every pass: on GitHub their answers are kept, so that what did not change costs no quota. */
export const readEachTime = 50;
/** Milliseconds between two that are read though nothing tells of a change: 240 an hour, of some five requests each. */
export const spacing = 15_000;

interface Seen {
  what: string;
  updatedAt: string;
  at: number;
}

/** One memory for all passes of a process. */
export function shownLately(clock: Pick<Clock, 'now'>): ShownLately {
  const seen = new Map<number, Seen>();
  let open = 0;
  let [left, filled] = [readEachTime, clock.now()];
  /** One more may be read now. */
  const inTurn = (): boolean => {
    const now = clock.now();
    left = Math.min(readEachTime, left + (now - filled) / spacing);
    filled = now;
    if (left < 1) return false;
    left -= 1;
    return true;
  };
  return {
    begin(pullRequests) {
      open = pullRequests.length;
      const numbers = new Set(pullRequests.map(({ number }) => number));
      for (const number of seen.keys()) if (!numbers.has(number)) seen.delete(number);
    },
    isThere(pr, what, recent) {
      if (open <= readEachTime) return false;
      const known = seen.get(pr.number);
      if (known === undefined) return !recent && !inTurn();
      if (known.what !== what || known.updatedAt !== pr.updatedAt) return false;
      return clock.now() - known.at < open * spacing || !inTurn();
    },
    knows: (pr) => open > readEachTime && seen.get(pr.number)?.updatedAt === pr.updatedAt,
    note(pr, what) {
      seen.set(pr.number, { what, updatedAt: pr.updatedAt, at: clock.now() });
    },
  };
}
