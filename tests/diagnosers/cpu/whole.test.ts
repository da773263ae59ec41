import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isRefusal } from '../../../src/core/change-set.ts';
import type { Signal } from '../../../src/core/signal.ts';
import { cpuDiagnoser } from '../../../src/diagnosers/cpu/index.ts';
import { rules as cpuRules } from '../../../src/diagnosers/cpu/rules.ts';
import { rules as memoryRules } from '../../../src/diagnosers/memory/rules.ts';
import { resizeChangeSet } from '../../../src/planners/resize-guest/change-set.ts';
import type { CaseFile } from '../memory/case-file.ts';
import { inputOf } from './case-file.ts';

const signal: Signal = {
  ...{ door: 'alertmanager', status: 'firing', name: 'PveHighCpuUsage', family: 'cpu', asks: 'grow' },
  ...{ labels: {}, annotations: {}, startsAt: '2026-11-20T03:12:00Z', fingerprint: 'f', repeats: 1 },
};
const share = fc.double({ min: 0, max: 1, noNaN: true });

/** Any container, busy or idle, with any history. */
const guests = fc.record({
  cores: fc.integer({ min: 1, max: 64 }),
  cpus: fc.integer({ min: 1, max: 64 }),
  waited: share,
  storage: share,
  memory: share,
  throttled: share,
  busy: share,
  hours: fc.integer({ min: 0, max: 24 }),
  days: fc.integer({ min: 0, max: 14 }),
});
type Guest = typeof guests extends fc.Arbitrary<infer G> ? G : never;

function decide({ cores, cpus, waited, storage, memory, throttled, busy, hours, days }: Guest, asks = signal.asks) {
  const file: CaseFile = {
    target: 'home/lxc/200 postgres on pve1',
    declared: { memory: 2048, cores },
    facts: {
      'guest.status': 'running',
      'guest.size': { memory: 2048, cores },
      'guest.psi.cpu.some.30m': waited,
      'guest.psi.io.some.30m': storage,
      'guest.psi.memory.some': memory,
      'guest.cpu.throttled': throttled,
      'guest.cpu.history': { days, busy: busy * cores, idle: 0, hours },
      'node.cpus': cpus,
    },
  };
  return cpuDiagnoser.decide(inputOf({ ...signal, asks }, file));
}

describe('whatever the figures are', () => {
  it('no proposal passes a bound', () => {
    fc.assert(
      fc.property(guests, (guest) => {
        const diagnosis = decide(guest);
        if (diagnosis.outcome !== 'proposed') return;
        const { cores } = diagnosis.parameters;
        expect(Number.isInteger(cores)).toBe(true);
        expect(cores).toBeGreaterThan(guest.cores);
        expect(cores).toBeLessThanOrEqual(2 * guest.cores);
        expect(cores).toBeLessThanOrEqual(guest.cpus);
        expect(cores).toBeLessThanOrEqual(Math.ceil(guest.busy * guest.cores * 1.15));
        expect(guest.memory).toBeLessThan(0.1);
        expect(guest.waited >= 0.1 || guest.throttled > 0.25).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  it('a signal that asks for less proposes nothing', () => {
    fc.assert(
      fc.property(guests, (guest) => {
        expect(decide(guest, 'shrink').outcome).toBe('no-change');
      }),
      { numRuns: 100 },
    );
  });

  it('has words of one line and no end that is missing', () => {
    fc.assert(
      fc.property(guests, (guest) => {
        const { summary } = decide(guest);
        expect(summary).toMatch(/^[^\n]{10,300}$/);
        expect(summary).not.toMatch(/undefined|NaN|Infinity/);
      }),
      { numRuns: 300 },
    );
  });
});

it('a proposal is one that its remedy can plan, and changes one value', () => {
  const guest = {
    cores: 2,
    cpus: 8,
    waited: 0.2,
    storage: 0,
    memory: 0,
    throttled: 0,
    busy: 0.95,
    hours: 12,
    days: 14,
  };
  const diagnosis = decide(guest);
  if (diagnosis.outcome !== 'proposed') throw new Error(diagnosis.summary);
  const file = [
    ...[
      'name: postgres',
      'cluster: home',
      'node: pve1',
      'vmid: 200',
      'type: lxc',
      'cores: 2',
      'memory: 2048',
      'swap: 512',
    ],
    ...['disk: { storage: local-lvm, size: 32 }', 'network: { bridge: vmbr0 }', ''],
  ].join('\n');
  const changes = resizeChangeSet(diagnosis, new Map([['guests/postgres.yaml', file]]));
  if (isRefusal(changes)) throw new Error(changes.message);
  expect(changes.title).toBe('postgres: cores 2 → 3');
  expect(changes.edits).toEqual(new Map([['guests/postgres.yaml', file.replace('cores: 2', 'cores: 3')]]));
});

it('memory is short for the CPU exactly when it is for memory', () => {
  expect(cpuRules.memory).toEqual(memoryRules.pressure);
});
