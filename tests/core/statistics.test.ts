import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { median, percentile, type Point, theilSen } from '../../src/core/statistics.ts';

const values = fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 60 });

describe('median and percentile', () => {
  it('takes the middle, or the mean of the two middle ones', () => {
    expect(median([9, 1, 5])).toBe(5);
    expect(median([1, 2, 3, 10])).toBe(2.5);
    expect(percentile([10, 20, 30, 40, 50], 0.95)).toBeCloseTo(48);
  });

  it('has no value for nothing', () => {
    expect(median([])).toBeNaN();
  });

  it('lies between the smallest and the largest and grows with the fraction', () => {
    fc.assert(
      fc.property(values, fc.double({ min: 0, max: 1, noNaN: true }), (list, fraction) => {
        const value = percentile(list, fraction);
        expect(value).toBeGreaterThanOrEqual(Math.min(...list));
        expect(value).toBeLessThanOrEqual(Math.max(...list));
        expect(percentile(list, 1)).toBeGreaterThanOrEqual(value);
      }),
    );
  });

  it('does not depend on order and leaves its argument alone', () => {
    fc.assert(
      fc.property(values, (list) => {
        const copy = [...list];
        expect(median(list.toReversed())).toBe(median(list));
        expect(list).toEqual(copy);
      }),
    );
  });
});

describe('Theil-Sen', () => {
  it('takes the 11th, the 4th and the 18th of the 21 slopes of seven points', () => {
    const x = [1, 2, 3, 4, 10, 12, 18];
    const y = [9, 15, 19, 20, 45, 55, 78];
    const trend = theilSen(x.map((at, index): Point => [at, y[index] ?? 0]));
    expect(trend?.slope).toBeCloseTo(4, 10);
    expect(trend?.low).toBeCloseTo(26 / 7, 10);
    expect(trend?.high).toBeCloseTo(35 / 8, 10);
  });

  it('needs five points before its interval can exclude anything', () => {
    const line = (count: number): Point[] => Array.from({ length: count }, (_, index) => [index, index]);
    expect(theilSen(line(4))?.low).toBe(-Infinity);
    expect(theilSen(line(5))?.low).toBe(1);
  });

  it('has no slope where no two points differ in time', () => {
    expect(theilSen([])).toBeUndefined();
    expect(theilSen([[1, 1], [1, 2]])).toBeUndefined(); // prettier-ignore
  });

  it('finds the slope of any line, wherever it lies', () => {
    fc.assert(
      fc.property(fc.integer({ min: -1000, max: 1000 }), fc.integer({ min: -1e6, max: 1e6 }), (slope, offset) => {
        const points = Array.from({ length: 20 }, (_, index): Point => [index, slope * index + offset]);
        const trend = theilSen(points);
        expect(trend?.slope).toBeCloseTo(slope, 6);
        expect(trend?.low).toBeCloseTo(slope, 6);
        expect(trend?.high).toBeCloseTo(slope, 6);
      }),
    );
  });

  it('keeps its slope within its interval', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 5000 }), { minLength: 5, maxLength: 40 }), (list) => {
        const trend = theilSen(list.map((y, x): Point => [x, y]));
        expect(trend?.low).toBeLessThanOrEqual(trend?.slope ?? NaN);
        expect(trend?.high).toBeGreaterThanOrEqual(trend?.slope ?? NaN);
      }),
    );
  });

  it('is not moved by a quarter of wild points', () => {
    const points = Array.from({ length: 40 }, (_, index): Point => [index, index % 4 === 0 ? 1e9 : 2 * index]);
    expect(theilSen(points)?.slope).toBeCloseTo(2, 6);
  });

  it('thins long series and keeps their slope', () => {
    const points = Array.from({ length: 5000 }, (_, index): Point => [index, 3 * index]);
    expect(theilSen(points)?.slope).toBeCloseTo(3, 6);
  });
});
