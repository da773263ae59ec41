/** A webhook of Alertmanager 0.34 with one alert, to be changed by each test. */
export function payload(alert: object = {}, top: object = {}): string {
  const alerts = [
    {
      status: 'firing',
      labels: { alertname: 'PveHighMemoryUsage', id: 'lxc/200', instance: 'pve1:8006', severity: 'warning' },
      annotations: { summary: 'Proxmox high memory usage' },
      startsAt: '2026-11-20T03:12:00.123456789Z',
      endsAt: '0001-01-01T00:00:00Z',
      generatorURL: 'http://prom/graph?g0.expr=pve_memory_usage_bytes+%2F+pve_memory_size_bytes+%2A+100+%3E+90',
      fingerprint: '1c9a6c1b2f3d4e5f',
      ...alert,
    },
  ];
  return JSON.stringify({
    version: '4',
    groupKey: '{}/{severity="critical"}:{alertname="PveHighMemoryUsage"}',
    truncatedAlerts: 0,
    status: 'firing',
    receiver: 'bot',
    notification_reason: 'first notification',
    groupLabels: {},
    commonLabels: {},
    commonAnnotations: {},
    routeLabels: {},
    externalURL: 'http://am:9093',
    alerts,
    ...top,
  });
}
