import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { GiB, homeLab, homeTokens, MiB, type Pve, startPve } from '../../../simulators/pve/index.ts';
import {
  listGuests,
  proxmoxClient,
  type ProxmoxClient,
  readGuest,
  readSeen,
} from '../../../src/clients/proxmox/index.ts';
import type { GuestTarget } from '../../../src/core/target.ts';
import { pveContract } from '../../support/pve-contract.ts';
import { canned, errorOf, fakeClock } from './support.ts';

const postgres: GuestTarget = { cluster: 'home', type: 'lxc', vmid: 200 };
const homeassistant: GuestTarget = { cluster: 'home', type: 'qemu', vmid: 203 };

describe('on the home lab', () => {
  let pve: Pve;
  let client: ProxmoxClient;
  beforeEach(async () => {
    const clock = fakeClock();
    const contract = pveContract();
    const violations: string[] = [];
    pve = await startPve({
      world: homeLab(clock.now()),
      clock,
      onRequest: ({ method, path, parameters }) => violations.push(...contract.check(method, path, parameters)),
    });
    onTestFinished(async () => {
      await pve.close();
      expect(violations).toEqual([]);
    });
    client = proxmoxClient({ cluster: 'home', endpoint: pve.endpoint, token: homeTokens.read, ca: pve.caPem, clock });
  });

  test('a container is read with what is in force, its node and what the node has promised', async () => {
    const { guest, node } = await readGuest(client, postgres);
    expect(guest).toMatchObject({
      ...{ cluster: 'home', node: 'pve1', type: 'lxc', vmid: 200, name: 'postgres', status: 'running' },
      ...{ running: { cores: 2, memory: 2048, swap: 512 }, pending: {}, hotplug: [], tags: ['database'] },
      ...{ rootDisk: { storage: 'local-lvm', size: 32 }, uptime: 21 * 86_400, at: '2026-11-20T03:34:10Z' },
    });
    expect(guest.digest).toMatch(/^[0-9a-f]{40}$/);
    expect(guest).not.toHaveProperty('lock');
    expect(node).toMatchObject({
      cluster: 'home',
      node: 'pve1',
      memoryTotal: 24 * GiB,
      cpus: 8,
      memoryPromised: 16 * GiB,
    });
    expect(node.memoryAvailable).toBeGreaterThan(10 * GiB);
  });

  test('a VM is read with its memory as a number and no swap', async () => {
    const { guest } = await readGuest(client, homeassistant);
    expect(guest).toMatchObject({
      ...{ name: 'homeassistant', running: { cores: 2, memory: 4096 }, hotplug: ['network', 'disk', 'usb'] },
      rootDisk: { storage: 'local-lvm', size: 32 },
    });
    expect(guest.running).not.toHaveProperty('swap');
  });

  test('what beside its cores says how many CPUs it has is there only where it makes a difference', async () => {
    const cpuOf = async (vmid: number, config: { [key: string]: string | number }) => {
      Object.assign(pve.world.guests.get(vmid)!.config, config);
      return (await readGuest(client, vmid === 200 ? postgres : homeassistant)).guest.cpu;
    };
    expect(await cpuOf(203, { sockets: 1, vcpus: 2, cpulimit: '0' })).toBeUndefined();
    expect(await cpuOf(203, { sockets: 2, vcpus: 3, cpulimit: '0.5' })).toEqual({ sockets: 2, vcpus: 3, limit: 0.5 });
    expect(await cpuOf(203, { vcpus: 4, cpulimit: '5' })).toEqual({ sockets: 2 });
    expect(await cpuOf(200, { cpulimit: '3' })).toBeUndefined();
    expect(await cpuOf(200, { cpulimit: '2' })).toEqual({ limit: 2 });
  });

  test('what waits for a restart is told apart from what is in force', async () => {
    pve.world.guests.get(203)!.pending = { memory: '8192', description: 'x' };
    const { guest, pending } = await readSeen(client, homeassistant);
    expect(guest.running).toEqual({ cores: 2, memory: 4096 });
    expect(guest.pending).toEqual({ memory: 8192 });
    expect(pending).toContainEqual({ key: 'description', value: 'x' });
  });

  test('a lock is told by its name', async () => {
    pve.world.guests.get(200)!.config['lock'] = 'backup';
    expect((await readGuest(client, postgres)).guest.lock).toBe('backup');
  });

  test('a stopped guest has no uptime and promises nothing', async () => {
    pve.world.guests.get(200)!.status = 'stopped';
    const { guest, node } = await readGuest(client, postgres);
    expect(guest).toMatchObject({ status: 'stopped', uptime: 0 });
    expect(node.memoryPromised).toBe(14 * GiB);
  });

  test('a guest is looked for on the node where it is now', async () => {
    const pve1 = pve.world.nodes.get('pve1')!;
    pve.world.nodes.set('pve2', { ...pve1, name: 'pve2', memory: 8 * GiB });
    pve.world.guests.get(200)!.node = 'pve2';
    const { guest, node } = await readGuest(client, postgres);
    expect([guest.node, node.node, node.memoryTotal, node.memoryPromised]).toEqual(['pve2', 'pve2', 8 * GiB, 2 * GiB]);
  });

  test('a guest that does not exist, or only as the other type, is not found', async () => {
    expect(await errorOf(readGuest(client, { ...postgres, vmid: 999 }))).toMatchObject({
      code: 'PVE_NOT_FOUND',
      message: expect.stringContaining('VM.Audit on /vms/999'),
    });
    expect((await errorOf(readGuest(client, { ...postgres, vmid: 203 }))).message).toBe(
      'home/lxc/203 is not among the guests of home: 203 is qemu/203 (homeassistant)',
    );
  });

  test('a token without Sys.Audit on the node is told so', async () => {
    pve.world.tokens.get('gitmend@pve!read')!.acl = { '/': ['VM.Audit'] };
    const error = await errorOf(readGuest(client, postgres));
    expect(error.code).toBe('PVE_FORBIDDEN');
    expect(error.message).toContain('lacks Sys.Audit on /nodes/pve1');
  });

  test('every guest is listed with its name, node, state and cap', async () => {
    pve.world.guests.get(204)!.status = 'stopped';
    const guests = await listGuests(client);
    expect(guests.map(({ vmid, name, status }) => [vmid, name, status])).toEqual([
      [200, 'postgres', 'running'],
      [201, 'nextcloud', 'running'],
      [202, 'frigate', 'running'],
      [203, 'homeassistant', 'running'],
      [204, 'gitea', 'stopped'],
    ]);
    expect(guests[0]).toMatchObject({
      type: 'lxc',
      node: 'pve1',
      template: false,
      tags: ['database'],
      maxmem: 2048 * MiB,
    });
  });

  test('nothing is written by reading', async () => {
    await readGuest(client, postgres);
    expect(new Set(pve.requests.map(({ method }) => method))).toEqual(new Set(['GET']));
  });
});

