import { describe, expect, it } from 'vitest';
import type { Facts } from '../../src/core/fact.ts';
import { inverseSafe } from '../../src/planners/inverse.ts';

const mib = 2 ** 20;
const gib = 2 ** 30;
const facts = (values: { [name: string]: number }): Facts =>
  Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, { value, source: 'test', at: '2026-11-20T03:51:00Z' }]),
  );
const quiet = facts({ 'guest.memory.used': 100 * mib });
const back = { memory: 2048 };
const now = { memory: 3072 };

describe('going back to less memory', () => {
  it('is safe where the old cap holds the peak with its margin, and nothing is short now', () => {
    const peakSinceApply = (2048 * mib) / 1.15 - 1;
    expect(inverseSafe({ facts: facts({ 'guest.psi.memory.some': 0.02 }), back, now, peakSinceApply })).toEqual({
      safe: true,
      why: '1781 MiB at most were in use, and 2048 MiB hold that with a margin of 15 %',
      helps: [],
    });
  });

  it('is not safe where the peak would not fit, and says what helps', () => {
    const judged = inverseSafe({ facts: {}, back, now, peakSinceApply: 3010 * mib });
    expect(judged).toEqual({
      safe: false,
      why: '3010 MiB were in use and would not fit into memory 2048 MiB with a margin of 15 %',
      helps: ['lower what the programs in it take', 'a larger step'],
    });
    expect(inverseSafe({ facts: {}, back, now, peakSinceApply: (2048 * mib) / 1.15 + 1 * mib }).safe).toBe(false);
  });

  it.each([{ 'guest.psi.memory.some': 0.24 }, { 'guest.psi.memory.full': 0.05 }])(
    'is not safe under pressure: %j',
    (values) => {
      expect(inverseSafe({ facts: facts(values), back, now, peakSinceApply: 100 * mib })).toMatchObject({
        safe: false,
        why: expect.stringContaining('stall on memory') as string,
      });
    },
  );

  it('is not safe where nobody saw how much is in use', () => {
    for (const peakSinceApply of [undefined, NaN, -1])
      expect(inverseSafe({ facts: {}, back, now, peakSinceApply }).safe).toBe(false);
  });
});

describe('going back without looking', () => {
  it('is not safe: nothing read is not the same as no pressure', () => {
    const asked = { back, now, peakSinceApply: 100 * mib };
    expect(inverseSafe({ ...asked, facts: {} })).toMatchObject({
      safe: false,
      why: 'nothing could be read of the guest now',
    });
    expect(inverseSafe({ ...asked, facts: quiet }).safe).toBe(true);
  });
});

describe('going back to more memory', () => {
  const more = { back: { memory: 4096 }, now: { memory: 2048 }, peakSinceApply: undefined };
  it('is safe where the node keeps its reserve', () => {
    expect(
      inverseSafe({ ...more, facts: facts({ 'node.memory.available': 8 * gib, 'node.memory.total': 32 * gib }) }),
    ).toEqual({ safe: true, why: 'the node keeps 6 GiB', helps: [] });
  });

  it('is not safe where it would not, or where that was not seen', () => {
    expect(
      inverseSafe({ ...more, facts: facts({ 'node.memory.available': 5 * gib, 'node.memory.total': 32 * gib }) }),
    ).toMatchObject({ safe: false, why: 'the node would keep 3 GiB, less than 3.2 GiB' });
    expect(
      inverseSafe({ ...more, facts: facts({ 'node.memory.available': 1 * gib, 'node.memory.total': 4 * gib }) }),
    ).toMatchObject({ safe: false, why: 'the node would keep 0 MiB, less than 1 GiB' });
    expect(inverseSafe({ ...more, facts: {} }).safe).toBe(false);
  });
});

describe('going back with cores or swap', () => {
  it('is safe for cores, which kill nothing', () => {
    expect(
      inverseSafe({
        facts: facts({ 'guest.psi.memory.some': 0.9 }),
        back: { cores: 2 },
        now: { cores: 4 },
        peakSinceApply: undefined,
      }).safe,
    ).toBe(true);
  });

  it('is not safe for swap under pressure', () => {
    expect(
      inverseSafe({
        facts: facts({ 'guest.psi.memory.some': 0.9 }),
        back: { swap: 512 },
        now: { swap: 1024 },
        peakSinceApply: undefined,
      }).safe,
    ).toBe(false);
    expect(
      inverseSafe({ facts: quiet, back: { swap: 512 }, now: { swap: 1024 }, peakSinceApply: undefined }).safe,
    ).toBe(true);
  });
});
