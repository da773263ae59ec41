import { describe, expect, it } from 'vitest';
import type { FactName, Facts } from '../../../src/core/fact.ts';
import type { LiveGuest } from '../../../src/core/guest.ts';
import { sizePredicate } from '../../../src/planners/resize-guest/verification.ts';

const mib = 2 ** 20;
const appliedAt = '2026-11-20T03:41:07Z';
const at = '2026-11-20T03:42:00Z';
const live: LiveGuest = {
  cluster: 'home',
  node: 'pve1',
  type: 'lxc',
  vmid: 200,
  name: 'postgres',
  status: 'running',
  digest: 'd',
  running: { cores: 2, memory: 3072, swap: 512 },
  pending: {},
  hotplug: [],
  tags: [],
  uptime: 9000,
  at,
};
const machine: LiveGuest = { ...live, type: 'qemu', name: 'frigate', running: { cores: 2, memory: 3072 } };

const facts = (values: { [name in FactName]?: unknown }, read = at): Facts =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [name, { value, source: 'test', at: read }]));
const well = facts({ 'guest.memory.used': 1966 * mib, 'guest.psi.memory.some': 0.004, 'guest.psi.memory.full': 0 });
const look = (seen: Facts, changes: Partial<Parameters<typeof sizePredicate.look>[0]> = {}) =>
  sizePredicate.look({ live, facts: seen, expected: { memory: 3072 }, appliedAt, at, ...changes });

