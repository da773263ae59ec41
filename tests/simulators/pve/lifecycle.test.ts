import { describe, expect, it } from 'vitest';
import { GiB, homeTokens } from '../../../simulators/pve/index.ts';
import { ask } from '../../support/pve-client.ts';
import { pveLab } from '../../support/pve-lab.ts';

const admin = { token: homeTokens.admin };
const resize = '/nodes/pve1/lxc/200/resize';

describe('a new guest', () => {
  it('is there when its task has ended, running where that was asked for', async () => {
    const pve = await pveLab({ taskSeconds: 4 });
    const vmid = String((await ask(pve, 'GET', '/cluster/nextid')).json.data);
    const options = {
      vmid,
      ostemplate: 'local:vztmpl/debian-13.tar.zst',
      hostname: 'new',
      memory: 1024,
      rootfs: 'local-lvm:8',
      start: 1,
    };
    const answer = await ask(pve, 'POST', '/nodes/pve1/lxc', options, admin);
    expect(answer.json.data).toMatch(/:vzcreate:100:terraform@pve!admin:$/);
    expect((await ask(pve, 'GET', '/nodes/pve1/lxc/100/config', {}, admin)).status).toBe(500);
    pve.advance(4);
    const { record } = await ask(pve, 'GET', '/nodes/pve1/lxc/100/config', {}, admin);
    expect(record).toMatchObject({ hostname: 'new', memory: 1024, rootfs: 'local-lvm:vm-100-disk-0,size=8G' });
    expect((await ask(pve, 'GET', '/nodes/pve1/lxc/100/status/current', {}, admin)).record.status).toBe('running');
  });

  it('can be a VM', async () => {
    const pve = await pveLab();
    await ask(pve, 'POST', '/nodes/pve1/qemu', { vmid: 300, name: 'vm', memory: 2048, scsi0: 'local-lvm:16' }, admin);
    expect((await ask(pve, 'GET', '/nodes/pve1/qemu/300/config', {}, admin)).record).toMatchObject({
      memory: '2048',
      scsi0: 'local-lvm:vm-300-disk-0,size=16G',
    });
  });

  it('cannot have a number that is taken', async () => {
    const pve = await pveLab();
    const options = { vmid: 203, ostemplate: 'local:vztmpl/debian-13.tar.zst' };
    const answer = await ask(pve, 'POST', '/nodes/pve1/lxc', options, admin);
    expect(answer.json.message).toBe("VM 203 already exists on node 'pve1'\n");
    expect((await ask(pve, 'GET', '/cluster/nextid', { vmid: 203 })).json.errors).toEqual({
      vmid: 'VM 203 already exists',
    });
  });

  it('needs VM.Allocate', async () => {
    const pve = await pveLab();
    const options = { vmid: 300, ostemplate: 'local:vztmpl/debian-13.tar.zst' };
    expect((await ask(pve, 'POST', '/nodes/pve1/lxc', options)).json.message).toContain('/vms/300, VM.Allocate');
  });
});

describe('destroying', () => {
  it('is refused while the guest runs, is locked or protected', async () => {
    const pve = await pveLab();
    const destroy = () => ask(pve, 'DELETE', '/nodes/pve1/lxc/200', {}, admin);
    expect((await destroy()).json.message).toBe('unable to destroy CT 200 - container is running\n');
    pve.world.guests.get(200)!.config.lock = 'backup';
    expect((await destroy()).json.message).toBe('CT is locked (backup)\n');
    pve.world.guests.get(200)!.config.protection = 1;
    expect((await destroy()).json.message).toBe("can't remove CT 200 - protection mode enabled\n");
  });

  it('ends a stopped guest', async () => {
    const pve = await pveLab();
    await ask(pve, 'POST', '/nodes/pve1/qemu/203/status/stop');
    const answer = await ask(pve, 'DELETE', '/nodes/pve1/qemu/203', { purge: 1 }, admin);
    expect(answer.json.data).toMatch(/:qmdestroy:203:/);
    expect(pve.world.guests.has(203)).toBe(false);
  });

  it('ends a running container by force', async () => {
    const pve = await pveLab();
    await ask(pve, 'DELETE', '/nodes/pve1/lxc/200', { force: 1 }, admin);
    expect(pve.world.guests.has(200)).toBe(false);
  });
});

describe('a disk', () => {
  it('grows by a task', async () => {
    const pve = await pveLab();
    const answer = await ask(pve, 'PUT', resize, { disk: 'rootfs', size: '+4G' });
    expect(answer.json.data).toMatch(/:resize:200:/);
    expect((await ask(pve, 'GET', '/nodes/pve1/lxc/200/config')).record.rootfs).toBe(
      'local-lvm:vm-200-disk-0,size=36G',
    );
    expect((await ask(pve, 'GET', '/nodes/pve1/lxc/200/status/current')).record.maxdisk).toBe(36 * GiB);
  });

  it.each([
    ['shrinks', { disk: 'rootfs', size: '16G' }, 'unable to shrink disk size\n'],
    ['stays as it is', { disk: 'rootfs', size: '32G' }, 'disk is already at specified size\n'],
    ['is not there', { disk: 'mp0', size: '4G' }, "disk 'mp0' does not exist\n"],
    [
      'was changed meanwhile',
      { disk: 'rootfs', size: '+1G', digest: 'a'.repeat(40) },
      'detected modified configuration - file changed by other user? Try again.\n',
    ],
  ])('that %s is refused', async (_title, parameters, message) => {
    const pve = await pveLab();
    expect(await ask(pve, 'PUT', resize, parameters)).toMatchObject({ status: 500, json: { message } });
  });

  it('of a VM grows alike, and a shrink fails in the task', async () => {
    const pve = await pveLab();
    await ask(pve, 'PUT', '/nodes/pve1/qemu/203/resize', { disk: 'scsi0', size: '40G' });
    await ask(pve, 'PUT', '/nodes/pve1/qemu/203/resize', { disk: 'scsi0', size: '8G' });
    expect(pve.world.guests.get(203)!.config.scsi0).toBe('local-lvm:vm-203-disk-0,size=40G');
    expect([...pve.world.tasks.values()].map(({ exitstatus }) => exitstatus)).toEqual([
      'OK',
      'shrinking disks is not supported',
    ]);
  });

  it('needs room to be allotted on its storage', async () => {
    const pve = await pveLab();
    pve.world.tokens.get('gitmend@pve!write')!.acl['/storage'] = ['Datastore.Audit'];
    const answer = await ask(pve, 'PUT', resize, { disk: 'rootfs', size: '+4G' });
    expect(answer.json.message).toBe('Permission check failed (/storage/local-lvm, Datastore.AllocateSpace)\n');
  });
});
