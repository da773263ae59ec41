import { describe, expect, it } from 'vitest';
import { readAlertmanager, signalsOf } from '../../../src/signals/alertmanager/index.ts';
import { payload } from './payload.ts';

function read(text: string, alerts: { [name: string]: string } = {}) {
  const delivery = readAlertmanager(text);
  if (!delivery.ok) throw new Error(delivery.problems.join('; '));
  return signalsOf(delivery.delivery, alerts);
}

function ofRule(alertname: string, expr = '', alerts: { [name: string]: string } = {}) {
  const generatorURL = expr === '' ? '' : `http://prom/graph?g0.expr=${encodeURIComponent(expr)}&g0.tab=1`;
  return read(payload({ labels: { alertname, id: 'lxc/200' }, generatorURL }), alerts);
}

describe('the alerts of a delivery', () => {
  it('are all walked, each by its own status and not by the top one', () => {
    const { alerts } = JSON.parse(payload()) as { alerts: object[] };
    const [alert] = alerts;
    const mixed = [
      { ...alert, status: 'resolved', fingerprint: 'a', endsAt: '2026-11-20T03:20:00Z' },
      { ...alert, status: 'firing', fingerprint: 'b' },
    ];
    const { signals } = read(payload({}, { alerts: mixed, status: 'firing' }));
    expect(signals.map(({ status }) => status)).toEqual(['resolved', 'firing']);
    expect(signals[0]?.endsAt).toBe('2026-11-20T03:20:00Z');
  });

  it('are counted where the same one comes more than once', () => {
    const { alerts } = JSON.parse(payload()) as { alerts: object[] };
    expect(read(payload({}, { alerts: [...alerts, ...alerts, ...alerts] })).signals).toMatchObject([{ repeats: 3 }]);
  });
});

describe('the family of an alert', () => {
  it('is the owner’s mapping before anything else', () => {
    expect(ofRule('PveHighMemoryUsage', '', { PveHighMemoryUsage: 'disk' }).signals[0]?.family).toBe('disk');
    expect(ofRule('MyRule', 'pve_memory_usage_bytes < 10', { MyRule: 'memory' }).signals[0]).toMatchObject({
      family: 'memory',
      asks: 'shrink',
    });
  });

  it.each([
    ['PveHighMemoryUsage', 'memory', 'grow'],
    ['LxcMemoryHigh', 'memory', 'grow'],
    ['HostOutOfMemory', 'memory', 'grow'],
    ['HostMemoryIsUnderutilized', 'memory', 'shrink'],
    ['ContainerLowMemoryUsage', 'memory', 'shrink'],
    ['PveHighCpuUsage', 'cpu', 'grow'],
    ['PveVm/ctDown', 'guest-down', 'grow'],
    ['PostgresqlTooManyDeadTuples', 'postgres', 'grow'],
    ['PveStorageFillingUp', 'storage', 'grow'],
    ['ZfsOfflinePool', 'hardware', 'grow'],
  ])('%s is known: %s, asks to %s', (name, family, asks) => {
    expect(ofRule(name).signals[0]).toMatchObject({ family, asks });
  });

  it.each([
    ['pve_memory_usage_bytes / pve_memory_size_bytes * 100 > 90 and pve_memory_size_bytes > 0', 'memory', 'grow'],
    ['pve_memory_usage_bytes{id="a > b"} / pve_memory_size_bytes < 0.2', 'memory', 'shrink'],
    ['90 < pve_memory_usage_bytes / pve_memory_size_bytes * 100', 'memory', 'grow'],
    ['pve_memory_size_bytes > 0 and pve_memory_usage_bytes / pve_memory_size_bytes < 0.2', 'memory', 'shrink'],
    ['node_memory_MemAvailable_bytes / node_memory_MemTotal_bytes < .10', 'memory', 'grow'],
    ['(1 - node_memory_MemAvailable_bytes / node_memory_MemTotal_bytes) * 100 > 90', 'memory', 'grow'],
    [
      '(node_memory_MemTotal_bytes - node_memory_MemAvailable_bytes) / node_memory_MemTotal_bytes < 0.2',
      'memory',
      'shrink',
    ],
    ['min_over_time(node_memory_MemFree_bytes[1w]) > node_memory_MemTotal_bytes * .8', 'memory', 'shrink'],
    ['increase(container_oom_events_total{name!=""}[30m]) > 0', 'memory', 'grow'],
    ['pve_memory_usage_bytes * on(id) group_left(name) pve_guest_info > 1e9', 'memory', 'grow'],
    ['1 - avg without(cpu)(rate(node_cpu_seconds_total{mode="idle"}[5m])) > .80', 'cpu', 'grow'],
    ['pve_cpu_usage_ratio * 100 > 90', 'cpu', 'grow'],
    ['node_filesystem_avail_bytes{fstype!~"^(fuse.*|tmpfs)"} / node_filesystem_size_bytes < .10', 'disk', 'grow'],
    ['pg_stat_activity_count > 80', 'postgres', 'grow'],
  ])('is read from %s', (expr, family, asks) => {
    expect(ofRule('Unheard', expr).signals[0]).toMatchObject({ family, asks });
  });

  it.each([
    ['', 'nothing is said'],
    ['up == 0', 'no known metric'],
    ['pve_memory_usage_bytes > 1 and pve_cpu_usage_ratio > 1', 'two families'],
    ['foo{x="pve_memory_usage_bytes"} > 1', 'the metric is only in a text'],
  ])('is unknown for %j: %s', (expr) => {
    expect(ofRule('Unheard', expr).signals[0]).not.toHaveProperty('family');
  });

  it('is not found on a prototype', () => {
    for (const name of ['constructor', 'toString', '__proto__', 'hasOwnProperty']) {
      expect(ofRule(name).signals[0]).not.toHaveProperty('family');
    }
  });

  it('is not read from an address that is none', () => {
    expect(read(payload({ generatorURL: 'not a url' })).signals[0]?.family).toBe('memory');
    expect(read(payload({ labels: { alertname: 'X' }, generatorURL: '::::' })).signals[0]).not.toHaveProperty('family');
  });
});

describe('a dead-man switch', () => {
  it.each([
    ['Watchdog', ''],
    ['PrometheusAlertmanagerE2eDeadManSwitch', ''],
    ['DeadMansSwitch', ''],
    ['AlwaysOn', 'vector(1)'],
  ])('%s %s is a heartbeat and nothing else', (name, expr) => {
    const { signals, heartbeats } = ofRule(name, expr, { [name]: 'memory' });
    expect(signals).toEqual([]);
    expect(heartbeats).toHaveLength(1);
    expect(heartbeats[0]).not.toHaveProperty('family');
  });
});