describe('a look at memory after a resize', () => {
  it('holds where the guest runs with what was applied, and nothing is short', () => {
    expect(look(well)).toEqual({
      state: 'holds',
      why: 'usage is 64 % of 3072 MiB, stalls are 0.4 % and full stalls are 0 %',
      observed: { usage: 0.64, stalls: 0.004, fullStalls: 0 },
      notObserved: ['kills for lack of memory', 'swapping in'],
    });
  });

  it.each([
    ['90 % in use', { 'guest.memory.used': 0.9 * 3072 * mib }, 'usage is 90 % of 3072 MiB'],
    [
      'shared memory that Proxmox VE does not count',
      { 'guest.memory.workingSet': 3000 * mib },
      'usage is 98 % of 3072 MiB',
    ],
    ['stalls of 10 %', { 'guest.psi.memory.some': 0.1 }, 'stalls are 10 %'],
    ['full stalls of 5 %', { 'guest.psi.memory.full': 0.05 }, 'full stalls are 5 %'],
    ['swapping in', { 'guest.swapIn': 12 }, '12 pages a second are swapped in'],
    [
      'a kill after the apply',
      { 'guest.oomKills': 1, 'guest.oomKills.last': '2026-11-20T03:41:30Z' },
      'something was killed for lack of memory at 2026-11-20T03:41:30Z',
    ],
    [
      'several at once',
      { 'guest.psi.memory.some': 0.5, 'guest.swapIn': 1 },
      'stalls are 50 % and 1 pages a second are swapped in',
    ],
  ])('fails for %s', (_, values, why) => {
    expect(look({ ...well, ...facts(values) })).toMatchObject({ state: 'fails', why });
  });

  it.each([
    [
      'just under every threshold',
      { 'guest.memory.used': 0.899 * 3072 * mib, 'guest.psi.memory.some': 0.0999, 'guest.psi.memory.full': 0.0499 },
    ],
    ['a kill before the apply', { 'guest.oomKills': 3, 'guest.oomKills.last': '2026-11-20T03:40:00Z' }],
    ['nothing swapped in', { 'guest.swapIn': 0 }],
  ])('holds for %s', (_, values) => {
    expect(look({ ...well, ...facts(values) }).state).toBe('holds');
  });

  it('fails where the guest stopped, or is not what was applied any more', () => {
    expect(look(well, { live: { ...live, status: 'stopped' } })).toMatchObject({
      state: 'fails',
      why: 'postgres does not run: it is stopped',
    });
    expect(look(well, { live: { ...live, running: { memory: 4096 } } })).toMatchObject({
      state: 'fails',
      why: 'what is live is no longer what was applied: memory 3072 → 4096 MiB',
    });
    expect(look(well, { live: { ...live, running: {} } }).state).toBe('fails');
  });

  it('cannot tell where Proxmox VE does not say whether it runs', () => {
    expect(look(well, { live: { ...live, status: 'unknown' } }).state).toBe('cannot-tell');
  });

  it('cannot tell without memory in use of a container, or with a figure that cannot be', () => {
    expect(look(facts({ 'guest.psi.memory.some': 0 }))).toMatchObject({
      state: 'cannot-tell',
      why: 'memory in use is not answered',
    });
    for (const used of [NaN, -1, 4096 * mib, Infinity])
      expect(look({ ...well, ...facts({ 'guest.memory.used': used }) }).state).toBe('cannot-tell');
    for (const psi of [NaN, -0.1, 1.5])
      expect(look({ ...well, ...facts({ 'guest.psi.memory.some': psi }) })).toMatchObject({
        state: 'cannot-tell',
        why: 'stalls are no figure to trust',
      });
  });

  it('cannot tell where a source answered before and is silent now: a missing series is never recovery', () => {
    const answered: FactName[] = ['guest.psi.memory.some', 'guest.memory.used'];
    const { 'guest.psi.memory.some': gone, ...silent } = well;
    expect(gone).toBeDefined();
    expect(look(silent, { answered })).toMatchObject({ state: 'cannot-tell', why: 'stalls are not answered any more' });
    expect(look(silent)).toMatchObject({
      state: 'holds',
      notObserved: ['stalls', 'kills for lack of memory', 'swapping in'],
    });
    expect(look(well, { answered: ['guest.memory.workingSet'] }).state).toBe('cannot-tell');
    expect(look(well, { answered: ['guest.oomKills'] }).state).toBe('cannot-tell');
    expect(look(well, { answered: ['guest.swapIn'] }).state).toBe('cannot-tell');
  });

  it('does not believe what was read before the apply', () => {
    const old = facts({ 'guest.memory.used': 100 * mib }, '2026-11-20T03:41:00Z');
    expect(look({ ...well, ...old }).state).toBe('cannot-tell');
  });

  it('says a failure although another figure is silent', () => {
    expect(look(facts({ 'guest.psi.memory.some': 0.4 }))).toMatchObject({ state: 'fails', why: 'stalls are 40 %' });
  });

  it('judges a change of swap by the cap that is live', () => {
    const seen = { ...well, ...facts({ 'guest.memory.cap': 2048 * mib }) };
    expect(look(seen, { expected: { swap: 512 } })).toMatchObject({ state: 'fails', why: 'usage is 96 % of 2048 MiB' });
    expect(look(well, { expected: { swap: 512 } }).state).toBe('cannot-tell');
  });
});

describe('a look at a virtual machine', () => {
  const on = (values: { [name in FactName]?: unknown }, answered: FactName[] = []) =>
    look(facts(values), { live: machine, answered });

  it('believes MemAvailable from inside, and counts what its kernel reserves as used', () => {
    expect(on({ 'guest.memory.available': 1536 * mib })).toMatchObject({ state: 'holds', observed: { usage: 0.5 } });
    expect(on({ 'guest.memory.available': 100 * mib, 'guest.memory.current': 3072 * mib })).toMatchObject({
      state: 'fails',
    });
  });

  it('takes what Proxmox VE shows as an upper bound only', () => {
    const balloon = { 'guest.memory.balloonStats': true };
    expect(on({ 'guest.memory.used': 1536 * mib, ...balloon })).toMatchObject({
      state: 'holds',
      observed: { usage: 0.5 },
    });
    expect(on({ 'guest.memory.used': 3070 * mib, ...balloon })).toMatchObject({
      state: 'holds',
      notObserved: expect.arrayContaining(['memory in use']) as string[],
    });
    expect(on({ 'guest.memory.used': 3070 * mib })).toMatchObject({ state: 'holds', observed: {} });
  });

  it('cannot tell where the exporter inside went silent', () => {
    expect(
      on({ 'guest.memory.used': 1 * mib, 'guest.memory.balloonStats': true }, ['guest.memory.available']).state,
    ).toBe('cannot-tell');
  });

  it('waits until a five-minute mean from inside has forgotten the time before', () => {
    const inside = facts({ 'guest.psi.memory.some.inside': 0.4, 'guest.memory.available': 1536 * mib });
    expect(look(inside, { live: machine }).state).toBe('holds');
    const later = facts(
      { 'guest.psi.memory.some.inside': 0.4, 'guest.memory.available': 1536 * mib },
      '2026-11-20T03:46:30Z',
    );
    expect(look(later, { live: machine })).toMatchObject({ state: 'fails', why: 'stalls are 40 %' });
  });

  it('holds by running with what was applied where nothing can be seen inside', () => {
    expect(on({})).toMatchObject({ state: 'holds', why: 'it runs with what was applied' });
  });
});

