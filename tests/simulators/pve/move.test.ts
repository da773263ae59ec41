import { describe, expect, it } from 'vitest';
import { homeTokens, type Pve } from '../../../simulators/pve/index.ts';
import { ask } from '../../support/pve-client.ts';
import { pveLab } from '../../support/pve-lab.ts';

const admin = { token: homeTokens.admin };
const volume = '/nodes/pve1/lxc/200/move_volume';
const disk = '/nodes/pve1/qemu/203/move_disk';

describe('a disk on its way to another storage', () => {
  it('of a stopped container is moved under the lock `disk`, and what it was is unused', async () => {
    const pve = await lab(4);
    const guest = pve.world.guests.get(200)!;
    const asked = { volume: 'rootfs', storage: 'zfs' };
    expect((await ask(pve, 'POST', volume, asked, admin)).json.message).toBe(
      'cannot move volumes of a running container\n',
    );
    guest.status = 'stopped';
    const was = String(guest.config['rootfs']);
    const answer = await ask(pve, 'POST', volume, asked, admin);
    expect(answer.json.data).toMatch(/:move_volume:200:terraform@pve!admin:$/);
    expect(guest.config).toMatchObject({ rootfs: was, lock: 'disk' });
    pve.advance(4);
    expect(guest.config).toMatchObject({ rootfs: was.replace('local-lvm:', 'zfs:'), unused0: was.split(',')[0] });
    expect(guest.config).not.toHaveProperty('lock');
  });

  it('of a running machine is moved without a lock in its configuration; with `delete` nothing is left', async () => {
    const pve = await lab(4);
    const guest = pve.world.guests.get(203)!;
    await ask(pve, 'POST', disk, { disk: 'scsi0', storage: 'zfs', delete: 1 }, admin);
    expect(guest.config).not.toHaveProperty('lock');
    pve.advance(4);
    expect(guest.config['scsi0']).toMatch(/^zfs:vm-203-disk-0,size=/);
    expect(guest.config).not.toHaveProperty('unused0');
  });

  it.each([
    ['the storage that it is on', { storage: 'local-lvm' }, "you can't move to the same storage with same format"],
    ['a storage that is not there', { storage: 'ceph' }, "storage 'ceph' does not exist"],
    ['a storage for other things', { storage: 'local' }, "storage 'local' does not support content-type 'images'"],
    ['a disk that it has not', { disk: 'scsi9', storage: 'zfs' }, "disk 'scsi9' does not exist"],
    ['another configuration', { storage: 'zfs', digest: 'a'.repeat(40) }, 'detected modified configuration'],
  ])('is refused for %s', async (_, over, says) => {
    const pve = await lab();
    const { json } = await ask(pve, 'POST', disk, { disk: 'scsi0', ...over }, admin);
    expect(json.message).toContain(says);
  });

  it('needs VM.Config.Disk, and Datastore.AllocateSpace there', async () => {
    const pve = await lab();
    const asked = { disk: 'scsi0', storage: 'zfs' };
    const refused = async () => (await ask(pve, 'POST', disk, asked, { token: homeTokens.read })).json.message;
    expect(await refused()).toContain('/vms/203, VM.Config.Disk');
    for (const { acl } of pve.world.tokens.values()) acl['/'] = [...(acl['/'] ?? []), 'VM.Config.Disk'];
    expect(await refused()).toContain('/storage/zfs, Datastore.AllocateSpace');
  });
});

async function lab(taskSeconds = 0): Promise<Pve> {
  const pve = await pveLab({ taskSeconds });
  const zfs = { name: 'zfs', type: 'zfspool' as const, content: ['images', 'rootdir'], shared: false };
  pve.world.storages.set('zfs', { ...zfs, total: 800 * 2 ** 30, used: 0, files: new Map() });
  return pve;
}
