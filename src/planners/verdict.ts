import { minuteOf } from '../texts/words.ts';
import type { Look } from './predicate.ts';

/** How the signal stands, as the runner read it itself. */
export type AlertState =
  | { state: 'firing' }
  | { state: 'resolved'; at?: string }
  | { state: 'unknown'; why: string }
  /** No Alertmanager is configured, or the pull request answers no signal. */
  | { state: 'not-observed' };

export interface WindowInput {
  looks: readonly (Pick<Look, 'state' | 'why'> & { at: string })[];
  /** ISO 8601 UTC, all three. */
  appliedAt: string;
  until: string;
  now: string;
  alert: AlertState;
}

export interface WindowVerdict {
  outcome: 'verifying' | 'verified' | 'not-verified' | 'inconclusive';
  why: string;
}

/**
 * Judges the looks of one window: verified when every look held, the last one at its end, and the alert resolved after
 * the apply; not verified as soon as that cannot come true any more; inconclusive when the looks could not be made.
 * Source: signals, “Verification after merge”.
 */
export function judgeWindow(input: WindowInput): WindowVerdict {
  const until = Date.parse(input.until);
  const now = Date.parse(input.now);
  const looks = input.looks.filter((look) => look.state !== 'fails' || Date.parse(look.at) >= settledAt(input));
  const failed = looks.find(({ state }) => state === 'fails');
  if (failed !== undefined)
    return {
      outcome: 'not-verified',
      why: `${failed.why}${input.alert.state === 'firing' ? '; the alert still fires' : ''}`,
    };
  if (now < until) return { outcome: 'verifying', why: looks.at(-1)?.why ?? 'no look was made yet' };
  const final = looks.findLast(({ at }) => Date.parse(at) >= until);
  const grace = Math.min(until - Date.parse(input.appliedAt), longestGrace);
  if (final?.state !== 'holds') {
    const why = final?.why ?? 'no look was made at the end of the window';
    return { outcome: now < until + grace ? 'verifying' : 'inconclusive', why };
  }
  const held = looks.filter(({ state }) => state === 'holds');
  if (held.length * 2 < looks.length)
    return { outcome: 'inconclusive', why: `${looks.length - held.length} of ${looks.length} looks could not be made` };
  return judgeAlert(input, final.why, now < until + grace);
}

const longestGrace = 10 * 60_000;

/**
 * Pressure is a mean over 10 s that still remembers the time before the apply: a failing look counts from 30 s on, or
 * from the first fifth of a shorter window.
 */
function settledAt({ appliedAt, until }: WindowInput): number {
  const start = Date.parse(appliedAt);
  return start + Math.min(30_000, (Date.parse(until) - start) / 5);
}

function judgeAlert({ alert, appliedAt }: WindowInput, why: string, patient: boolean): WindowVerdict {
  switch (alert.state) {
    case 'not-observed':
      return { outcome: 'verified', why };
    case 'firing':
      return { outcome: 'not-verified', why: `the alert still fires, although ${why}` };
    case 'unknown':
      return {
        outcome: patient ? 'verifying' : 'inconclusive',
        why: `whether the alert resolved is not known: ${alert.why}`,
      };
    case 'resolved':
      break;
  }
  if (alert.at !== undefined && Date.parse(alert.at) < Date.parse(appliedAt)) {
    return {
      outcome: 'inconclusive',
      why: `${why}, but the alert had resolved at ${minuteOf(alert.at)}, before the apply: no credit`,
    };
  }
  return { outcome: 'verified', why };
}
