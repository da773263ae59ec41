import { describe, expect, it } from 'vitest';
import type { RrdPoint } from '../../../src/clients/proxmox/index.ts';
import type { EvidenceRequest } from '../../../src/core/evidence-request.ts';
import type { Signal } from '../../../src/core/signal.ts';
import { cpuDiagnoser } from '../../../src/diagnosers/cpu/index.ts';
import { evidenceSources, gatherEvidence } from '../../../src/evidence/index.ts';
import { reads, rows, start, steppedClock } from './stand-in.ts';

const guest = { cluster: 'home', type: 'lxc' as const, vmid: 200 };
const target = { target: 'home/lxc/200', guest, node: 'pve1', name: 'postgres' };
const clock = steppedClock();

async function gather(months: RrdPoint[], changes: Partial<EvidenceRequest> = {}) {
  const asked: string[] = [];
  const source = evidenceSources.proxmox(
    () =>
      reads({
        rrd: (_node, _guest, timeframe, cf) => {
          asked.push(`${timeframe} ${cf}`);
          return Promise.resolve(
            timeframe === 'hour' ? rows(60, 60, { pressurecpusome: 0.2, pressureiosome: 0.01 }) : months,
          );
        },
      }),
    clock,
  );
  const request = { ...cpuDiagnoser.needs({} as Signal, target), ...changes };
  return { ...(await gatherEvidence(request, [source], { clock })), asked };
}

describe('CPU evidence from Proxmox VE', () => {
  it('gives cores in use, the share of those that were given then', async () => {
    const { facts } = await gather([...rows(1800, 700, { cpu: 0.9, maxcpu: 2 })]);
    const { points, step } = facts['guest.cpu.history']?.value ?? { points: [], step: 0 };
    expect(step).toBe(1800);
    expect(points).toHaveLength(14 * 48);
    expect(points.at(-1)?.[1]).toBeCloseTo(1.8);
    expect(facts['guest.cpu.history']?.source).toBe('PVE GET /nodes/pve1/lxc/200/rrddata?timeframe=month&cf=AVERAGE');
  });

  it('leaves out the time when it was off, and does not ask for memory', async () => {
    const off = rows(1800, 700, { maxcpu: 2 }).slice(0, 600);
    const { facts, asked } = await gather([...off, ...rows(1800, 100, { cpu: 0.5, maxcpu: 4 })]);
    expect(facts['guest.cpu.history']?.value.points.map(([, cores]) => cores)).toEqual(Array(100).fill(2));
    expect(asked.sort()).toEqual(['hour AVERAGE', 'month AVERAGE']);
  });

  it('suffices for a diagnosis', async () => {
    const { facts, gaps } = await gather(rows(1800, 700, { cpu: 0.95, maxcpu: 2 }));
    const signal: Signal = {
      ...{ door: 'alertmanager', status: 'firing', name: 'PveHighCpuUsage', family: 'cpu', asks: 'grow', labels: {} },
      ...{ annotations: {}, startsAt: '2026-11-20T03:12:00Z', fingerprint: 'f', repeats: 1 },
    };
    const declared = {
      ...{ ...guest, file: 'guests/postgres.yaml', name: 'postgres', node: 'pve1', cores: 2, memory: 2048 },
      ...{ disk: { storage: 'l', size: 8 }, network: { bridge: 'b' }, tags: [], carries: [] },
    };
    const limits = { overcommit: 1, promisedByOpenProposals: 0 };
    // The stand-in stalls on memory: 40 % of the time.
    expect(cpuDiagnoser.decide({ ...target, signal, declared, facts, gaps, limits, now: start })).toMatchObject({
      outcome: 'report-only',
      rule: 'memory-first',
    });
    const calm = Object.fromEntries(Object.entries(facts).filter(([name]) => !name.includes('.memory.')));
    expect(cpuDiagnoser.decide({ ...target, signal, declared, facts: calm, gaps, limits, now: start })).toMatchObject({
      outcome: 'proposed',
      parameters: { cores: 3 },
      confidence: 'medium',
    });
  });
});
