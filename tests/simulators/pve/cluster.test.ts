import { describe, expect, it } from 'vitest';
import { GiB } from '../../../simulators/pve/index.ts';
import { ask } from '../../support/pve-client.ts';
import { pveLab } from '../../support/pve-lab.ts';

describe('the cluster', () => {
  it('has five guests on one node', async () => {
    const pve = await pveLab();
    const { list } = await ask(pve, 'GET', '/cluster/resources', { type: 'vm' });
    expect(
      list.map(({ id, name, node, status }) => `${String(id)} ${String(name)} ${String(node)} ${String(status)}`),
    ).toEqual([
      'lxc/200 postgres pve1 running',
      'lxc/201 nextcloud pve1 running',
      'lxc/202 frigate pve1 running',
      'qemu/203 homeassistant pve1 running',
      'lxc/204 gitea pve1 running',
    ]);
  });

  it.each([
    ['node', ['node/pve1']],
    ['storage', ['storage/pve1/local', 'storage/pve1/local-lvm']],
    ['sdn', []],
  ])('lists resources of type %s by themselves', async (type, ids) => {
    const pve = await pveLab();
    expect((await ask(pve, 'GET', '/cluster/resources', { type })).list.map(({ id }) => id)).toEqual(ids);
  });

  it('shows a lock and tags there', async () => {
    const pve = await pveLab();
    pve.world.guests.get(200)!.config.lock = 'backup';
    const { list } = await ask(pve, 'GET', '/cluster/resources', { type: 'vm' });
    expect(list[0]).toMatchObject({ lock: 'backup', tags: 'database' });
  });

  it('names itself, its quorum and its nodes', async () => {
    const pve = await pveLab();
    const { list } = await ask(pve, 'GET', '/cluster/status');
    expect(list).toMatchObject([
      { type: 'cluster', name: 'home', quorate: 1, nodes: 1 },
      { type: 'node', name: 'pve1', online: 1, ip: '192.168.1.10' },
    ]);
  });

  it('has a version', async () => {
    const pve = await pveLab();
    expect((await ask(pve, 'GET', '/version')).record).toMatchObject({ version: '9.1.3', release: '9.1' });
    expect((await ask(pve, 'GET', '/nodes/pve1/version')).record.version).toBe('9.1.3');
  });

  it('proposes the first free number', async () => {
    const pve = await pveLab();
    expect((await ask(pve, 'GET', '/cluster/nextid')).json.data).toBe('100');
    expect((await ask(pve, 'GET', '/cluster/nextid', { vmid: 205 })).json.data).toBe('205');
  });
});

describe('a node', () => {
  it('tells used and available memory, and its load as text', async () => {
    const pve = await pveLab();
    const { record } = await ask(pve, 'GET', '/nodes/pve1/status');
    const memory = record.memory as Record<string, number>;
    expect(memory.total).toBe(24 * GiB);
    expect(memory.used! + memory.available!).toBe(memory.total);
    expect(record.loadavg).toEqual([expect.any(String), expect.any(String), expect.any(String)]);
  });

  it('shows the fingerprint of its certificate', async () => {
    const pve = await pveLab();
    expect((await ask(pve, 'GET', '/nodes')).list[0]).toMatchObject({ node: 'pve1', ssl_fingerprint: pve.fingerprint });
  });

  it('has storages with usage, which the definitions have not', async () => {
    const pve = await pveLab();
    const { list } = await ask(pve, 'GET', '/nodes/pve1/storage', { content: 'rootdir' });
    expect(list).toMatchObject([{ storage: 'local-lvm', total: 800 * GiB, used: 210 * GiB, active: 1 }]);
    expect((await ask(pve, 'GET', '/storage')).list[1]).toEqual({
      storage: 'local-lvm',
      type: 'lvmthin',
      content: 'images,rootdir',
      shared: 0,
    });
  });

  it('does not know a storage that is not there', async () => {
    const pve = await pveLab();
    const answer = await ask(pve, 'GET', '/nodes/pve1/storage', { storage: 'tape' });
    expect(answer).toMatchObject({ status: 400, json: { errors: { storage: 'No such storage.' } } });
  });

  it('lists containers and VMs apart, a VM without what only its monitor knows', async () => {
    const pve = await pveLab();
    expect((await ask(pve, 'GET', '/nodes/pve1/lxc')).list.map(({ vmid }) => vmid)).toEqual([200, 201, 202, 204]);
    expect((await ask(pve, 'GET', '/nodes/pve1/qemu')).list[0]).not.toHaveProperty('balloon');
    expect((await ask(pve, 'GET', '/nodes/pve1/qemu', { full: 1 })).list[0]).toHaveProperty('balloon');
  });
});

describe('a container’s network', () => {
  it('is shown with the address that a Terraform provider waits for', async () => {
    const pve = await pveLab();
    const { list } = await ask(pve, 'GET', '/nodes/pve1/lxc/200/interfaces');
    expect(list[1]).toEqual({
      name: 'eth0',
      hwaddr: 'bc:24:11:00:00:14',
      'hardware-address': 'bc:24:11:00:00:14',
      inet: '192.168.1.20/24',
      'ip-addresses': [{ 'ip-address': '192.168.1.20', 'ip-address-type': 'inet', prefix: 24 }],
    });
  });

  it('of a stopped one is null, although the description says a list', async () => {
    const pve = await pveLab({ offContract: true });
    pve.world.guests.get(200)!.status = 'stopped';
    expect((await ask(pve, 'GET', '/nodes/pve1/lxc/200/interfaces')).json.data).toBeNull();
  });
});
