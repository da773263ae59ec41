import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { roundDown, roundUp } from '../../../src/diagnosers/memory/amount.ts';
import { boundGrowth, boundShrink, type Room, roomFor } from '../../../src/diagnosers/memory/bounds.ts';

const MiB = 2 ** 20;
const GiB = 2 ** 30;

const caps = fc.integer({ min: 16, max: 65_536 });
const needs = fc.double({ min: 1, max: 300_000, noNaN: true });
const rooms: fc.Arbitrary<Room> = fc
  .record({
    total: fc.integer({ min: 1, max: 512 }),
    available: fc.double({ min: 0, max: 1, noNaN: true }),
    caps: fc.double({ min: 0, max: 2, noNaN: true }),
    promised: fc.integer({ min: 0, max: 32 }),
    overcommit: fc.constantFrom(0.8, 1, 1.5, 2),
  })
  .map(({ total, available, caps: given, promised, overcommit }) => ({
    total: total * GiB,
    available: available * total * GiB,
    caps: given * total * GiB,
    promised: promised * GiB,
    overcommit,
  }));

describe('a growth, whatever the need, the cap and the node', () => {
  const bounded = fc
    .tuple(needs, caps, rooms)
    .map(([need, cap, room]) => ({ need, cap, room, result: boundGrowth(need, cap, room) }));

  it('is never more than twice the cap, unless the floor is', () => {
    fc.assert(
      fc.property(bounded, ({ cap, result }) => {
        if (result.fits) expect(result.memory).toBeLessThanOrEqual(Math.max(2 * cap, 256));
      }),
    );
  });

  it('is never below the floor', () => {
    fc.assert(
      fc.property(bounded, ({ result }) => {
        if (result.fits) expect(result.memory).toBeGreaterThanOrEqual(256);
      }),
    );
  });

  it('leaves the node its reserve and stays within the overcommit', () => {
    fc.assert(
      fc.property(bounded, ({ cap, room, result }) => {
        const growth = result.fits ? (result.memory - cap) * MiB : 0;
        if (growth <= 0) return;
        const reserve = Math.max(GiB, 0.1 * room.total);
        expect(room.available - growth).toBeGreaterThanOrEqual(reserve);
        expect(room.caps + room.promised + growth).toBeLessThanOrEqual(room.total * room.overcommit);
      }),
    );
  });

  it('is worth a tenth of the cap where it was cut to what fits', () => {
    fc.assert(
      fc.property(bounded, ({ cap, result }) => {
        if (result.fits && result.bound === 'headroom') expect(result.memory).toBeGreaterThanOrEqual(1.1 * cap);
      }),
    );
  });

  it('says what would be needed where nothing fits', () => {
    fc.assert(
      fc.property(bounded, ({ cap, room, result }) => {
        if (!result.fits) expect(result.wanted - cap).toBeGreaterThan(roomFor(room).mebibytes);
      }),
    );
  });
});

describe('a shrink', () => {
  it('is at most by half and never below the floor or the need', () => {
    fc.assert(
      fc.property(needs, caps, (need, cap) => {
        const memory = boundShrink(need, cap);
        expect(memory).toBeGreaterThanOrEqual(256);
        expect(memory).toBeGreaterThanOrEqual(cap / 2);
        expect(memory).toBeGreaterThanOrEqual(need);
      }),
    );
  });
});

describe('rounding', () => {
  it.each([
    [1, 64, 0],
    [64, 64, 64],
    [1229, 1280, 1216],
    [2047, 2048, 1984],
    [2048, 2048, 2048],
    [2049, 2176, 2048],
    [3057.6, 3072, 2944],
    [8191, 8192, 8064],
    [8192, 8192, 8192],
    [8193, 8448, 8192],
  ])('takes %d MiB up to %d and down to %d', (value, up, down) => {
    expect(roundUp(value)).toBe(up);
    expect(roundDown(value)).toBe(down);
  });

  it('encloses every value', () => {
    fc.assert(
      fc.property(needs, (need) => {
        expect(roundUp(need)).toBeGreaterThanOrEqual(need);
        expect(roundUp(need) - need).toBeLessThan(256);
        expect(roundDown(need)).toBeLessThanOrEqual(need);
      }),
    );
  });
});
