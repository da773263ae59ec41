import { describe, expect, it } from 'vitest';
import type { PrometheusAnswer, PrometheusClient } from '../../../src/clients/prometheus/index.ts';
import { GitmendError } from '../../../src/core/errors.ts';
import type { EvidenceRequest } from '../../../src/core/evidence-request.ts';
import type { Evidence } from '../../../src/core/fact.ts';
import { given } from '../../../src/evidence/prometheus/facts.ts';
import { prometheusEvidence } from '../../../src/evidence/prometheus/index.ts';
import { steppedClock } from '../proxmox/stand-in.ts';
import { now } from './world.ts';

const guest = { cluster: 'home', type: 'lxc' as const, vmid: 200 };
const request: EvidenceRequest = {
  target: 'home/lxc/200',
  guest,
  node: 'pve1',
  facts: given,
  days: 31,
  name: 'postgres',
};
const down = (): Promise<PrometheusAnswer> =>
  Promise.reject(new GitmendError('PROMETHEUS_UNREACHABLE', 'Prometheus at http://p: it did not answer in time'));
const empty = (): Promise<PrometheusAnswer> => Promise.resolve({ series: [], warnings: [] });

function ask(changes: Partial<PrometheusClient>, facts = request.facts): Promise<Evidence> {
  const client: PrometheusClient = {
    origin: 'http://p',
    query: empty,
    queryRange: empty,
    version: () => Promise.resolve(''),
    ...changes,
  };
  const source = prometheusEvidence(client, () => ({ found: true, cluster: 'home' }), steppedClock());
  return source.gather({ ...request, facts });
}

/** An answer to the queries that name this metric, and to no other. */
const only =
  (metric: string, points: [number, number][], labels: { [label: string]: string } = {}, warnings: string[] = []) =>
  (expression: string): Promise<PrometheusAnswer> =>
    expression.includes(metric)
      ? Promise.resolve({ series: [{ labels: { __name__: metric, ...labels }, points }], warnings })
      : empty();

