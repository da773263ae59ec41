import { describe, expect, it } from 'vitest';
import type { LiveGuest } from '../../src/core/guest.ts';
import type { PlanRecord } from '../../src/core/plan.ts';
import { staleWords } from '../../src/deliver/stale.ts';
import { step } from './bench.ts';

const memory = { field: 'memory', before: 2048, after: 3072, unit: 'MiB' };
const plan = { steps: [step(200, { name: 'postgres', changes: [memory] })] } as unknown as PlanRecord;

function live(running: LiveGuest['running']): Map<string, LiveGuest> {
  return new Map([['home/lxc/200', { node: 'pve1', running } as LiveGuest]]);
}

describe('why a plan is stale', () => {
  it('is nothing where its values are still those that it started from', () => {
    expect(staleWords(plan, live({ memory: 2048, cores: 8 }))).toBeUndefined();
  });

  it('names the value that moved, with its unit and its node', () => {
    expect(staleWords(plan, live({ memory: 4096 }))).toBe(
      'memory of postgres is 4096 MiB on pve1, no longer the 2048 MiB that this plan started from',
    );
  });

  it('names a value that is not set any more', () => {
    expect(staleWords(plan, live({}))).toBe(
      'memory of postgres is not set on pve1, no longer the 2048 MiB that this plan started from',
    );
  });

  it('names a guest that is gone', () => {
    expect(staleWords(plan, new Map())).toBe('postgres is not there any more');
  });
});
