import { describe, expect, it } from 'vitest';
import type { Facts } from '../../src/core/fact.ts';
import { type EvidenceSource, gatherEvidence } from '../../src/evidence/index.ts';
import { request, steppedClock } from './proxmox/stand-in.ts';

const at = '2026-11-20T03:34:00Z';
const clock = steppedClock();

function source(name: string, facts: Facts, gives = Object.keys(facts) as EvidenceSource['gives']): EvidenceSource {
  return { name, gives, gather: async () => ({ facts, gaps: [] }) };
}

describe('several sources', () => {
  it('are joined, the first that gives a fact decides it', async () => {
    const inside = source('prometheus', { 'guest.memory.used': { value: 1, source: 'a', at } });
    const outside = source('proxmox', {
      'guest.memory.used': { value: 2, source: 'b', at },
      'guest.status': { value: 'running', source: 'b', at },
    });
    const { facts } = await gatherEvidence(request(), [inside, outside], { clock });
    expect(facts).toMatchObject({ 'guest.memory.used': { value: 1 }, 'guest.status': { value: 'running' } });
  });

  it('give the largest swap that any of them saw', async () => {
    const swaps = [5, 9, 7].map((value) =>
      source(String(value), { 'guest.swap.used': { value, source: String(value), at } }),
    );
    expect((await gatherEvidence(request(), swaps, { clock })).facts['guest.swap.used']?.value).toBe(9);
  });

  it('are not asked for what they cannot give', async () => {
    const never: EvidenceSource = { name: 'x', gives: [], gather: () => Promise.reject(new Error('asked')) };
    expect(await gatherEvidence(request(), [never], { clock })).toEqual({ facts: {}, gaps: [] });
  });

  it('may fail: the gap says so without repeating what is not known to be safe', async () => {
    const broken: EvidenceSource = {
      name: 'x',
      gives: ['guest.status'],
      gather: () => Promise.reject(new Error('token=abc')),
    };
    const { gaps } = await gatherEvidence(request(), [broken], { clock });
    expect(gaps).toEqual([{ source: 'x', problem: 'it failed in a way that is not known' }]);
  });

  it('refuse facts from the future and without a readable time', async () => {
    const odd = source('x', {
      'guest.status': { value: 'running', source: 's', at: '2026-11-20T04:00:00Z' },
      'guest.memory.used': { value: 1, source: 's', at: 'soon' },
    });
    const { facts, gaps } = await gatherEvidence(request(), [odd], { clock });
    expect(facts).toEqual({});
    expect(gaps).toHaveLength(2);
  });
});

describe('histories of several sources', () => {
  const now = steppedClock().now() / 1000;
  const history = (name: string, days: number): EvidenceSource =>
    source(name, {
      'guest.memory.history': {
        value: {
          points: Array.from({ length: days * 48 }, (_, index) => [now - (days * 48 - 1 - index) * 1800, 1]),
          step: 1800,
        },
        source: name,
        at,
      },
    });
  const chosen = async (...sources: EvidenceSource[]): Promise<string | undefined> =>
    (await gatherEvidence(request(), sources, { clock })).facts['guest.memory.history']?.source;

  it('are not mixed: the first that reaches back a fortnight decides', async () => {
    expect(await chosen(history('exact', 14), history('long', 31))).toBe('exact');
  });

  it('that are all shorter give the longest', async () => {
    expect(await chosen(history('exact', 3), history('long', 9))).toBe('long');
    expect(await chosen(history('exact', 3), history('long', 31))).toBe('long');
    expect(await chosen(history('exact', 0), history('also', 0))).toBe('exact');
  });
});

it('a start that only one source saw is a start, and one that both saw is one', async () => {
  const now = steppedClock().now() / 1000;
  const starts = (name: string, ...ago: number[]): EvidenceSource =>
    source(name, { 'guest.restarts': { value: ago.map((seconds) => now - seconds), source: name, at } });
  const { facts } = await gatherEvidence(request(), [starts('a', 90_000, 3700), starts('b', 3600)], { clock });
  expect(facts['guest.restarts']).toMatchObject({ value: [now - 90_000, now - 3600], source: 'b and a' });
});
