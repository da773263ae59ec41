import { type Clock, isoTime } from '../../core/clock.ts';
import { GitmendError } from '../../core/errors.ts';
import { longestWait } from './back-off.ts';

/** The time in which a forge wants to hear nothing of one account; every request of its client keeps to it. */
export interface Quiet {
  /** The forge asks for that many milliseconds from now; `why` in its own words. A longer time stays. */
  begin: (wait: number, why: string) => void;
  /** Resolves when it is over, with whether that took a wait. Throws FORGE_FAILED where nobody would wait that long. */
  over: (request: { method: string; path: string }) => Promise<boolean>;
}

export interface QuietOptions {
  /** Name of the forge in messages. */
  name: string;
  clock: Clock;
  /** Told once when a wait begins, however many requests share it. */
  tell?: (event: 'forge-waits', facts: { [key: string]: unknown }) => void;
}

/**
 * Milliseconds: whatever is asked for, after that it is asked again. GitHub's longest is an hour, and a proxy that is set
 * wrong must not end everything until somebody looks.
 */
const longestQuiet = 2 * 3_600_000;

/** Nothing was asked for yet. */
export function quietOf({ name, clock, tell }: QuietOptions): Quiet {
  let until = 0;
  let why = '';
  let told = 0;
  return {
    begin(wait, reason) {
      const asked = clock.now() + Math.min(wait, longestQuiet);
      if (asked <= until) return;
      until = asked;
      why = reason;
    },
    async over(request) {
      const quiet = until > clock.now();
      for (let wait = until - clock.now(); wait > 0; wait = until - clock.now()) {
        if (wait > longestWait) throw tooLong(name, until, why);
        if (clock.now() >= told) tell?.('forge-waits', { ...request, why, wait });
        told = Math.max(told, until);
        await clock.sleep(wait);
      }
      return quiet;
    },
  };
}

/**
 * Whole minutes, and neither the request nor what is left of the time: whoever asks meanwhile is told the same, so that a
 * trouble that stays is one trouble.
 */
function tooLong(name: string, until: number, why: string): GitmendError {
  const moment = isoTime(Math.ceil(until / 60_000) * 60_000);
  return new GitmendError('FORGE_FAILED', `${name} wants no requests until ${moment}: ${why}`, {
    details: { unknown: false },
  });
}
