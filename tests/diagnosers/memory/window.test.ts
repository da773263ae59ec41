import { describe, expect, it } from 'vitest';
import type { Facts } from '../../../src/core/fact.ts';
import { windowOf } from '../../../src/diagnosers/memory/window.ts';

const day = 86_400;
const now = 1_795_000_000 - (1_795_000_000 % day);
const cap = 1000;

/** Forty-eight points a day, each at the level of its day; day 0 is the oldest of `days`. */
function series(levels: readonly number[]) {
  const points = levels.flatMap((level, index) =>
    Array.from({ length: 48 }, (_, half): [number, number] => [
      now - (levels.length - index) * day + (half + 1) * 1800,
      level,
    ]),
  );
  return { points, step: 1800 };
}

function facts(caps: readonly number[]): Facts {
  return { 'guest.memory.cap.history': { value: series(caps), source: 's', at: 'a' } };
}

const flat = (count: number, level = 500): number[] => Array<number>(count).fill(level);

describe('the window', () => {
  it('is 14 days of a longer history', () => {
    const window = windowOf(series(flat(30)), {}, cap, now);
    expect(window).toMatchObject({ days: 14, since: 'window', faulty: 0 });
    expect(window.points).toHaveLength(672);
    expect(window.daily).toHaveLength(14);
  });

  it('is what there is of a shorter one', () => {
    expect(windowOf(series(flat(3)), {}, cap, now).days).toBe(3);
    expect(windowOf({ points: [], step: 1800 }, {}, cap, now)).toMatchObject({ points: [], daily: [] });
  });

  it('begins at the last change of the cap', () => {
    const window = windowOf(series(flat(30)), facts([...flat(24, 3 * 2 ** 20), ...flat(6, cap)]), cap, now);
    expect(window).toMatchObject({ days: 6, since: 'cap-change' });
  });

  it('holds nothing where the cap has changed after the last point', () => {
    expect(windowOf(series(flat(30)), facts(flat(30, 3 * 2 ** 20)), cap, now).points).toEqual([]);
  });

  it('begins at a step, up or down', () => {
    for (const [before, after] of [
      [400, 900],
      [900, 400],
    ] as const) {
      // prettier-ignore
      const window = windowOf(series([...flat(25, before), ...flat(5, after)]), {}, cap, now);
      expect(window).toMatchObject({ days: 5, since: 'step' });
    }
  });

  it('does not take weekends, one busy night or growth for a step', () => {
    const week = [800, 800, 800, 800, 800, 300, 300];
    for (const levels of [
      [...week, ...week, ...week, ...week],
      [...flat(20), 950, ...flat(7)],
      flat(28).map((_, index) => 300 + 20 * index),
    ]) {
      expect(windowOf(series(levels), {}, cap, now).since).toBe('window');
    }
  });

  it('is twice a cycle of more than a week that is seen to repeat', () => {
    const fortnight = [...flat(12), 900, ...flat(1)];
    const window = windowOf(series([900, 500, ...fortnight, ...fortnight]), {}, cap, now);
    expect(window.days).toBe(28);
  });

  it('stays at 14 days where a weekly cycle explains the repetition', () => {
    const week = [500, 500, 900, 500, 500, 500, 500];
    expect(windowOf(series([...week, ...week, ...week, ...week]), {}, cap, now).days).toBe(14);
  });

  it('leaves impossible points out and counts them', () => {
    const history = series(flat(14));
    const points = history.points.map(([at, level], index): [number, number] => [
      at,
      [NaN, -1, 1001][index - 100] ?? level,
    ]);
    const window = windowOf({ ...history, points }, {}, cap, now);
    expect(window.faulty).toBe(3);
    expect(window.points).toHaveLength(669);
  });
});
