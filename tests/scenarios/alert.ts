import { webhook } from '../../demo/alertmanager.ts';

/** The webhook of the alert in scenario *memory*, as of 22 minutes before `now` (milliseconds since the epoch). */
export function memoryAlertFor(now: number): string {
  const labels = { alertname: 'LxcMemoryHigh', cluster: 'home', id: 'lxc/200', instance: 'pve1.home.lan', job: 'pve' };
  const annotations = { summary: 'lxc/200 uses 96% of its memory' };
  return webhook([
    { labels, annotations, startsAt: new Date(now - 22 * 60_000).toISOString(), fingerprint: '3f9c1a7be04d2c65' },
  ]);
}
