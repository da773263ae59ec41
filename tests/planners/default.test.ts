import { describe, expect, it } from 'vitest';
import type { LiveGuest } from '../../src/core/guest.ts';
import { defaultPredicate } from '../../src/planners/default.ts';

const at = '2026-11-20T03:42:00Z';
const live: LiveGuest = {
  cluster: 'home',
  node: 'pve1',
  type: 'lxc',
  vmid: 200,
  name: 'postgres',
  status: 'running',
  digest: 'd',
  running: { memory: 3072 },
  pending: {},
  hotplug: [],
  tags: [],
  uptime: 9,
  at,
};
const look = (changes: Partial<LiveGuest> = {}) =>
  defaultPredicate.look({ live: { ...live, ...changes }, facts: {}, expected: { memory: 3072 }, appliedAt: at, at });

describe('the default predicate', () => {
  it('holds while live equals declared and it runs', () => {
    expect(look()).toEqual({
      state: 'holds',
      why: 'postgres runs with memory 3072 MiB',
      observed: {},
      notObserved: [],
    });
    expect(look({ status: 'paused' }).state).toBe('fails');
    expect(look({ running: { memory: 2048 } }).state).toBe('fails');
  });

  it('does not ask to run what was stopped and no file starts, and lets somebody start it meanwhile', () => {
    const rests = (status: LiveGuest['status'], memory = 3072) =>
      defaultPredicate.look({
        ...{ live: { ...live, status, running: { memory } }, facts: {}, expected: { memory: 3072 }, mayRest: true },
        ...{ appliedAt: at, at },
      });
    expect(rests('stopped')).toMatchObject({ state: 'holds', why: 'postgres is stopped with memory 3072 MiB' });
    expect(rests('running')).toMatchObject({ state: 'holds', why: 'postgres runs with memory 3072 MiB' });
    expect(rests('stopped', 2048).state).toBe('fails');
    expect(rests('unknown').state).toBe('cannot-tell');
    expect(look({ status: 'stopped' }).state).toBe('fails');
    const seen = { alert: false, notObserved: [] };
    expect(defaultPredicate.words({ memory: 3072 }, { ...seen, mayRest: true })).toBe('it stays as declared');
  });

  it('notes memory in use without judging it', () => {
    const used = { value: 3000 * 2 ** 20, source: 'test', at };
    const seen = defaultPredicate.look({
      live,
      facts: { 'guest.memory.used': used },
      expected: { memory: 3072 },
      appliedAt: at,
      at,
    });
    expect(seen).toMatchObject({ state: 'holds', observed: { usage: 0.9766 } });
    const impossible = { 'guest.memory.used': { ...used, value: -1 } };
    expect(
      defaultPredicate.look({ live, facts: impossible, expected: { memory: 3072 }, appliedAt: at, at }).observed,
    ).toEqual({});
  });

  it('does not take memory back that is in use, although a person gave it', () => {
    const used = { value: 1, source: 'test', at };
    const asked = { facts: { 'guest.memory.used': used }, back: { memory: 2048 }, now: { memory: 3072 } };
    expect(defaultPredicate.inverseSafe({ ...asked, peakSinceApply: 3000 * 2 ** 20 }).safe).toBe(false);
    expect(defaultPredicate.inverseSafe({ ...asked, peakSinceApply: undefined }).safe).toBe(false);
    expect(defaultPredicate.inverseSafe({ ...asked, peakSinceApply: 1000 * 2 ** 20 }).safe).toBe(true);
  });

  it('is said in words', () => {
    expect(defaultPredicate.words({}, { alert: true, notObserved: [] })).toBe(
      'it runs and stays as declared, and the alert resolves',
    );
    expect(defaultPredicate.words({}, { alert: false, notObserved: [] })).toBe('it runs and stays as declared');
  });
});
