import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Signal } from '../../../src/core/signal.ts';
import { memoryDiagnoser } from '../../../src/diagnosers/memory/index.ts';
import { type CaseFile, inputOf } from './case-file.ts';

const signal: Signal = {
  ...{ door: 'alertmanager', status: 'firing', name: 'LxcMemoryHigh', family: 'memory', asks: 'grow' },
  ...{ labels: {}, annotations: {}, startsAt: '2026-11-20T03:12:00Z', fingerprint: 'f', repeats: 1 },
};
const ratio = fc.double({ min: 0, max: 1, noNaN: true });

/** Any guest, well or ill, with any history. */
const guests = fc.record({
  cap: fc.integer({ min: 64, max: 40_000 }),
  used: ratio,
  swap: ratio,
  some: ratio,
  full: ratio,
  days: fc.array(ratio, { minLength: 0, maxLength: 20 }),
  available: fc.integer({ min: 0, max: 64 }),
  promised: fc.integer({ min: 0, max: 80 }),
  asks: fc.constantFrom('grow' as const, 'shrink' as const),
  exact: fc.boolean(),
});

function decide(guest: typeof guests extends fc.Arbitrary<infer G> ? G : never) {
  const { cap, used, swap, some, full, days, available, promised, asks, exact } = guest;
  const file: CaseFile = {
    target: 'home/lxc/200 postgres on pve1',
    declared: { memory: cap },
    facts: {
      'guest.status': 'running',
      'guest.size': { memory: cap, cores: 2 },
      'guest.memory.cap': cap * 2 ** 20,
      'guest.memory.used': used * cap * 2 ** 20,
      ...(exact ? { 'guest.memory.workingSet': used * cap * 2 ** 20 } : {}),
      'guest.swap.used': swap * 4096 * 2 ** 20,
      ...{ 'guest.psi.memory.some': some, 'guest.psi.memory.some.5m': some },
      ...{ 'guest.psi.memory.full': full, 'guest.psi.memory.full.5m': full },
      'guest.memory.history': { days: days.map((day) => `${(day * cap).toFixed(3)} MiB`) },
      'guest.memory.cap.history': { days: [`${cap} MiB`] },
      'guest.psi.memory.history': { days: days.map(() => '0 %') },
      'guest.uptime': 86_400,
      'node.memory.total': 64 * 2 ** 30,
      'node.memory.available': available * 2 ** 30,
      'node.memory.promised': promised * 2 ** 30,
    },
  };
  return memoryDiagnoser.decide(inputOf({ ...signal, asks }, file));
}

describe('whatever the figures are', () => {
  it('no proposal passes a bound', () => {
    fc.assert(
      fc.property(guests, (guest) => {
        const diagnosis = decide(guest);
        if (diagnosis.outcome !== 'proposed') return;
        const { memory } = diagnosis.parameters;
        const growth = (memory - guest.cap) / 1024;
        expect(Number.isInteger(memory)).toBe(true);
        expect(memory).toBeGreaterThanOrEqual(256);
        expect(memory).toBeLessThanOrEqual(Math.max(2 * guest.cap, 256));
        expect(memory).toBeGreaterThanOrEqual(guest.cap / 2);
        expect(memory).not.toBe(guest.cap);
        expect(growth).toBeLessThanOrEqual(Math.max(guest.available - 6.4, 64 - guest.promised, 0));
      }),
      { numRuns: 500 },
    );
  });

  it('a signal that asks for more never shrinks, and one that asks for less never grows', () => {
    fc.assert(
      fc.property(guests, (guest) => {
        const diagnosis = decide(guest);
        if (diagnosis.outcome !== 'proposed') return;
        expect(diagnosis.parameters.memory > guest.cap).toBe(guest.asks === 'grow');
      }),
      { numRuns: 500 },
    );
  });

  it('a shrink leaves at least 1.15 times what is in use', () => {
    fc.assert(
      fc.property(guests, (guest) => {
        const diagnosis = decide({
          ...guest,
          asks: 'shrink',
          some: 0,
          full: 0,
          used: guest.used / 4,
          days: Array<number>(16).fill(guest.used / 4),
        });
        if (diagnosis.outcome !== 'proposed') return;
        expect(diagnosis.parameters.memory).toBeGreaterThanOrEqual((1.15 * guest.cap * guest.used) / 4);
      }),
      { numRuns: 300 },
    );
  });

  it('every diagnosis has a reason and the same evidence gives the same one', () => {
    fc.assert(
      fc.property(guests, (guest) => {
        const diagnosis = decide(guest);
        expect(diagnosis.summary.length).toBeGreaterThan(10);
        expect(diagnosis.rule).toMatch(/^[a-z-]+$/);
        expect(JSON.stringify(diagnosis)).not.toMatch(/NaN|Infinity|undefined/);
        expect(decide(guest)).toEqual(diagnosis);
      }),
      { numRuns: 300 },
    );
  });
});
