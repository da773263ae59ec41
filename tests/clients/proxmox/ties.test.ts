import { expect, onTestFinished, test } from 'vitest';
import { homeLab, homeTokens, startPve } from '../../../simulators/pve/index.ts';
import { proxmoxClient, readTies } from '../../../src/clients/proxmox/index.ts';
import type { GuestTarget } from '../../../src/core/target.ts';
import { pveContract } from '../../support/pve-contract.ts';
import { fakeClock } from './support.ts';

const postgres: GuestTarget = { cluster: 'home', type: 'lxc', vmid: 200 };
const homeassistant: GuestTarget = { cluster: 'home', type: 'qemu', vmid: 203 };

test('an HA resource counts in whatever state, a replication job where it is of this very guest', async () => {
  const clock = fakeClock();
  const contract = pveContract();
  const violations: string[] = [];
  const pve = await startPve({
    world: homeLab(clock.now()),
    clock,
    onRequest: ({ method, path, parameters }) => violations.push(...contract.check(method, path, parameters)),
  });
  onTestFinished(async () => pve.close());
  const client = proxmoxClient({
    ...{ cluster: 'home', endpoint: pve.endpoint, token: homeTokens.read, ca: pve.caPem, clock },
  });
  expect(await readTies(client, postgres)).toEqual({ replication: [] });
  Object.assign(pve.world.guests.get(200)!, { ha: { seconds: 0, state: 'ignored' } });
  Object.assign(pve.world.guests.get(203)!, { ha: { seconds: 0 }, replication: { '203-1': { target: 'pve2' } } });
  expect(await readTies(client, postgres)).toEqual({ resource: { state: 'ignored' }, replication: [] });
  expect(await readTies(client, homeassistant)).toEqual({
    resource: { state: 'started' },
    replication: [{ id: '203-1', to: 'pve2' }],
  });
  for (const { acl } of pve.world.tokens.values()) acl['/'] = ['VM.Audit'];
  expect(await readTies(client, homeassistant)).toEqual({
    resource: null,
    replication: [{ id: '203-1', to: 'pve2' }],
  });
  expect(violations).toEqual([]);
});