const lxc = '/nodes/pve1/lxc/200';
const small = {
  'GET /cluster/resources': [{ type: 'lxc', vmid: 200, node: 'pve1', status: 'running', maxmem: 1024 * MiB }],
  [`GET ${lxc}/config`]: { digest: 'd1', hostname: 'postgres' },
  [`GET ${lxc}/pending`]: [],
  [`GET ${lxc}/status/current`]: { status: 'running', vmid: 200 },
  'GET /nodes/pve1/status': { memory: { total: 8 * GiB, used: 2 * GiB, free: 1 * GiB }, cpuinfo: { cpus: 4 } },
};
const vm = '/nodes/pve1/qemu/203';
const smallVm = {
  ...small,
  'GET /cluster/resources': [{ type: 'qemu', vmid: 203, node: 'pve1', status: 'running' }],
  [`GET ${vm}/config`]: { digest: 'd1', name: 'ha', memory: '2048', cores: 2 },
  [`GET ${vm}/pending`]: [],
  [`GET ${vm}/status/current`]: { status: 'running' },
};

describe('shapes that surprise', () => {
  test('a container that leaves everything out has the values that PVE takes then', async () => {
    const { client } = await canned(small);
    const { guest, node, template } = await readSeen(client, postgres);
    expect(guest).toMatchObject({
      name: 'postgres',
      running: { memory: 512, swap: 0 },
      pending: {},
      tags: [],
      uptime: 0,
    });
    expect(guest.running).not.toHaveProperty('cores');
    expect(guest).not.toHaveProperty('rootDisk');
    expect(node).toMatchObject({ memoryAvailable: 6 * GiB, memoryPromised: 0, cpus: 4 });
    expect(template).toBe(false);
  });

  test('numbers may come as strings', async () => {
    const { client } = await canned({
      ...small,
      'GET /cluster/resources': [
        { type: 'lxc', vmid: '200', node: 'pve1', status: 'running', maxmem: '1073741824', template: '1' },
      ],
      [`GET ${lxc}/config`]: { digest: 'd1', hostname: 200, cores: '2', memory: '2048', swap: '0', tags: 'a;b, c' },
      [`GET ${lxc}/status/current`]: { status: 'running', uptime: '60', maxmem: '2147483648', template: 0 },
      'GET /nodes/pve1/status': { memory: { total: '8589934592', available: '4294967296' }, cpuinfo: { cpus: '4' } },
    });
    const { guest, node, template } = await readSeen(client, postgres);
    expect(guest).toMatchObject({
      name: '200',
      running: { cores: 2, memory: 2048, swap: 0 },
      uptime: 60,
      tags: ['a', 'b', 'c'],
    });
    expect(node).toMatchObject({ memoryTotal: 8 * GiB, memoryAvailable: 4 * GiB, memoryPromised: 2 * GiB, cpus: 4 });
    expect(template).toBe(true);
  });

  test('a deletion that waits stands for the default', async () => {
    const { client } = await canned({
      ...small,
      [`GET ${lxc}/pending`]: [
        { key: 'swap', value: '512', delete: 1 },
        { key: 'memory', value: 2048, pending: 2048 },
        { key: 'cores', pending: '4' },
        { key: 'nameserver', value: '1.1.1.1', delete: '1' },
      ],
    });
    const { guest, pending } = await readSeen(client, postgres);
    expect(guest.pending).toEqual({ swap: 0, cores: 4 });
    expect(pending).toContainEqual({ key: 'nameserver', value: undefined });
  });

  test('a configuration that changes between two reads is read again', async () => {
    let version = 1;
    const data: { [path: string]: unknown } = { ...small };
    Object.defineProperty(data, `GET ${lxc}/config`, {
      enumerable: true,
      get: () => ({ digest: `d${version}`, memory: 1024 * version }),
    });
    Object.defineProperty(data, `GET ${lxc}/pending`, {
      enumerable: true,
      get: () => [{ key: 'digest', value: `d${(version = 2)}` }],
    });
    const { client } = await canned(data);
    expect((await readGuest(client, postgres)).guest).toMatchObject({ digest: 'd2', running: { memory: 2048 } });
  });

  test.each([
    ['a VM with memory as a property string', { memory: 'current=3072' }, { running: { cores: 1, memory: 3072 } }],
    ['a VM that leaves memory and cores out', {}, { running: { cores: 1, memory: 512 } }],
    ['hotplug off', { hotplug: '0' }, { hotplug: [] }],
    ['hotplug as the default', { hotplug: 1 }, { hotplug: ['network', 'disk', 'usb'] }],
    ['memory hotplug without NUMA, which PVE does not do', { hotplug: 'disk,memory' }, { hotplug: ['disk'] }],
    ['memory hotplug with NUMA', { hotplug: 'disk,memory', numa: 1 }, { hotplug: ['disk', 'memory'] }],
    ['cpu hotplug, which plugs vcpus and not cores', { hotplug: 'cpu;disk', numa: '1' }, { hotplug: ['disk'] }],
    [
      'a boot disk in MiB behind a CD drive',
      { boot: 'order=ide2;scsi1', ide2: 'none,media=cdrom', scsi0: 'a:x,size=1G', scsi1: 'b:y,size=512M' },
      { rootDisk: { storage: 'b', size: 0.5 } },
    ],
    [
      'a boot disk by its old name',
      { bootdisk: 'virtio0', scsi0: 'a:x,size=1G', virtio0: 'file=b:y,size=1T' },
      { rootDisk: { storage: 'b', size: 1024 } },
    ],
  ])('%s is understood', async (_, config, expected) => {
    const { client } = await canned({ ...smallVm, [`GET ${vm}/config`]: { digest: 'd1', name: 'ha', ...config } });
    expect((await readGuest(client, homeassistant)).guest).toMatchObject(expected);
  });

  test('a paused VM is not running, and an unknown state is unknown', async () => {
    const state = async (status: object) => {
      const { client } = await canned({ ...smallVm, [`GET ${vm}/status/current`]: status });
      return (await readGuest(client, homeassistant)).guest.status;
    };
    expect(await state({ status: 'running', qmpstatus: 'paused' })).toBe('paused');
    expect(await state({ status: 'running', qmpstatus: 'running' })).toBe('running');
    expect(await state({ status: 'suspended' })).toBe('unknown');
  });

  test.each([
    ['without a digest', { hostname: 'postgres' }],
    ['with memory that is no number', { digest: 'd1', memory: '2g' }],
    ['that is a list', []],
  ])('a configuration %s is refused: nothing is guessed', async (_, config) => {
    const { client } = await canned({ ...small, [`GET ${lxc}/config`]: config });
    expect(await errorOf(readGuest(client, postgres))).toMatchObject({
      code: 'PVE_ANSWER_INVALID',
      message: expect.stringContaining(`${lxc}/config`),
    });
  });

  test('entries of the cluster that are no guests are left out', async () => {
    const { client } = await canned({
      'GET /cluster/resources': [
        { type: 'storage', id: 'x' },
        { type: 'lxc', vmid: 100, node: 'a' },
      ],
    });
    expect(await listGuests(client)).toEqual([
      { type: 'lxc', vmid: 100, node: 'a', name: 'CT100', status: 'unknown', template: false, tags: [], maxmem: 0 },
    ]);
  });
});
