import { expect, it, vi } from 'vitest';
import { webhook } from '../../demo/alertmanager.ts';
import { memoryShort } from '../../simulators/pve/index.ts';
import { healDelivery } from '../../src/pipeline/heal.ts';
import { memoryAlertFor } from '../scenarios/alert.ts';
import { openHome } from '../support/memory-home.ts';
import { random } from '../support/random.ts';

vi.mock('../../src/clients/proxmox/transport.ts', async () => ({
  exchange: (await import('../support/direct-pve.ts')).exchangeDirectly,
}));

it('a group of guests that nobody knows writes some notes and holds nobody up; each is diagnosed all the same', async () => {
  const home = await openHome(random(1), memoryShort);
  const [alert] = (JSON.parse(memoryAlertFor(home.clock.now())) as { alerts: object[] }).alerts;
  const strangers = Array.from({ length: 60 }, (_, at) => ({
    ...(alert as Parameters<typeof webhook>[0][number]),
    labels: { alertname: 'LxcMemoryHigh', id: `lxc/${7000 + at}` },
    fingerprint: String(at).padStart(16, '0'),
  }));
  const lines: string[] = [];
  const ground = home.begin('read', home.computers[0] ?? home.random.pick(home.computers));
  const told: string[] = [];
  const healed = await healDelivery(
    { ...ground, log: (event) => void lines.push(event) },
    webhook(strangers),
    ({ outcome }) => void told.push(outcome),
  );
  const written = healed.filter((one) => one.state === 'noted' && one.recorded);
  expect([healed.length, told.length, written.length]).toEqual([60, 60, 50]);
  expect(lines.filter((line) => line === 'notes-left-out')).toHaveLength(1);
  // What was left out is written when it is told again, and what was written is not.
  const again = await healDelivery(ground, webhook(strangers));
  expect(again.filter((one) => one.state === 'noted' && one.recorded)).toHaveLength(10);
});
