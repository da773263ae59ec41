import { beforeEach, describe, expect, it } from 'vitest';
import { readEachTime, type ShownLately, shownLately } from '../../src/deliver/shown-lately.ts';
import type { PullRequest } from '../../src/forges/forge.ts';
import { testClock } from '../support/test-clock.ts';

const pullRequest = (number: number, updatedAt = '2026-11-20T03:00:00Z') => ({ number, updatedAt }) as PullRequest;
const hour = 3_600_000;

describe('what was shown lately', () => {
  let clock = testClock();
  let lately: ShownLately;
  beforeEach(() => {
    clock = testClock();
    lately = shownLately(clock);
  });

  /** One pass over that many, each with the same plan; the numbers of those that were read again. */
  function pass(open: number, plan = 'plan', recent = false): number[] {
    const all = Array.from({ length: open }, (_, at) => pullRequest(at + 1));
    lately.begin(all);
    const read = all.filter((pr) => !lately.isThere(pr, plan, recent));
    for (const pr of read) lately.note(pr, plan);
    return read.map(({ number }) => number);
  }

  it('is read in every pass where few are open', () => {
    for (let at = 0; at < 3; at += 1) expect(pass(readEachTime)).toHaveLength(readEachTime);
  });

  it('is read fewer than 300 times in the first hour of ten thousand, and 240 times in each after it', () => {
    const read: number[] = [];
    for (let hours = 0; hours < 3; hours += 1) {
      let count = 0;
      for (let at = 0; at < 180; at += 1) {
        count += pass(10_000).length;
        clock.advance(hour / 180);
      }
      read.push(count);
    }
    expect(read[0]).toBeLessThan(300);
    expect(read.slice(1)).toEqual([240, 240]);
  });

  it('is read in turn, so that none is forgotten', () => {
    const read = new Set<number>();
    for (let at = 0; at < 60; at += 1) {
      for (const number of pass(60)) read.add(number);
      clock.advance(15_000);
    }
    expect(read.size).toBe(60);
    // Each was read a quarter of an hour ago at most.
    clock.advance(60 * 15_000);
    expect(pass(60)).toHaveLength(50);
  });

  it('is read at once where the forge told of a change, where the plan is another one, and where it was shown in this hour', () => {
    pass(100);
    lately.begin(Array.from({ length: 100 }, (_, at) => pullRequest(at + 1)));
    expect(lately.isThere(pullRequest(1), 'plan', false)).toBe(true);
    expect(lately.isThere(pullRequest(1, '2026-11-20T03:33:00Z'), 'plan', false)).toBe(false);
    expect(lately.isThere(pullRequest(1), 'another plan', false)).toBe(false);
    expect(lately.isThere(pullRequest(99), 'plan', false)).toBe(true);
    expect(lately.isThere(pullRequest(99), 'plan', true)).toBe(false);
  });

  it('is known as long as the forge tells of no change, and where few are open it is asked for', () => {
    pass(100);
    expect([1, 99].map((number) => lately.knows(pullRequest(number)))).toEqual([true, false]);
    expect(lately.knows(pullRequest(1, '2026-11-20T03:33:00Z'))).toBe(false);
    lately.begin([pullRequest(1)]);
    expect(lately.knows(pullRequest(1))).toBe(false);
  });

  it('is forgotten with what is open no longer', () => {
    pass(100);
    lately.begin([pullRequest(2), ...Array.from({ length: 60 }, (_, at) => pullRequest(at + 200))]);
    expect(lately.isThere(pullRequest(2), 'plan', true)).toBe(true);
    expect(lately.isThere(pullRequest(1), 'plan', true)).toBe(false);
  });
});
