import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { activeAlerts, alertmanagerVersion, completeDelivery, stillFiring } from '../../src/clients/alertmanager.ts';
import type { Delivery } from '../../src/signals/alertmanager/index.ts';
import { readAlertmanager } from '../../src/signals/alertmanager/index.ts';
import { hasAlertmanager, postAlerts, startAlertmanager } from '../support/alertmanager.ts';
import { serve, serveText } from '../support/http.ts';
import type { Listening } from '../support/loopback.ts';

/** What Alertmanager sends to its webhook, one payload after the other. */
interface Door {
  server: Server;
  url: string;
  next: () => Promise<string>;
}

async function door(): Promise<Door> {
  const waiting: ((payload: string) => void)[] = [];
  const came: string[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const payload = Buffer.concat(chunks).toString();
      const receive = waiting.shift();
      if (receive === undefined) came.push(payload);
      else receive(payload);
      response.writeHead(202).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const next = (): Promise<string> => {
    const payload = came.shift();
    return payload === undefined ? new Promise((resolve) => waiting.push(resolve)) : Promise.resolve(payload);
  };
  return { server, url, next };
}

const configuration = (url: string): string => `
route:
  receiver: bot (home)
  group_by: [alertname, place]
  group_wait: 1s
  group_interval: 1s
  repeat_interval: 1h
receivers:
  - name: bot (home)
    webhook_configs: [{ url: "${url}", send_resolved: true, max_alerts: 2 }]
`;

function read(payload: string): Delivery {
  const answer = readAlertmanager(payload);
  expect(answer).toMatchObject({ ok: true });
  return (answer as { delivery: Delivery }).delivery;
}

describe.skipIf(!hasAlertmanager())('a real Alertmanager', { timeout: 60_000 }, () => {
  let webhook: Door;
  let alertmanager: Listening;
  beforeAll(async () => {
    webhook = await door();
    alertmanager = await startAlertmanager(configuration(webhook.url));
  });
  afterAll(async () => {
    await alertmanager.stop();
    webhook.server.closeAllConnections();
    webhook.server.close();
  });

  const alert = (vmid: number, name = 'LxcMemoryHigh') => ({
    labels: { alertname: name, place: 'a "shelf"\\ or two', id: `lxc/${vmid}` },
    annotations: { summary: `${vmid} is full` },
    generatorURL: 'http://prometheus.home.lan/graph?g0.expr=1',
  });

  it('gives the rest of a group that it truncated, and nothing of another one', async () => {
    await postAlerts(
      alertmanager.url,
      [200, 201, 202, 203, 204].map((vmid) => alert(vmid)),
    );
    const payload = await webhook.next();
    const truncated = read(payload);
    expect(truncated.alerts).toHaveLength(2);
    expect(truncated.truncatedAlerts).toBe(3);
    await postAlerts(alertmanager.url, [alert(300, 'GuestDown')]);

    const whole = read(await completeDelivery(payload, alertmanager.url));
    expect(whole.truncatedAlerts).toBe(0);
    const ids = whole.alerts.map(({ labels }) => labels['id']).sort();
    expect(ids).toEqual(['lxc/200', 'lxc/201', 'lxc/202', 'lxc/203', 'lxc/204']);
    const [first] = truncated.alerts;
    const [last] = whole.alerts.slice(-1);
    expect(whole.alerts[0]).toEqual(first);
    expect(Object.keys(last ?? {}).sort()).toEqual(Object.keys(first ?? {}).sort());
    expect(last).toMatchObject({ status: 'firing', annotations: { summary: /is full/ } });
  });

  it('shows an alert as firing until it is resolved, and sends both', async () => {
    const down = read(await webhook.next());
    expect(down.alerts[0]).toMatchObject({ status: 'firing', labels: { alertname: 'GuestDown' } });
    const { labels, fingerprint = '' } = down.alerts[0] ?? { labels: {} };
    const signal = { name: 'GuestDown', labels, fingerprint, startsAt: down.alerts[0]?.startsAt ?? '' };
    expect(stillFiring(await activeAlerts(alertmanager.url), signal)?.fingerprint).toBe(fingerprint);

    const past = new Date(Date.now() - 1000).toISOString();
    await postAlerts(alertmanager.url, [{ ...alert(300, 'GuestDown'), endsAt: past }]);
    const resolved = read(await webhook.next());
    expect(resolved.alerts[0]).toMatchObject({ status: 'resolved', fingerprint });
    expect(stillFiring(await activeAlerts(alertmanager.url), signal)).toBeUndefined();
  });

  it('says its version', async () => {
    expect(await alertmanagerVersion(alertmanager.url)).toMatch(/^0\.\d+/);
  });
});

describe('what is no truncated delivery', () => {
  const unreachable = 'http://127.0.0.1:9';

  it.each([
    ['{"truncatedAlerts":0,"receiver":"a","groupLabels":{},"alerts":[]}'],
    ['no JSON'],
    ['{"alerts":3}'],
    ['[]'],
  ])('stays as it is, and nobody is asked: %s', async (payload) => {
    expect(await completeDelivery(payload, unreachable)).toBe(payload);
  });
});

describe('an Alertmanager that answers badly', () => {
  const payload = JSON.stringify({ receiver: 'bot', truncatedAlerts: 1, groupLabels: { a: 'b' }, alerts: [] });

  it('is an error with a code, never half a delivery', async () => {
    const wanted = { code: 'ALERTMANAGER_UNREACHABLE' };
    await expect(completeDelivery(payload, await serveText(500, ''))).rejects.toMatchObject(wanted);
    await expect(completeDelivery(payload, await serveText(200, '<html>'))).rejects.toMatchObject(wanted);
    await expect(completeDelivery(payload, 'http://127.0.0.1:9')).rejects.toMatchObject(wanted);
    const silent = await serve(() => undefined);
    await expect(completeDelivery(payload, silent, 50)).rejects.toThrow('it did not answer in time');
  });

  it('is not followed elsewhere, and not read beyond 16 MiB', async () => {
    await expect(activeAlerts(await serveText(302, '', { location: 'http://127.0.0.1:9' }))).rejects.toThrow();
    const endless = await serveText(200, `[${' '.repeat(17 * 1024 * 1024)}]`);
    await expect(activeAlerts(endless)).rejects.toThrow('larger than');
  });

  it('keeps a delivery within what the door takes, and says how many are missing', async () => {
    const one = { labels: {}, startsAt: 's', endsAt: 'e', status: { state: 'active' } };
    const many = Array.from({ length: 4100 }, (_, index) => ({ ...one, fingerprint: String(index) }));
    const answer = await completeDelivery(payload, await serveText(200, JSON.stringify(many)));
    const { alerts, truncatedAlerts } = JSON.parse(answer) as { alerts: unknown[]; truncatedAlerts: number };
    expect([alerts.length, truncatedAlerts]).toEqual([4000, 100]);
  });
});
