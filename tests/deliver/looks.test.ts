import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { JournalEntry } from '../../src/core/run.ts';
import { lookTimes, nextLook } from '../../src/deliver/looks.ts';

const from = Date.parse('2026-11-20T03:41:07Z');

function looksAt(...offsets: number[]): (JournalEntry & { kind: 'look' })[] {
  return offsets.map((offset) => ({
    kind: 'look',
    state: 'holds',
    why: '',
    observed: {},
    at: new Date(from + offset).toISOString(),
  }));
}

describe('the looks of a verification', () => {
  it('begin 30 s after the apply and end with the window', () => {
    const times = lookTimes(600_000);
    expect(times[0]).toBe(30_000);
    expect(times.at(-1)).toBe(600_000);
    expect(times).toHaveLength(11);
  });

  it('begin at a third of a short window', () => {
    expect(lookTimes(5000)).toEqual([2000, 3000, 4000, 5000]);
    expect(lookTimes(1000)).toEqual([1000]);
  });

  it('are one at once where there is nothing to wait for', () => {
    expect(lookTimes(0)).toEqual([0]);
    expect(nextLook(from, from, [])).toBe(from);
  });

  it('come to an end for every window, each later than the one before, on whole seconds', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 100_000 }), (seconds) => {
        const until = from + seconds * 1000;
        const made: number[] = [];
        for (let next = nextLook(from, until, []); next < until; next = nextLook(from, until, looksAt(...made))) {
          expect(next % 1000).toBe(0);
          expect(next - from).toBeGreaterThan(made.at(-1) ?? -1);
          made.push(next - from);
        }
        expect(made.length).toBeLessThanOrEqual(12);
      }),
    );
  });

  it('go on past the window for as long as they are asked for', () => {
    const made = looksAt(2000, 3000, 4000, 5000);
    expect(nextLook(from, from + 5000, made)).toBe(from + 6000);
    expect(nextLook(from, from + 600_000, looksAt(600_000))).toBe(from + 660_000);
  });

  it('do not catch up on those that nobody made', () => {
    expect(nextLook(from, from + 5000, looksAt(4000))).toBe(from + 5000);
  });
});
