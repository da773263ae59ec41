import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { prometheusClient } from '../../../src/clients/prometheus/index.ts';
import type { Diagnosis } from '../../../src/core/diagnosis.ts';
import type { Signal } from '../../../src/core/signal.ts';
import { cpuDiagnoser } from '../../../src/diagnosers/cpu/index.ts';
import { memoryDiagnoser } from '../../../src/diagnosers/memory/index.ts';
import { type EvidenceSource, evidenceSources, gatherEvidence } from '../../../src/evidence/index.ts';
import type { Listening } from '../../support/loopback.ts';
import { hasPrometheus, startPrometheus } from '../../support/prometheus.ts';
import { MiB, reads, rows, start, status, steppedClock } from '../proxmox/stand-in.ts';
import { world } from './world.ts';

const clock = steppedClock();
const guest = { cluster: 'home', type: 'lxc' as const, vmid: 200 };
const target = { target: 'home/lxc/200', guest, node: 'pve1', name: 'postgres' };
const signal: Signal = {
  ...{ door: 'alertmanager', status: 'firing', name: 'LxcMemoryHigh', family: 'memory', asks: 'grow' },
  ...{ labels: { id: 'lxc/200' }, annotations: {}, startsAt: '2026-11-20T03:12:00Z', fingerprint: 'f', repeats: 1 },
};
const declared = {
  ...{ ...guest, name: 'postgres', node: 'pve1', file: 'guests/postgres.yaml', cores: 2, memory: 2048 },
  ...{ disk: { storage: 'local-lvm', size: 32 }, network: { bridge: 'vmbr0' }, tags: [], carries: [] },
};

const ours = ({ cluster, instance = '', job }: { readonly [label: string]: string }) =>
  cluster === undefined && (instance === 'pve1.home.lan' || (instance === 'pve1:8080' && job === 'cadvisor'))
    ? ({ found: true, cluster: 'home' } as const)
    : ({ found: false, message: 'not ours' } as const);

// A database as Proxmox VE shows it: 1400 of 2048 MiB, because its shared buffers are not in `mem`, and no stalls.
const quiet = { memory: { some: 0, full: 0 }, cpu: { some: 0 }, io: { some: 0 } };
const proxmox = evidenceSources.proxmox(
  () =>
    reads({
      status: async () => status({ mem: 1400 * MiB, swap: 0, pressure: quiet }),
      rrd: async () => rows(1800, 1440, { mem: 1400 * MiB, maxmem: 2048 * MiB, pressurememorysome: 0 }),
    }),
  clock,
);

async function diagnose(sources: EvidenceSource[]): Promise<Diagnosis> {
  const request = { ...memoryDiagnoser.needs(signal, target), name: 'postgres' };
  const { facts, gaps } = await gatherEvidence(request, sources, { clock });
  const limits = { overcommit: 1, promisedByOpenProposals: 0 };
  return memoryDiagnoser.decide({ ...target, signal, declared, facts, gaps, limits, now: start });
}

describe.skipIf(!hasPrometheus())('a database that fills its container with shared memory', () => {
  let prometheus: Listening;
  beforeAll(async () => {
    prometheus = await startPrometheus(world);
  });
  afterAll(() => prometheus.stop());

  it('looks idle to Proxmox VE', async () => {
    expect(await diagnose([proxmox])).toMatchObject({
      outcome: 'no-change',
      rule: 'contradicted',
      summary: 'contradicted by live evidence: 68 % of 2048 MiB in use, no task stalled on memory',
    });
  });

  it('is out of memory by its working set and its kills, which only Prometheus shows', async () => {
    const client = prometheusClient({ url: prometheus.url });
    const diagnosis = await diagnose([evidenceSources.prometheus(client, ours, clock), proxmox]);
    expect(diagnosis).toMatchObject({
      outcome: 'proposed',
      rule: 'short',
      // (2048 MiB at its cap + 300 MiB swapped out) + 20 %, rounded up.
      parameters: { memory: 2944 },
      confidence: 'high',
      basis: { window: '14 days' },
    });
    expect(diagnosis.summary).toContain('3 OOM kills');
    expect(diagnosis.decidedBy).toContainEqual({
      fact: 'guest.memory.workingSet',
      value: '1979 MiB',
      source: 'prometheus container_memory_working_set_bytes{id="/lxc/200",instance="pve1:8080",job="cadvisor"}',
      at: '2026-11-20T03:34:00Z',
    });
  });

  it('is short of CPU by its limit, and the fortnight says how much', async () => {
    const client = prometheusClient({ url: prometheus.url });
    const source = evidenceSources.prometheus(client, ours, clock);
    const request = { ...cpuDiagnoser.needs(signal, target), name: 'postgres' };
    const { facts, gaps } = await gatherEvidence(request, [source, proxmox], { clock });
    const limits = { overcommit: 1, promisedByOpenProposals: 0 };
    const diagnosis = cpuDiagnoser.decide({
      ...{ ...target, declared, facts, gaps, limits, now: start },
      signal: { ...signal, name: 'PveHighCpuUsage', family: 'cpu' },
    });
    expect(diagnosis).toMatchObject({
      outcome: 'proposed',
      parameters: { cores: 3 },
      basis: {
        window: '14 days',
        formula: 'at most 1.8 cores in use 95 % of the time (means of 5 minutes) + 15 %, rounded up',
      },
    });
    expect(diagnosis.summary).toContain('held it back in 30 % of the scheduler’s periods');
  });
});