describe('a Prometheus', () => {
  it('that is down is one gap with its reason, and no fact', async () => {
    const { facts, gaps } = await ask({ query: down, queryRange: down });
    expect(facts).toEqual({});
    expect(gaps).toEqual([
      {
        source: 'Prometheus http://p',
        problem: 'PROMETHEUS_UNREACHABLE: Prometheus at http://p: it did not answer in time',
      },
    ]);
  });

  it('that fails in an unknown way does not repeat what may be secret', async () => {
    const { gaps } = await ask({ query: () => Promise.reject(new Error('token=abc')), queryRange: empty });
    expect(JSON.stringify(gaps)).not.toContain('abc');
  });

  it('that only fails on long ranges still says what is now', async () => {
    const query = only('container_memory_working_set_bytes', [[now - 5, 7]]);
    const { facts, gaps } = await ask({ query, queryRange: down });
    expect(facts['guest.memory.workingSet']?.value).toBe(7);
    expect(gaps).toHaveLength(1);
  });

  it('that is empty gives nothing at all, and says what was looked for', async () => {
    const { facts, gaps } = await ask({});
    expect(facts).toEqual({});
    expect(gaps.map(({ problem }) => problem)).toEqual([
      'no working set: neither cAdvisor nor a node_exporter whose instance is postgres gives one',
    ]);
  });

  it('that warns is quoted once', async () => {
    const query = only('container_memory_working_set_bytes', [[now - 5, 7]], {}, ['half of the stores did not answer']);
    const { gaps } = await ask({ query });
    expect(gaps.filter(({ problem }) => problem.includes('half of the stores'))).toHaveLength(1);
  });

  it('is not asked for what nobody wants', async () => {
    const asked: string[] = [];
    const query = (expression: string): Promise<PrometheusAnswer> => {
      asked.push(expression);
      return empty();
    };
    await ask({ query, queryRange: query }, ['guest.cpu.throttled']);
    expect(asked).toHaveLength(1);
    expect(asked[0]).toMatch(
      /^\{__name__=~".*container_cpu_cfs_periods_total.*id=~"\(\?:lxc\/200\|\/lxc\/200\)"\}\[30m\]$/,
    );
  });

  it('says what is labelled with more than letters in letters', async () => {
    const labels = { instance: 'a"}\n<script>', id: '/lxc/200' };
    const { facts } = await ask({ query: only('container_memory_working_set_bytes', [[now - 5, 7]], labels) });
    expect(facts['guest.memory.workingSet']?.source).toBe(
      'prometheus container_memory_working_set_bytes{id="/lxc/200",instance="a????script?"}',
    );
  });
});

describe('a counter', () => {
  const stalls = 'container_pressure_memory_waiting_seconds_total';
  const every = (seconds: number, values: number[]): [number, number][] =>
    values.map((value, index) => [now - seconds * (values.length - 1 - index), value]);
  const fiveMinutes = async (points: [number, number][]): Promise<unknown> =>
    (await ask({ query: only(stalls, points) })).facts['guest.psi.memory.some.5m']?.value;

  it('that began again is counted from there', async () => {
    expect(await fiveMinutes(every(60, [100, 106, 2, 8, 14]))).toBeCloseTo(20 / 240);
  });

  it('of less than half the time gives no mean', async () => {
    expect(await fiveMinutes(every(60, [100, 106]))).toBeUndefined();
    expect(await fiveMinutes(every(60, [100]))).toBeUndefined();
  });

  it('a little over all of the time is all of it, and more is a fault to be seen', async () => {
    expect(await fiveMinutes(every(60, [0, 61, 122, 183, 244]))).toBe(1);
    expect(await fiveMinutes(every(60, [0, 120, 240, 360, 480]))).toBe(2);
  });
});

describe('kills', () => {
  it('of a counter that nobody gives now are not none', async () => {
    const range = only('container_oom_events_total', [[now - 300, 0]]);
    expect((await ask({ queryRange: range })).facts['guest.oomKills']).toBeUndefined();
  });

  it('since the last point of the grid count as well', async () => {
    const metric = 'container_oom_events_total';
    const grid = Math.floor(now / 300) * 300;
    const points: [number, number][] = [
      [grid - 5, 4],
      [grid + 40, 4],
      [grid + 100, 6],
    ];
    const { facts } = await ask({
      query: only(metric, points),
      queryRange: only(metric, [
        [grid - 300, 4],
        [grid, 4],
      ]),
    });
    expect(facts['guest.oomKills']?.value).toBe(2);
    expect(facts['guest.oomKills.last']?.value).toBe(new Date((grid + 40) * 1000).toISOString().replace('.000', ''));
  });

  it('are dated by the grid where the raw samples are gone', async () => {
    const metric = 'container_oom_events_total';
    const grid = Math.floor(now / 300) * 300;
    const live = (expression: string): Promise<PrometheusAnswer> =>
      expression.endsWith('[5m]') ? only(metric, [[grid - 5, 1]])(expression) : empty();
    const { facts } = await ask({
      query: live,
      queryRange: only(metric, [
        [grid - 900, 0],
        [grid - 600, 1],
        [grid, 1],
      ]),
    });
    expect(facts['guest.oomKills.last']?.value).toBe(new Date((grid - 900) * 1000).toISOString().replace('.000', ''));
  });
});

it('a guest of which nothing is declared is only looked for by its id', async () => {
  const vm = { cluster: 'home', type: 'qemu' as const, vmid: 203 };
  const asked: string[] = [];
  const query = (expression: string): Promise<PrometheusAnswer> => {
    asked.push(expression);
    return empty();
  };
  const client: PrometheusClient = { origin: 'http://p', query, queryRange: query, version: () => Promise.resolve('') };
  const source = prometheusEvidence(client, () => ({ found: true, cluster: 'home' }), steppedClock());
  await source.gather({ target: 'home/qemu/203', guest: vm, node: 'pve1', facts: given, days: 31 });
  expect(asked.length).toBeGreaterThan(0);
  expect(asked.filter((expression) => expression.includes('instance='))).toEqual([]);
});
