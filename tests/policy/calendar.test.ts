import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { freezeAt, nextOpening } from '../../src/policy/calendar.ts';

// 20 November 2026 is a Friday.
const at = (time: string) => Date.parse(`2026-11-${time}Z`);
const opens = (window: Parameters<typeof nextOpening>[0], time: string) =>
  new Date(nextOpening(window, at(time))).toISOString().slice(8, 16);

describe('a window', () => {
  it.each([
    [{ from: '22:00', to: '23:30' }, '20T21:59:00', '20T22:00'],
    [{ from: '22:00', to: '23:30' }, '20T22:10:00', '20T22:10'],
    [{ from: '22:00', to: '23:30' }, '20T23:30:00', '21T22:00'],
    [{ from: '22:00', to: '06:00' }, '20T03:34:00', '20T03:34'],
    [{ from: '22:00', to: '06:00' }, '20T06:00:00', '20T22:00'],
    [{ from: '22:00', to: '06:00', days: ['sat' as const] }, '22T05:59:00', '22T05:59'],
    [{ from: '22:00', to: '06:00', days: ['sat' as const] }, '21T05:59:00', '21T22:00'],
    [{ from: '00:00', to: '00:00', days: ['fri' as const] }, '20T23:59:00', '20T23:59'],
    [{ from: '00:00', to: '00:00', days: ['fri' as const] }, '21T00:00:00', '27T00:00'],
  ])('%j is open at %s or next at %s', (window, time, next) => {
    expect(opens(window, time)).toBe(next);
  });

  it('is always open within a week, and at the time that it says', () => {
    const clock = fc.constantFrom('00:00', '03:30', '12:00', '22:00', '23:59');
    const days = fc.constantFrom('sun' as const, 'mon' as const, 'wed' as const, 'sat' as const);
    fc.assert(
      fc.property(
        clock,
        clock,
        fc.option(days, { nil: undefined }),
        fc.integer({ min: 0, max: 14 * 86_400 }),
        (from, to, day, offset) => {
          const window = { from, to, ...(day === undefined ? {} : { days: [day] }) };
          const now = at('15T00:00:00') + offset * 1000;
          const next = nextOpening(window, now);
          expect(next).toBeGreaterThanOrEqual(now);
          expect(next - now).toBeLessThanOrEqual(7 * 86_400_000);
          expect(nextOpening(window, next)).toBe(next);
        },
      ),
      { seed: 1 },
    );
  });
});

describe('a freeze', () => {
  it('holds from its start until before its end', () => {
    const freeze = { name: 'move', from: at('20T00:00:00'), to: at('21T00:00:00') };
    expect(freezeAt([freeze], at('19T23:59:59'))).toBeUndefined();
    expect(freezeAt([freeze], at('20T00:00:00'))).toBe(freeze);
    expect(freezeAt([freeze], at('20T23:59:59'))).toBe(freeze);
    expect(freezeAt([freeze], at('21T00:00:00'))).toBeUndefined();
  });
});
