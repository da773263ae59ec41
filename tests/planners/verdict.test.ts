import { describe, expect, it } from 'vitest';
import { type AlertState, judgeWindow, type WindowInput } from '../../src/planners/index.ts';

const start = Date.parse('2026-11-20T03:41:00Z');
const time = (seconds: number) => new Date(start + seconds * 1000).toISOString();
const resolved: AlertState = { state: 'resolved', at: time(180) };
type Seen = readonly [seconds: number, state: 'holds' | 'fails' | 'cannot-tell'];
const judge = (looks: readonly Seen[], now: number, alert: AlertState = resolved, window = 600): string => {
  const input: WindowInput = {
    looks: looks.map(([seconds, state]) => ({ at: time(seconds), state, why: `${state} at ${seconds} s` })),
    appliedAt: time(0),
    until: time(window),
    now: time(now),
    alert,
  };
  const { outcome, why } = judgeWindow(input);
  return `${outcome}: ${why}`;
};
const calm: Seen[] = [
  [60, 'holds'],
  [300, 'holds'],
  [600, 'holds'],
];

describe('a window of verification', () => {
  it('is verified when every look held, the last one at its end, and the alert resolved after the apply', () => {
    expect(judge(calm, 601)).toBe('verified: holds at 600 s');
    expect(judge(calm, 601, { state: 'resolved' })).toMatch(/^verified/);
    expect(judge(calm, 601, { state: 'not-observed' })).toMatch(/^verified/);
  });

  it('is not decided before its end while it may still come true', () => {
    expect(judge([], 1)).toBe('verifying: no look was made yet');
    expect(judge(calm.slice(0, 2), 599)).toBe('verifying: holds at 300 s');
    expect(judge([[60, 'cannot-tell']], 599)).toBe('verifying: cannot-tell at 60 s');
  });

  it('is not verified as soon as that cannot come true any more', () => {
    expect(
      judge(
        [
          [60, 'holds'],
          [120, 'fails'],
        ],
        121,
      ),
    ).toBe('not-verified: fails at 120 s');
    expect(
      judge(
        [
          [120, 'fails'],
          [600, 'holds'],
        ],
        601,
      ),
    ).toBe('not-verified: fails at 120 s');
    expect(judge([[120, 'fails']], 601, { state: 'firing' })).toBe(
      'not-verified: fails at 120 s; the alert still fires',
    );
    expect(judge(calm, 601, { state: 'firing' })).toBe('not-verified: the alert still fires, although holds at 600 s');
  });

  it('forgives a failing look while the ten-second mean still remembers the time before', () => {
    expect(judge([[10, 'fails'], ...calm], 601)).toMatch(/^verified/);
    expect(judge([[30, 'fails'], ...calm], 601)).toMatch(/^not-verified/);
    expect(
      judge(
        [
          [0.9, 'fails'],
          [5, 'holds'],
        ],
        5,
        resolved,
        5,
      ),
    ).toMatch(/^inconclusive|^verified/);
    expect(judge([[1, 'fails']], 2, resolved, 5)).toMatch(/^not-verified/);
  });

  it('is inconclusive when the looks could not be made: a missing series is never recovery', () => {
    expect(judge([[600, 'cannot-tell']], 1201)).toBe('inconclusive: cannot-tell at 600 s');
    expect(judge([], 1201)).toBe('inconclusive: no look was made at the end of the window');
    expect(judge([[300, 'holds']], 1201)).toBe('inconclusive: no look was made at the end of the window');
    expect(
      judge(
        [
          [60, 'cannot-tell'],
          [120, 'cannot-tell'],
          [600, 'holds'],
        ],
        601,
      ),
    ).toBe('inconclusive: 2 of 3 looks could not be made');
  });

  it('waits once more for a last look, and for an alert that cannot be read, but not for ever', () => {
    expect(judge([[300, 'holds']], 700)).toMatch(/^verifying/);
    expect(
      judge(
        [
          [60, 'holds'],
          [600, 'cannot-tell'],
          [660, 'holds'],
        ],
        661,
      ),
    ).toMatch(/^verified/);
    const unknown: AlertState = { state: 'unknown', why: 'no answer' };
    expect(judge(calm, 700, unknown)).toBe('verifying: whether the alert resolved is not known: no answer');
    expect(judge(calm, 1200, unknown)).toMatch(/^inconclusive/);
  });

  it('takes no credit for an alert that had resolved before the apply', () => {
    expect(judge(calm, 601, { state: 'resolved', at: time(-5) })).toBe(
      'inconclusive: holds at 600 s, but the alert had resolved at 03:40Z, before the apply: no credit',
    );
  });
});
