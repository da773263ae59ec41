import { type Alert, webhook } from '../demo/alertmanager.ts';

/** The delivery about one container of the lab. `sibling` makes it another alert about the same fault. */
export function alertAbout(vmid: number, now: number, sibling?: number): string {
  const id = `lxc/${vmid}`;
  const alert: Alert = {
    labels: {
      ...{
        alertname: 'LxcMemoryHigh',
        cluster: 'home',
        id,
        instance: 'pve1.home.lan',
        job: 'pve',
        severity: 'warning',
      },
      ...(sibling === undefined ? {} : { replica: String(sibling) }),
    },
    annotations: { summary: `${id} uses 96% of its memory` },
    startsAt: new Date(now - 22 * 60_000).toISOString(),
    fingerprint: (vmid * 100_000 + (sibling ?? 99_999)).toString(16).padStart(16, '0'),
  };
  return webhook([alert]);
}
