import { describe, expect, it } from 'vitest';
import { homeTokens } from '../../../simulators/pve/index.ts';
import type { Step } from '../../../src/core/step.ts';
import { ask } from '../../support/pve-client.ts';
import { grow, stage as bare, token, type Stage } from './support.ts';

const move = (over: Partial<Step> = {}): Step =>
  grow({
    ...{ kind: 'move-disk', action: { kind: 'move-disk', from: 'local-lvm', to: 'zfs' } },
    ...{ inverse: { kind: 'move-disk', from: 'zfs', to: 'local-lvm' } },
    ...{ before: { storage: 'local-lvm' }, after: { storage: 'zfs' } },
    ...over,
  });
const machine = { target: 'home/qemu/203', name: 'homeassistant', where: 'qemu/203 on pve1' } as const;

describe('the move of a disk', () => {
  it('of a virtual machine that is under way is a lock, though its configuration says nothing yet', async () => {
    const { applier, pve, live, writes } = await stage({ taskSeconds: 600 });
    const now = await live('home/qemu/203');
    expect(await applier.observe(move(machine))).toMatchObject({ state: 'not-done' });
    expect((await applier.observe(move(machine))).live).not.toHaveProperty('lock');
    const body = { disk: 'scsi0', storage: 'zfs' };
    await ask(pve, 'POST', '/nodes/pve1/qemu/203/move_disk', body, { token: homeTokens.admin });
    expect(pve.world.guests.get(203)?.config).not.toHaveProperty('lock');
    expect(await applier.observe(move(machine))).toMatchObject({ state: 'not-done', live: { lock: 'qmmove' } });
    expect((await applier.preview(move(machine))).notes).toEqual(['locked (qmmove)']);
    await expect(applier.apply(move(machine), token(now))).rejects.toMatchObject({ code: 'PVE_LOCKED' });
    expect(writes()).toHaveLength(1);
  });

  it('that ended is none, also while the node still has its task among the active ones', async () => {
    const { applier, pve } = await stage();
    const body = { disk: 'scsi0', storage: 'zfs' };
    await ask(pve, 'POST', '/nodes/pve1/qemu/203/move_disk', body, { token: homeTokens.admin });
    for (const task of pve.world.tasks.values()) if (task.type === 'qmmove') task.unsaved = true;
    const seen = await applier.observe(move(machine));
    expect(seen).toMatchObject({ state: 'done', saw: 'the disk of homeassistant is on zfs' });
    expect(seen.live).not.toHaveProperty('lock');
  });

  it('is told by where the configuration has the first disk', async () => {
    const { applier, pve } = await stage();
    const { config } = pve.world.guests.get(203)!;
    config['scsi0'] = 'zfs:vm-203-disk-0,size=32G';
    expect(await applier.observe(move(machine))).toMatchObject({
      ...{ state: 'done', saw: 'the disk of homeassistant is on zfs' },
    });
    config['scsi0'] = 'ceph:vm-203-disk-0,size=32G';
    expect((await applier.observe(move(machine))).state).toBe('unknown');
    pve.world.guests.delete(203);
    expect((await applier.observe(move(machine))).state).toBe('unknown');
  });

  it('is refused with every reason at once', async () => {
    const { applier, pve } = await stage();
    Object.assign(pve.world.guests.get(200)!.config, { lock: 'backup', template: 1 });
    pve.world.guests.get(200)!.pending = { rootfs: 'local-lvm:vm-200-disk-0,size=64G', cores: 8 };
    Object.assign(pve.world.storages.get('zfs')!, { content: ['images'], total: 2 ** 30 });
    expect((await applier.preview(move())).notes).toEqual([
      'postgres is a template',
      'locked (backup)',
      'rootfs waits for a restart on pve1',
      'postgres is running, and only a stopped container is moved',
      'zfs takes no rootdir',
      expect.stringMatching(/^1 GiB are free in zfs, fewer than \d+ GiB$/),
    ]);
    pve.world.storages.delete('zfs');
    expect((await applier.preview(move(machine))).notes).toEqual([
      'zfs is not among the active storages of pve1 that the token may see (Datastore.Audit on /storage/zfs)',
    ]);
  });

  it('is sent once, of a stopped container as its root volume, and not over a configuration that has moved', async () => {
    const { applier, pve, live, writes } = await stage();
    const guest = pve.world.guests.get(200)!;
    guest.status = 'stopped';
    const now = await live('home/lxc/200');
    guest.config['memory'] = 512;
    await expect(applier.apply(move(), token(now))).rejects.toMatchObject({ code: 'PVE_CONFLICT' });
    expect(writes()).toEqual([]);
    const effect = await applier.apply(move(), token(await live('home/lxc/200')));
    expect(effect).toMatch(/^UPID:.*:move_volume:200:/);
    expect(writes()).toMatchObject([
      { path: '/nodes/pve1/lxc/200/move_volume', parameters: { volume: 'rootfs', storage: 'zfs' } },
    ]);
    expect(writes()[0]?.parameters).not.toHaveProperty('delete');
    expect(guest.config).toMatchObject({ unused0: 'local-lvm:vm-200-disk-0' });
    await expect(applier.apply(move(), token(await live('home/lxc/200')))).rejects.toMatchObject({
      ...{ code: 'PVE_CONFLICT', message: expect.stringMatching(/no longer on local-lvm; nothing was sent/) as string },
    });
  });
});

async function stage(options: Parameters<typeof bare>[0] = {}): Promise<Stage> {
  const staged = await bare(options);
  const zfs = { name: 'zfs', type: 'zfspool' as const, content: ['images', 'rootdir'], shared: false };
  staged.pve.world.storages.set('zfs', { ...zfs, total: 800 * 2 ** 30, used: 0, files: new Map() });
  return staged;
}
