import { describe, expect, it } from 'vitest';
import { homeTokens, type Pve } from '../../../simulators/pve/index.ts';
import { ask, type PveAnswer } from '../../support/pve-client.ts';
import { pveLab } from '../../support/pve-lab.ts';

const send = (pve: Pve, method: string, values: Record<string, string | number>, path = ''): Promise<PveAnswer> =>
  ask(pve, method, `/nodes/pve1/network${path}`, values, { token: homeTokens.admin });

const names = async (pve: Pve, type?: string): Promise<unknown[]> =>
  (await send(pve, 'GET', type === undefined ? {} : { type })).list.map(({ iface }) => iface);

describe('a node’s network', () => {
  it('has the card and the bridge of an installation', async () => {
    const pve = await pveLab();
    expect(await names(pve)).toEqual(['eno1', 'vmbr0']);
    expect(await names(pve, 'any_bridge')).toEqual(['vmbr0']);
    expect((await send(pve, 'GET', {}, '/vmbr0')).record).toMatchObject({
      ...{ type: 'bridge', cidr: '192.168.1.10/24', gateway: '192.168.1.1', bridge_ports: 'eno1', active: 1 },
    });
  });

  it('takes a new bridge at the next reload, which is a task', async () => {
    const pve = await pveLab({ taskSeconds: 5 });
    await send(pve, 'POST', { iface: 'vmbr1', type: 'bridge', autostart: 1, comments: 'lab', mtu: 9000 });
    const { json } = await send(pve, 'PUT', {});
    expect(json.data).toMatch(/^UPID:pve1:.*:srvreload:networking:terraform@pve!admin:$/);
    expect((await send(pve, 'GET', {}, '/vmbr1')).record).not.toHaveProperty('active');
    pve.advance(5);
    expect((await send(pve, 'GET', {}, '/vmbr1')).record).toMatchObject({
      ...{ active: 1, comments: 'lab\n', mtu: '9000', bridge_ports: '', bridge_stp: 'off', bridge_fd: '0' },
    });
    expect(pve.world.nodes.get('pve1')).not.toHaveProperty('pendingInterfaces');
  });

  it('forgets what waits when it is reverted', async () => {
    const pve = await pveLab();
    await send(pve, 'POST', { iface: 'vmbr1', type: 'bridge' });
    await send(pve, 'DELETE', {}, '/vmbr0');
    expect(await names(pve)).toEqual(['eno1', 'vmbr1']);
    await send(pve, 'DELETE', {});
    expect(await names(pve)).toEqual(['eno1', 'vmbr0']);
  });

  it('gives a bridge that knows VLANs all of them, and takes them back', async () => {
    const pve = await pveLab();
    await send(pve, 'POST', { iface: 'vmbr1', type: 'bridge', bridge_vlan_aware: 1 });
    expect((await send(pve, 'GET', {}, '/vmbr1')).record).toMatchObject({
      bridge_vlan_aware: 1,
      bridge_vids: '2-4094',
    });
    await send(pve, 'PUT', { type: 'bridge', delete: 'bridge_vlan_aware' }, '/vmbr1');
    expect((await send(pve, 'GET', {}, '/vmbr1')).record).not.toHaveProperty('bridge_vids');
  });

  it.each([
    ['eno1.30', {}],
    ['vlan30', { 'vlan-raw-device': 'eno1', 'vlan-id': 30 }],
  ])('knows interface and tag of the VLAN %s', async (iface, values) => {
    const pve = await pveLab();
    await send(pve, 'POST', { iface, type: 'vlan', cidr: '192.168.30.1/24', ...values });
    expect((await send(pve, 'GET', {}, `/${iface}`)).record).toMatchObject({
      ...{ 'vlan-raw-device': 'eno1', 'vlan-id': '30', address: '192.168.30.1', netmask: '24', method: 'static' },
    });
  });

  it('keeps no address that an update does not say again', async () => {
    const pve = await pveLab();
    await send(pve, 'PUT', { type: 'bridge', bridge_ports: 'eno1' }, '/vmbr0');
    const { record } = await send(pve, 'GET', {}, '/vmbr0');
    expect(record).toMatchObject({ method: 'manual', bridge_ports: 'eno1' });
    expect(record).not.toHaveProperty('address');
  });

  it.each([
    ['POST', '', { iface: 'vmbr0', type: 'bridge' }, { iface: 'interface already exists' }],
    ['PUT', '/vmbr9', { type: 'bridge' }, { iface: 'interface does not exist' }],
    ['DELETE', '/vmbr9', {}, { iface: 'interface does not exist' }],
    [
      'POST',
      '',
      { iface: 'vmbr1', type: 'bridge', gateway: '10.0.0.1' },
      { gateway: "Default gateway already exists on interface 'vmbr0'." },
    ],
    ['POST', '', { iface: 'vmbr1' }, { type: 'property is missing and it is not optional' }],
  ])('refuses %s %s %o', async (method, path, values, errors) => {
    const pve = await pveLab({ offContract: true });
    expect(await send(pve, method, values as Record<string, string>, path)).toMatchObject({
      status: 400,
      json: { errors },
    });
  });

  it('is changed with Sys.Modify on the node', async () => {
    const pve = await pveLab();
    expect((await ask(pve, 'PUT', '/nodes/pve1/network')).message).toBe(
      'Permission check failed (/nodes/pve1, Sys.Modify)',
    );
  });
});
