import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  approvalsNeeded,
  eligibleFor,
  isLevel,
  type Level,
  rank,
  reachable,
  sameAccount,
  strictest,
  stricter,
} from '../../src/policy/levels.ts';

const ordered: Level[] = ['auto', 'notify', 'approve', 'approve-1', 'approve-2', 'approve-9', 'forbidden'];

describe('levels', () => {
  it('are ordered from lenient to strict', () => {
    expect([...ordered].sort((a, b) => rank(a) - rank(b))).toEqual(ordered);
    expect(ordered.map(approvalsNeeded)).toEqual([0, 0, 1, 1, 2, 9, Infinity]);
  });

  it('combine to the stricter one, in whatever order', () => {
    fc.assert(
      fc.property(fc.constantFrom(...ordered), fc.constantFrom(...ordered), (a, b) => {
        expect(stricter(a, b)).toBe(stricter(b, a));
        expect(rank(stricter(a, b))).toBe(Math.max(rank(a), rank(b)));
      }),
    );
    expect(strictest([])).toBeUndefined();
    expect(strictest(['auto', 'approve-2', 'approve'])).toBe('approve-2');
  });

  it('are these words and no other', () => {
    expect(ordered.every(isLevel)).toBe(true);
    for (const text of ['approve-0', 'approve-10', 'approve-', 'Approve', 'approve ', 'approve-2\n', ''])
      expect(isLevel(text)).toBe(false);
  });

  it('count a person once, however the account is written, and never the author among several', () => {
    expect(eligibleFor('approve', ['Ann', 'ann', 'ben'], 'ann')).toEqual(['Ann', 'ben']);
    expect(eligibleFor('approve-2', ['Ann', 'ann', 'ben', 'cid'], 'ANN')).toEqual(['ben', 'cid']);
    expect(reachable('approve-2', ['ann', 'ANN'])).toBe(false);
    expect(reachable('approve-1', ['ann'], 'ann')).toBe(false);
    expect(reachable('approve', ['ann'], 'ann')).toBe(true);
    expect(reachable('auto', [])).toBe(false);
    expect(reachable('forbidden', ['ann', 'ben'])).toBe(false);
    expect(sameAccount('Ann', 'aNN')).toBe(true);
  });
});
