import { describe, expect, it, onTestFinished } from 'vitest';
import { GitmendError } from '../../../src/core/errors.ts';
import { type Delivery, readAlertmanager } from '../../../src/signals/alertmanager/index.ts';
import { hasAlertmanager, postAlerts, startAlertmanager } from '../../support/alertmanager.ts';
import { type StandingDoor, standingDoor, token } from './standing-door.ts';

const patient = { timeout: 30_000, interval: 20 };
// Long over on every machine: what Alertmanager is told to be the future is not resolved yet.
const [startsAt, endsAt] = ['2025-11-20T03:12:00Z', '2025-11-20T03:30:00Z'];

const alert = (vmid: number) => ({
  labels: { alertname: 'LxcMemoryHigh', id: `lxc/${vmid}` },
  annotations: { summary: `${vmid} is full` },
  generatorURL: 'http://prometheus.home.lan/graph?g0.expr=1',
});

/** Alertmanager as its operator sets it up to call our door, only much quicker. */
const configuration = (url: string, { credentials = token, wait = '50ms', repeat = '1h' }): string => `
route:
  receiver: gitmend
  group_by: [alertname]
  group_wait: ${wait}
  group_interval: 100ms
  repeat_interval: ${repeat}
receivers:
  - name: gitmend
    webhook_configs:
      - url: "${url}/signals/alertmanager"
        send_resolved: true
        http_config: { authorization: { credentials: "${credentials}" } }
`;

/** An Alertmanager that delivers to this door, for one test; its address. */
async function deliveringTo({ url }: StandingDoor, options: Parameters<typeof configuration>[1] = {}): Promise<string> {
  const alertmanager = await startAlertmanager(configuration(url, options));
  onTestFinished(alertmanager.stop);
  return alertmanager.url;
}

/** Deliveries of this door that had this end. */
const heard = (door: StandingDoor, result: 'accepted' | 'refused', reason: string) =>
  door.sample(`gitmend_deliveries_total{door="alertmanager",result="${result}",reason="${reason}"}`);

/** Notifications that Alertmanager gave up, by its own count. */
async function failed(alertmanager: string): Promise<number> {
  const text = await (await fetch(`${alertmanager}/metrics`)).text();
  const line = /^alertmanager_notifications_failed_total\{integration="webhook"[^}]*\} (\S+)$/m.exec(text);
  return Number(line?.[1]);
}

/** The oldest delivery that waits, as the inbox gives it to whoever heals; and what is read in it. */
async function next(door: StandingDoor) {
  await expect.poll(async () => (await door.store.inbox.open()).waiting, patient).toBeGreaterThan(0);
  const taken = await door.store.inbox.take(60, 'test');
  const read = readAlertmanager(String(taken?.payload));
  expect([taken?.id, read]).toMatchObject([expect.stringMatching(/^sha256:/), { ok: true }]);
  return { taken: taken!, delivery: (read as { delivery: Delivery }).delivery };
}

describe.skipIf(!hasAlertmanager())('a real Alertmanager at the door', () => {
  it('delivers a group as one delivery with all its alerts', async () => {
    const door = await standingDoor();
    // Long enough for the three to come together, however busy the machine is.
    const alertmanager = await deliveringTo(door, { wait: '500ms' });
    await postAlerts(alertmanager, [alert(200), alert(201), alert(202)]);
    const { taken, delivery } = await next(door);
    expect(delivery).toMatchObject({ receiver: 'gitmend', status: 'firing', truncatedAlerts: 0 });
    expect(delivery.alerts.map(({ labels }) => labels['id']).toSorted()).toEqual(['lxc/200', 'lxc/201', 'lxc/202']);
    expect([taken.door, taken.id, await door.stored()]).toEqual(['alertmanager', delivery.id, 1]);
  });

  it('repeats itself into the work that waits, and after it was done into one more look at the same', async () => {
    const door = await standingDoor();
    const alertmanager = await deliveringTo(door, { repeat: '100ms' });
    await postAlerts(alertmanager, [alert(200)]);
    await expect.poll(() => heard(door, 'accepted', 'known'), patient).toBeGreaterThan(0);
    expect([await heard(door, 'accepted', 'accepted'), await door.stored()]).toEqual([1, 1]);
    const first = await next(door);
    await door.store.inbox.done(first.taken);
    const again = await next(door);
    expect([again.taken.id, again.taken.seq]).toEqual([first.taken.id, first.taken.seq]);
    expect(await door.stored()).toBe(1);
  });

  it('delivers what is resolved, with the time of its end', async () => {
    const door = await standingDoor();
    const alertmanager = await deliveringTo(door);
    await postAlerts(alertmanager, [{ ...alert(200), startsAt }]);
    const firing = await next(door);
    expect(firing.delivery.alerts).toMatchObject([{ status: 'firing', startsAt }]);
    await postAlerts(alertmanager, [{ ...alert(200), startsAt, endsAt }]);
    const { delivery } = await next(door);
    expect(delivery).toMatchObject({ status: 'resolved', alerts: [{ status: 'resolved', startsAt, endsAt }] });
    expect(delivery.id).not.toBe(firing.delivery.id);
    expect([await heard(door, 'accepted', 'accepted'), await failed(alertmanager)]).toEqual([2, 0]);
  });

  it('is refused with a wrong token, which both sides count, and nothing is stored', async () => {
    const door = await standingDoor();
    const alertmanager = await deliveringTo(door, { credentials: 'a-token-for-another-door' });
    expect(await failed(alertmanager)).toBe(0);
    await postAlerts(alertmanager, [alert(200)]);
    await expect.poll(() => heard(door, 'refused', 'token'), patient).toBeGreaterThan(0);
    await expect.poll(() => failed(alertmanager), patient).toBeGreaterThan(0);
    expect(await door.stored()).toBe(0);
  });

  it('delivers again what could not be kept, and nothing is lost', async () => {
    let [away, tried]: [boolean, number] = [true, 0];
    const door: StandingDoor = await standingDoor({
      inbox: {
        accept: (delivery) => {
          tried += 1;
          if (away) return Promise.reject(new GitmendError('STORE_UNREACHABLE', 'the store is away'));
          return door.store.inbox.accept(delivery);
        },
      },
    });
    const alertmanager = await deliveringTo(door, { wait: '500ms' });
    await postAlerts(alertmanager, [alert(200), alert(201)]);
    // The second try is Alertmanager's answer to the 503 of the first.
    await expect.poll(() => tried, patient).toBeGreaterThan(1);
    expect([await door.stored(), await heard(door, 'accepted', 'accepted')]).toEqual([0, 0]);
    away = false;
    const { delivery } = await next(door);
    expect(delivery.alerts).toHaveLength(2);
    expect(await heard(door, 'refused', 'STORE_UNREACHABLE')).toBe(tried - 1);
    expect([await door.stored(), await failed(alertmanager)]).toEqual([1, 0]);
  });
});
