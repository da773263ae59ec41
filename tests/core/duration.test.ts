import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseDuration, printDuration } from '../../src/core/duration.ts';

describe('a duration', () => {
  it.each([
    ['5s', 5],
    ['10m', 600],
    ['24h', 86_400],
    ['7d', 604_800],
    ['0s', 0],
  ])('%s is %d seconds', (text, seconds) => {
    expect(parseDuration(text)).toBe(seconds);
  });

  it.each(['', '10', '10 m', '1.5h', '-1s', '10M', '1h30m', '99999999s', 'm'])('is not %j', (text) => {
    expect(parseDuration(text)).toBeUndefined();
  });

  it('is printed in the largest unit that says exactly the same', () => {
    expect([0, 5, 60, 90, 600, 86_400, 604_800].map(printDuration)).toEqual([
      '0s',
      '5s',
      '1m',
      '90s',
      '10m',
      '1d',
      '7d',
    ]);
    fc.assert(
      fc.property(fc.nat(9_999_999), (seconds) => {
        expect(parseDuration(printDuration(seconds))).toBe(seconds);
      }),
      { seed: 1 },
    );
  });
});