describe('a look at cores', () => {
  const expected = { cores: 2 };
  it('holds below 10 % of stalls on CPU, and asks nothing of memory', () => {
    expect(look(facts({ 'guest.psi.cpu.some': 0.05 }), { expected })).toEqual({
      state: 'holds',
      why: 'stalls on CPU are 5 %',
      observed: { cpuStalls: 0.05 },
      notObserved: [],
    });
    expect(look(facts({ 'guest.psi.cpu.some': 0.1 }), { expected }).state).toBe('fails');
    expect(look(facts({}), { expected })).toMatchObject({ state: 'holds', notObserved: ['stalls on CPU'] });
  });

  it('asks both where both changed', () => {
    expect(
      look({ ...well, ...facts({ 'guest.psi.cpu.some': 0.3 }) }, { expected: { memory: 3072, cores: 2 } }),
    ).toMatchObject({ state: 'fails', why: 'stalls on CPU are 30 %' });
  });
});

const kills = 'kills for lack of memory';
const allOf =
  'usage stays under 90 %, stalls under 10 %, nothing is killed, stalls on CPU stay under 10 %, and the alert resolves';

describe('the predicate in words', () => {
  it.each([
    [{ memory: 3072 }, true, 'usage stays under 90 %, stalls under 10 %, nothing is killed, and the alert resolves'],
    [{ memory: 3072 }, false, 'usage stays under 90 %, stalls under 10 %, and nothing is killed'],
    [{ cores: 4 }, true, 'stalls on CPU stay under 10 % and the alert resolves'],
    [{ cores: 4 }, false, 'stalls on CPU stay under 10 %'],
    [
      { memory: 3072, cores: 4 },
      false,
      'usage stays under 90 %, stalls under 10 %, nothing is killed, and stalls on CPU stay under 10 %',
    ],
  ])('%j with an alert: %s', (expected, alert, words) => {
    expect(sizePredicate.words(expected, { alert, notObserved: [] })).toBe(words);
  });

  it.each([
    [{ memory: 3072 }, [kills, 'swapping in'], 'usage stays under 90 %, stalls under 10 %, and the alert resolves'],
    [{ memory: 3072 }, ['stalls', 'full stalls', kills], 'usage stays under 90 % and the alert resolves'],
    [{ memory: 3072 }, ['memory in use', kills], 'stalls stay under 10 % and the alert resolves'],
    [{ memory: 3072 }, ['memory in use', 'stalls', kills], 'it runs with what was applied and the alert resolves'],
    [{ cores: 4 }, ['stalls on CPU'], 'it runs with what was applied and the alert resolves'],
    [{ memory: 3072, cores: 4 }, [`${kills} of frigate`], allOf],
  ])('promise nothing that no source can show: %j without %j', (expected, notObserved, words) => {
    expect(sizePredicate.words(expected, { alert: true, notObserved })).toBe(words);
  });
});
