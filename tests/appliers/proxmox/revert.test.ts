import { describe, expect, test } from 'vitest';
import { errorOf } from '../../clients/proxmox/support.ts';
import { grow, growVm, rebootVm, resize, stage, token } from './support.ts';

describe('after a 400 that has written', () => {
  const step = resize({ memory: 2048, cores: 2, swap: 512 }, { memory: 3072, cores: 4, swap: 1024 });

  test('what waits and is ours is taken back, and looking tells what stayed', async () => {
    const { pve, applier, writes, live } = await stage();
    const before = await live('home/lxc/200');
    pve.faults.inject({ fault: '400-after-write', method: 'PUT' });
    expect(await errorOf(applier.apply(step, token(before)))).toMatchObject({
      code: 'PVE_REFUSED',
      details: { maybeWritten: true },
    });
    expect((await applier.observe(step)).state).toBe('unknown');
    await applier.revertPending(step);
    const now = await live('home/lxc/200');
    expect(now.pending).toEqual({});
    expect(writes().at(-1)?.parameters).toMatchObject({
      revert: 'memory,swap',
      digest: expect.stringMatching(/^[0-9a-f]{40}$/),
    });
    const seen = await applier.observe(step);
    expect([seen.state, seen.saw]).toEqual([
      'unknown',
      'cores of postgres is 4 on pve1, no longer the 2 that this plan started from',
    ]);
  });

  test('of a single value all is as before again', async () => {
    const { pve, applier, live } = await stage();
    pve.faults.inject({ fault: '400-after-write', method: 'PUT' });
    await errorOf(applier.apply(grow(), token(await live('home/lxc/200'))));
    expect((await live('home/lxc/200')).pending).toEqual({ memory: 3072 });
    await applier.revertPending(grow());
    expect((await live('home/lxc/200')).pending).toEqual({});
    expect((await applier.observe(grow())).state).toBe('not-done');
  });

  test('of a VM all is as before again', async () => {
    const { pve, applier, live } = await stage();
    pve.faults.inject({ fault: '400-after-write', method: 'PUT' });
    await errorOf(applier.apply(growVm(), token(await live('home/qemu/203'))));
    await applier.revertPending(growVm());
    expect(await live('home/qemu/203')).toMatchObject({ running: { memory: 4096 }, pending: {} });
  });
});

describe('nothing is sent', () => {
  test('where nothing waits', async () => {
    const { applier, writes } = await stage();
    await applier.revertPending(grow());
    expect(writes()).toEqual([]);
  });

  test("where what waits is somebody else's value or key", async () => {
    const { pve, applier, writes } = await stage();
    pve.world.guests.get(200)!.pending = { memory: 8192, cores: 4 };
    await applier.revertPending(grow());
    expect(writes()).toEqual([]);
  });

  test('for a restart, which leaves nothing waiting', async () => {
    const { pve, applier, writes } = await stage();
    pve.world.guests.get(203)!.pending = { memory: '6144' };
    await applier.revertPending(rebootVm());
    expect(writes()).toEqual([]);
  });
});
