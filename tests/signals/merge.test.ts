import { describe, expect, it } from 'vitest';
import { doors } from '../../src/signals/index.ts';
import { alertsIn, mergeDeliveries, mostAlerts } from '../../src/signals/alertmanager/index.ts';

interface Part {
  fingerprint: string;
  status?: 'firing' | 'resolved';
}

function payload(...alerts: Part[]): string {
  return JSON.stringify({
    version: '4',
    receiver: 'gitmend',
    groupKey: 'g',
    status: 'firing',
    truncatedAlerts: 1,
    alerts: alerts.map(({ fingerprint, status = 'firing' }) => ({
      status,
      labels: { alertname: 'LxcMemoryHigh', id: fingerprint },
      startsAt: '2026-11-20T03:12:00Z',
      fingerprint,
    })),
  });
}

const merged = (...payloads: string[]) =>
  JSON.parse(mergeDeliveries(payloads)) as { status: string; truncatedAlerts: number; alerts: Part[] };

describe('many deliveries as one', () => {
  it('leaves a single delivery to the last byte as it came', () => {
    const one = payload({ fingerprint: 'a' });
    expect(mergeDeliveries([one])).toBe(one);
  });

  it('keeps repeats, because they are counted', () => {
    expect(merged(payload({ fingerprint: 'a' }), payload({ fingerprint: 'a' })).alerts).toHaveLength(2);
  });

  it('keeps only the last word about an alert', () => {
    const { alerts, status } = merged(payload({ fingerprint: 'a' }), payload({ fingerprint: 'a', status: 'resolved' }));
    expect(alerts.map((alert) => alert.status)).toEqual(['resolved']);
    expect(status).toBe('resolved');
  });

  it('lets an alert fire again after it was resolved', () => {
    const { alerts } = merged(payload({ fingerprint: 'a', status: 'resolved' }), payload({ fingerprint: 'a' }));
    expect(alerts.map(({ status }) => status)).toEqual(['firing']);
  });

  it('adds up what Alertmanager left out', () => {
    expect(merged(payload({ fingerprint: 'a' }), payload({ fingerprint: 'b' })).truncatedAlerts).toBe(2);
  });

  it('holds each alert once where the repeats would be too many', () => {
    const many = Array.from({ length: mostAlerts }, () => ({ fingerprint: 'a' }));
    expect(
      merged(payload(...many), payload({ fingerprint: 'b' })).alerts.map(({ fingerprint }) => fingerprint),
    ).toEqual(['a', 'b']);
  });

  it('is a payload that the door itself would take', () => {
    const text = mergeDeliveries([payload({ fingerprint: 'a' }), payload({ fingerprint: 'b' })]);
    expect(doors.alertmanager.read(text).ok).toBe(true);
    expect(alertsIn(text)).toBe(2);
  });
});
