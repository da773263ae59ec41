import { describe, expect, it } from 'vitest';
import { GitmendError } from '../../../src/core/errors.ts';
import type { Signal } from '../../../src/core/signal.ts';
import { memoryDiagnoser } from '../../../src/diagnosers/memory/index.ts';
import { evidenceSources, gatherEvidence } from '../../../src/evidence/index.ts';
import type { ProxmoxReads } from '../../../src/evidence/proxmox/reads.ts';
import { MiB, reads, request, rows, seen, start, status, steppedClock } from './stand-in.ts';

function gather(changes: Partial<ProxmoxReads> = {}, clock = steppedClock(), type: 'lxc' | 'qemu' = 'lxc') {
  const source = evidenceSources.proxmox((cluster) => (cluster === 'home' ? reads(changes) : undefined), clock);
  return gatherEvidence(request(type), [source], { clock });
}

describe('evidence from Proxmox VE', () => {
  it('gives the facts of a container, each with its source and time', async () => {
    const { facts, gaps } = await gather();
    expect(gaps).toEqual([]);
    expect(facts['guest.memory.used']).toEqual({
      value: 1966 * MiB,
      source: 'PVE GET /nodes/pve1/lxc/200/status/current',
      at: '2026-11-20T03:34:10.000Z',
    });
    expect(facts['guest.psi.memory.full']?.value).toBe(0.31);
    expect(facts['guest.psi.memory.full.5m']?.value).toBeCloseTo(0.29);
    expect(facts['guest.swap.used']?.value).toBe(500 * MiB);
    expect(facts['node.memory.promised']?.value).toBe(12 * 2 ** 30);
    expect(facts['guest.restarts']?.value).toEqual([start / 1000 - 86_400]);
  });

  it('leads to the diagnosis of the example', async () => {
    const { facts, gaps } = await gather();
    const signal: Signal = {
      ...{ door: 'alertmanager', status: 'firing', name: 'LxcMemoryHigh', family: 'memory', asks: 'grow', labels: {} },
      ...{ annotations: {}, startsAt: '2026-11-20T03:12:00Z', fingerprint: 'f', repeats: 1 },
    };
    const declared = {
      ...{
        cluster: 'home',
        type: 'lxc' as const,
        vmid: 200,
        file: 'guests/postgres.yaml',
        name: 'postgres',
        node: 'pve1',
      },
      ...{ cores: 2, memory: 2048, disk: { storage: 'l', size: 8 }, network: { bridge: 'b' }, tags: [], carries: [] },
    };
    const { guest, target, node } = request();
    const limits = { overcommit: 1, promisedByOpenProposals: 0 };
    const diagnosis = memoryDiagnoser.decide({
      signal,
      declared,
      guest,
      target,
      node,
      name: 'postgres',
      facts,
      gaps,
      limits,
      now: start,
    });
    expect(diagnosis).toMatchObject({
      outcome: 'proposed',
      parameters: { memory: 3072 },
      basis: { window: '14 days', points: 672 },
      summary:
        'has been out of memory for 22 minutes: 96 % of 2048 MiB in use without cache, 500 MiB swapped out, tasks stalled on memory 31 % of the time.',
    });
  });

  it('puts each point of the history at the end of its interval', async () => {
    const history = (await gather()).facts['guest.memory.history']?.value;
    expect(history?.step).toBe(1800);
    expect(history?.points.at(-1)?.[0]).toBe(Math.floor(start / 1000 / 1800) * 1800);
  });

  it('reads three times, ten seconds apart, where the points of the hour carry no pressure', async () => {
    const clock = steppedClock();
    const some = [0.4, 0.22, 0.35];
    const { facts } = await gather(
      {
        rrd: async (_node, _guest, timeframe) =>
          rows(timeframe === 'hour' ? 60 : 1800, 100, { mem: 1900 * MiB, maxmem: 2048 * MiB }),
        status: async () =>
          status({ pressure: { memory: { some: some[clock.slept.length] ?? 0, full: 0 }, cpu: {}, io: {} } }, clock),
      },
      clock,
    );
    expect(clock.slept).toEqual([10_000, 10_000]);
    expect(facts['guest.psi.memory.some.5m']).toMatchObject({
      value: 0.22,
      source: expect.stringContaining('lowest of 3 reads') as string,
    });
  });

  it('does not ask again where nothing stalls', async () => {
    const clock = steppedClock();
    const quiet = { memory: { some: 0.01, full: 0 }, cpu: {}, io: {} };
    await gather({ rrd: async () => [], status: async () => status({ pressure: quiet }) }, clock);
    expect(clock.slept).toEqual([]);
  });

  it('names what Proxmox VE 8 cannot show', async () => {
    const old = status();
    delete old.pressure;
    const { facts, gaps } = await gather({ status: async () => old, version: async () => '8.4.1' });
    expect(facts).not.toHaveProperty(['guest.psi.memory.some']);
    expect(gaps.map(({ problem }) => problem)).toEqual(['Proxmox VE 8.4.1 gives no pressure (9 does)']);
  });

  it('refuses what is too old, by name', async () => {
    const { facts, gaps } = await gather({ seen: async () => seen('2026-11-20T03:20:00Z') });
    expect(facts).not.toHaveProperty(['guest.size']);
    expect(gaps).toContainEqual({
      source: 'PVE GET /nodes/pve1/lxc/200/config?current=1',
      problem: 'stale evidence: guest.size is of 2026-11-20T03:20:00Z',
    });
  });

  it('turns each failing read into a gap and keeps the others', async () => {
    const { facts, gaps } = await gather({
      seen: () => Promise.reject(new GitmendError('PVE_FORBIDDEN', 'Sys.Audit on /nodes/pve1 is missing')),
      starts: () => Promise.reject(new Error('secret=hunter2')),
    });
    expect(gaps).toEqual([
      { source: 'PVE guest and node', problem: 'PVE_FORBIDDEN: Sys.Audit on /nodes/pve1 is missing' },
      { source: 'PVE GET /nodes/pve1/tasks', problem: 'it failed in a way that is not known' },
    ]);
    expect(facts['guest.memory.used']?.value).toBe(1966 * MiB);
  });

  it('counts a start once, whether by its task or by the uptime', async () => {
    const began = start / 1000 - 86_400;
    const { facts } = await gather({ starts: async () => [began - 4, began - 500_000] });
    expect(facts['guest.restarts']?.value).toEqual([began - 500_000, began - 4]);
  });

  it('says that a cluster has no reader', async () => {
    const clock = steppedClock();
    const evidence = await gatherEvidence(request(), [evidenceSources.proxmox(() => undefined, clock)], { clock });
    expect(evidence).toEqual({ facts: {}, gaps: [{ source: 'cluster home', problem: 'no reader for it' }] });
  });
});

describe('evidence of a VM', () => {
  const vm = (changes: object) =>
    gather(
      { status: async () => status({ type: 'qemu', ...changes }), seen: async () => seen(undefined, 'qemu') },
      undefined,
      'qemu',
    );

  it('has no history of need, because its figure counts page cache', async () => {
    const { facts, gaps } = await vm({});
    expect(facts).not.toHaveProperty(['guest.memory.history']);
    expect(facts).not.toHaveProperty(['guest.swap.used']);
    expect(gaps.some(({ problem }) => problem.includes('page cache'))).toBe(true);
  });

  it.each([
    [{}, false],
    [{ freemem: 5 }, true],
    [{ ballooninfo: { actual: 5, max_mem: 5 } }, false],
    [{ ballooninfo: { total_mem: 5, free_mem: 2, last_update: start / 1000 - 10 } }, true],
    [{ ballooninfo: { total_mem: 5, free_mem: 2, last_update: start / 1000 - 4000 }, freemem: 2 }, false],
  ])('with %j has balloon statistics: %j', async (changes, statistics) => {
    expect((await vm(changes)).facts['guest.memory.balloonStats']?.value).toBe(statistics);
  });
});
