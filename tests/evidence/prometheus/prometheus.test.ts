import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { prometheusClient } from '../../../src/clients/prometheus/index.ts';
import type { ClusterConfig } from '../../../src/core/config.ts';
import type { EvidenceRequest } from '../../../src/core/evidence-request.ts';
import type { FactName, Series } from '../../../src/core/fact.ts';
import { given } from '../../../src/evidence/prometheus/facts.ts';
import { gatherEvidence } from '../../../src/evidence/index.ts';
import { prometheusEvidence } from '../../../src/evidence/prometheus/index.ts';
import { clusterOf } from '../../../src/inventory/index.ts';
import type { Listening } from '../../support/loopback.ts';
import { hasPrometheus, startPrometheus } from '../../support/prometheus.ts';
import { MiB, start, steppedClock } from '../proxmox/stand-in.ts';
import { clusters, now, world } from './world.ts';

const day = 86_400;
const clock = steppedClock();
const configured = Object.entries(clusters).map(([name, exporters]): ClusterConfig => ({
  name,
  endpoint: `https://${name}:8006`,
  read: { env: 'R' },
  exporters: [...exporters],
}));

describe.skipIf(!hasPrometheus())('evidence from a real Prometheus', () => {
  let prometheus: Listening;
  beforeAll(async () => {
    prometheus = await startPrometheus(world);
  });
  afterAll(() => prometheus.stop());

  /** Everything that the source gives of one guest, through the same door as the diagnosers get it. */
  async function ask(
    id: string,
    called: Pick<EvidenceRequest, 'name' | 'address'> = {},
    changes: Partial<EvidenceRequest> = {},
  ) {
    const [type = '', vmid = ''] = id.split('/');
    const guest = { cluster: 'home', type: type as 'lxc' | 'qemu', vmid: Number(vmid) };
    const request = { target: `home/${id}`, guest, node: 'pve1', facts: given, days: 31, ...called, ...changes };
    const source = prometheusEvidence(
      prometheusClient({ url: prometheus.url }),
      (labels) => clusterOf({ labels }, configured),
      clock,
    );
    const { facts, gaps } = await gatherEvidence(request, [source], { clock });
    const value = (name: FactName): unknown => facts[name]?.value;
    const series = (name: FactName): Series => facts[name]?.value as Series;
    return { facts, gaps: gaps.map(({ problem }) => problem), value, series };
  }

  describe('of a container that cAdvisor watches', () => {
    it('gives the working set with shared memory, of one exporter and never a sum', async () => {
      const { facts, value } = await ask('lxc/200', { name: 'postgres' });
      expect(Number(value('guest.memory.workingSet')) / MiB).toBeCloseTo(1979, 0);
      expect(facts['guest.memory.workingSet']).toMatchObject({
        source: 'prometheus container_memory_working_set_bytes{id="/lxc/200",instance="pve1:8080",job="cadvisor"}',
        at: '2026-11-20T03:34:00Z',
      });
      expect(value('guest.memory.cache')).toBe(40 * MiB);
      expect(value('guest.swap.used')).toBe(300 * MiB);
    });

    it('gives the five minutes of stalls', async () => {
      const { value } = await ask('lxc/200');
      expect(value('guest.psi.memory.some.5m')).toBeCloseTo(0.31, 5);
      expect(value('guest.psi.memory.full.5m')).toBeCloseTo(0.2, 5);
      expect(value('guest.psi.memory.some.inside')).toBeUndefined();
    });

    it('gives thirty minutes of waiting for the CPU, and how often its limit held it back', async () => {
      const { value } = await ask('lxc/200');
      expect(value('guest.psi.cpu.some.30m')).toBeCloseTo(0.12, 5);
      expect(value('guest.psi.io.some.30m')).toBeCloseTo(0.04, 5);
      expect(value('guest.cpu.throttled')).toBeCloseTo(0.3, 5);
    });

    it('counts the kills of its control group, and dates the last one no later than it was', async () => {
      const { value } = await ask('lxc/200');
      expect(value('guest.oomKills')).toBe(3);
      const last = Date.parse(String(value('guest.oomKills.last')));
      expect(last).toBeLessThanOrEqual(start - (20 * 60 + 12) * 1000);
      expect(last).toBeGreaterThan(start - (21 * 60 + 30) * 1000);
    });

    it('gives a month of half hours, the highest of each', async () => {
      const { series, facts } = await ask('lxc/200');
      const { points, step } = series('guest.memory.history');
      expect(step).toBe(1800);
      expect(points).toHaveLength(31 * 48 + 1);
      expect(Math.max(...points.map(([, bytes]) => bytes)) / MiB).toBeCloseTo(2000, 0);
      expect(facts['guest.memory.history']?.at).toBe('2026-11-20T03:30:00Z');
      expect(facts['guest.memory.history']?.source).toContain('container_memory_working_set_bytes');
    });

    it('shows when its cap was changed', async () => {
      const { points } = (await ask('lxc/200')).series('guest.memory.cap.history');
      const before = points.findLast(([, bytes]) => bytes === 1024 * MiB)?.[0] ?? 0;
      expect(Math.abs(before - (now - 20 * day))).toBeLessThan(3600);
      expect(points.at(-1)?.[1]).toBe(2048 * MiB);
    });

    it('gives the stalls of the month, cores in use by five minutes, and when it was started', async () => {
      const { series, value } = await ask('lxc/200', {}, { days: 14 });
      expect(series('guest.psi.memory.history').points.at(-1)?.[1]).toBeCloseTo(0.31, 3);
      const cpu = series('guest.cpu.history');
      expect(cpu.step).toBe(300);
      expect(cpu.points.length).toBeGreaterThan(14 * 288 - 2);
      expect(Math.max(...cpu.points.map(([, cores]) => cores))).toBeCloseTo(1.8, 2);
      const restarts = value('guest.restarts') as number[];
      // The start five days ago, and the kills of nine days, three hours and twenty minutes ago.
      expect(restarts.map((at) => Math.round((now - at) / 3600))).toEqual([9 * 24, 5 * 24, 3, 0]);
    });

    it('says which series it left out because nothing assigns them to a cluster', async () => {
      const { gaps } = await ask('lxc/200');
      expect(gaps).toContainEqual(
        expect.stringMatching(/^a series is left out: neither a cluster label nor an exporter/),
      );
    });
  });

  describe('of a container that is seen from inside', () => {
    it('gives the working set by the address that the declaration names', async () => {
      const { value, facts } = await ask('lxc/201', { name: 'nextcloud', address: '192.168.1.21' });
      expect(value('guest.memory.workingSet')).toBe(3500 * MiB);
      expect(value('guest.memory.cache')).toBe(96 * MiB);
      expect(facts['guest.memory.workingSet']?.source).toContain('instance="192.168.1.21:9100"');
    });

    it('takes neither its kills nor its stalls: in a container they are the host’s', async () => {
      const { facts } = await ask('lxc/201', { address: '192.168.1.21' });
      for (const name of [
        'guest.oomKills',
        'guest.psi.memory.some.5m',
        'guest.psi.memory.some.inside',
        'guest.swapIn',
      ]) {
        expect(facts[name as FactName]).toBeUndefined();
      }
    });

    it('does not take a longer name for its own', async () => {
      const { value, gaps } = await ask('lxc/201', { name: 'nextcloud' });
      expect(value('guest.memory.workingSet')).toBeUndefined();
      expect(gaps).toContainEqual(expect.stringContaining('node_exporter whose instance is nextcloud'));
    });

    it('refuses the memory of its host, where there is no lxcfs', async () => {
      const { value, gaps, series } = await ask('lxc/202', { name: 'frigate' });
      expect(value('guest.memory.workingSet')).toBeUndefined();
      expect(gaps).toContainEqual(expect.stringContaining('is more memory than the guest has: it shows its host’s'));
      expect(series('guest.memory.history').points.at(-1)?.[1]).toBe(3000 * MiB);
    });

    it('takes the root of a cAdvisor in it, and none of what it runs', async () => {
      expect((await ask('lxc/209', { address: '192.168.1.29' })).value('guest.memory.workingSet')).toBe(700 * MiB);
    });

    it('never lets a name become a pattern', async () => {
      expect((await ask('lxc/201', { name: '.*' })).value('guest.memory.workingSet')).toBeUndefined();
      expect((await ask('lxc/201', { name: '"} or vector(1) #' })).value('guest.memory.workingSet')).toBeUndefined();
    });
  });

  describe('of a virtual machine', () => {
    const called = { name: 'homeassistant', address: '192.168.1.23' };

    it('gives what its own kernel sees', async () => {
      const { value } = await ask('qemu/203', called);
      expect(value('guest.memory.available')).toBe(200 * MiB);
      expect(value('guest.memory.cache')).toBe(50 * MiB);
      expect(value('guest.swap.used')).toBe(700 * MiB);
      expect(value('guest.swap.cap')).toBe(1024 * MiB);
      expect(value('guest.swapIn')).toBeCloseTo(25, 5);
      expect(value('guest.psi.memory.some.inside')).toBeCloseTo(0.2, 5);
      expect(value('guest.psi.memory.full.inside')).toBeCloseTo(0.08, 5);
      expect(value('guest.memory.workingSet')).toBeUndefined();
    });

    it('gives who waited for its CPUs and what was taken from them', async () => {
      const { value } = await ask('qemu/203', called);
      expect(value('guest.psi.cpu.some.inside')).toBeCloseTo(0.3, 5);
      expect(value('guest.psi.io.some.inside')).toBeCloseTo(0.02, 5);
      expect(value('guest.cpu.steal')).toBeCloseTo(0.2, 5);
      expect(value('guest.cpu.iowait')).toBeCloseTo(0.05, 5);
    });

    it('counts kills over a restart, where the counter begins again', async () => {
      const { value } = await ask('qemu/203', called);
      expect(value('guest.oomKills')).toBe(1);
      expect(Date.parse(String(value('guest.oomKills.last')))).toBeLessThanOrEqual(start - 600_000);
    });

    it('counts in its history what its kernel keeps for itself', async () => {
      const { points } = (await ask('qemu/203', called)).series('guest.memory.history');
      expect(points[10]?.[1]).toBe((3000 + 96) * MiB);
      expect(points.at(-1)?.[1]).toBe((3800 + 96) * MiB);
    });

    it('knows a restart of its kernel that Proxmox VE does not see', async () => {
      const restarts = (await ask('qemu/203', called)).value('guest.restarts') as number[];
      expect(restarts.map((at) => Math.ceil((now - at) / 60))).toEqual([3 * 24 * 60, 10]);
    });

    it('says that its kernel’s own is not counted where its size is not known', async () => {
      const { series, gaps } = await ask('qemu/210', { name: 'alone' });
      expect(series('guest.memory.history').points.at(-1)?.[1]).toBe(1500 * MiB);
      expect(gaps).toContainEqual(
        expect.stringMatching(/^what the VM’s kernel keeps for itself is not in its history/),
      );
    });

    it('refuses another machine of its name, which has more memory than it', async () => {
      const { facts, gaps } = await ask('qemu/211', { name: 'twin' });
      expect(facts['guest.memory.available']).toBeUndefined();
      expect(facts['guest.memory.history']).toBeUndefined();
      expect(gaps).toContainEqual(expect.stringContaining('another machine has its name'));
    });

    it('says what is missing where nothing runs in it', async () => {
      const { facts, gaps } = await ask('qemu/203', { name: 'other' });
      expect(facts['guest.memory.available']).toBeUndefined();
      expect(gaps).toContainEqual('no MemAvailable: no node_exporter whose instance is other, a port may follow');
    });
  });

  describe('where telemetry is at fault', () => {
    it('does not take what ended for what is', async () => {
      const { value, series } = await ask('lxc/204');
      expect(value('guest.memory.workingSet')).toBeUndefined();
      expect(value('guest.oomKills')).toBeUndefined();
      // Five living days say more than a month that ended three days ago.
      expect(series('guest.memory.history').points.at(-1)?.[1]).toBe(500 * MiB);
    });

    it('hands on what is no number, for the diagnoser to see', async () => {
      const { value, series } = await ask('lxc/205');
      expect(value('guest.memory.workingSet')).toBeNaN();
      expect(value('guest.swap.used')).toBe(-1);
      expect(value('guest.psi.memory.some.5m')).toBeNaN();
      expect(series('guest.memory.history').points.every(([, bytes]) => bytes === -5 || Number.isNaN(bytes))).toBe(
        true,
      );
    });

    it('leaves out the time when the id was another guest’s', async () => {
      const { points } = (await ask('lxc/206', { name: 'young' })).series('guest.memory.history');
      expect(now - (points[0]?.[0] ?? 0)).toBeLessThan(10.1 * day);
      expect(points.length).toBeGreaterThan(9 * 48);
    });

    it('prefers a history that is long enough over one that is exact', async () => {
      const { value, series } = await ask('lxc/208');
      expect(value('guest.memory.workingSet')).toBe(1000 * MiB);
      expect(series('guest.memory.history').points.at(-1)?.[1]).toBe(600 * MiB);
    });

    it('gives nothing of a guest that nobody watches, and no zeros', async () => {
      expect((await ask('lxc/207', { name: 'silent' })).facts).toEqual({});
    });

    it('counts kills over the last day for a look, which asks for no history', async () => {
      const { value } = await ask('lxc/200', {}, { days: 0, facts: ['guest.oomKills', 'guest.oomKills.last'] });
      expect(value('guest.oomKills')).toBe(2);
    });
  });
});
