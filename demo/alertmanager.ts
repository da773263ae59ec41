import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** One alert as Alertmanager has it. */
export interface Alert {
  labels: { [name: string]: string };
  annotations: { [name: string]: string };
  startsAt: string;
  fingerprint: string;
}

export interface AlertmanagerStandIn {
  url: string;
  close(): Promise<void>;
}

/**
 * Answers `GET /api/v2/alerts` as Alertmanager does (api/v2/openapi.yaml, `gettableAlerts`): the alerts that fire now.
 * What fires is asked anew at every request, so an alert resolves when its cause is gone.
 */
export async function startAlertmanager(firing: () => Alert[], now: () => number): Promise<AlertmanagerStandIn> {
  const server = createServer((request, response) => {
    const known = request.method === 'GET' && request.url?.startsWith('/api/v2/alerts') === true;
    response.writeHead(known ? 200 : 404, { 'content-type': 'application/json' });
    response.end(
      JSON.stringify(known ? firing().map((alert) => gettable(alert, now())) : { code: 404, message: 'not found' }),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, close: () => closed(server) };
}

/** The webhook (version 4) that Alertmanager sends for these alerts. */
export function webhook(alerts: readonly (Alert & { resolved?: boolean })[]): string {
  return JSON.stringify({
    version: '4',
    groupKey: '{}:{alertname="LxcMemoryHigh"}',
    truncatedAlerts: 0,
    status: alerts.every(({ resolved }) => resolved) ? 'resolved' : 'firing',
    receiver: 'gitmend',
    groupLabels: { alertname: 'LxcMemoryHigh' },
    commonLabels: {},
    commonAnnotations: {},
    externalURL: 'http://127.0.0.1:9093',
    alerts: alerts.map(({ resolved, ...alert }) => ({
      ...alert,
      status: resolved === true ? 'resolved' : 'firing',
      endsAt: resolved === true ? new Date(Date.parse(alert.startsAt) + 60_000).toISOString() : '0001-01-01T00:00:00Z',
      generatorURL: 'http://127.0.0.1:9090/graph?g0.expr=pve_memory_usage_bytes+%2F+pve_memory_size_bytes+%3E+0.9',
    })),
  });
}

function gettable(alert: Alert, now: number): object {
  const at = new Date(now).toISOString();
  return {
    ...alert,
    endsAt: new Date(now + 300_000).toISOString(),
    updatedAt: at,
    receivers: [{ name: 'gitmend' }],
    status: { state: 'active', silencedBy: [], inhibitedBy: [], mutedBy: [] },
  };
}

function closed(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
