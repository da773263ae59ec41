import { describe, expect, it } from 'vitest';
import type { Step } from '../../../src/core/step.ts';
import { grow, stage, token } from './support.ts';

const start = (over: Partial<Step> = {}): Step =>
  grow({
    ...{ kind: 'start-guest', action: { kind: 'start-guest' }, inverse: 'irreversible' },
    ...{ before: { status: 'stopped' }, after: { status: 'running' } },
    ...over,
  });
const stop = (over: Partial<Step> = {}): Step =>
  start({
    ...{ kind: 'stop-guest', action: { kind: 'stop-guest', timeout: 300 }, live: false },
    ...{ before: { status: 'running' }, after: { status: 'stopped' } },
    ...over,
  });
const machine = { target: 'home/qemu/203', name: 'homeassistant', where: 'qemu/203 on pve1' } as const;

describe('a start and a stop', () => {
  it('are told by whether the guest runs; what is neither is for a person', async () => {
    const { applier, pve } = await stage();
    const guest = pve.world.guests.get(203)!;
    expect(await applier.observe(stop(machine))).toMatchObject({ state: 'not-done' });
    expect(await applier.observe(start(machine))).toMatchObject({ state: 'done' });
    guest.status = 'stopped';
    expect(await applier.observe(stop(machine))).toMatchObject({
      state: 'done',
      saw: 'homeassistant is stopped on pve1',
    });
    guest.status = 'paused' as 'stopped';
    expect((await applier.observe(start(machine))).state).toBe('unknown');
    pve.world.guests.delete(203);
    expect((await applier.observe(start(machine))).state).toBe('unknown');
  });

  it('are not sent where what nobody approved would come into force', async () => {
    const { applier, pve, live, writes } = await stage();
    const guest = pve.world.guests.get(203)!;
    guest.pending = { cores: 8 };
    const refused = { accepted: false, notes: ['cores 8 waits on pve1 and did not come from here'] };
    expect(await applier.preview(stop(machine))).toEqual(refused);
    const now = await live('home/qemu/203');
    await expect(applier.apply(stop(machine), token(now))).rejects.toMatchObject({ code: 'PVE_CONFLICT' });
    const own = stop({ ...machine, action: { kind: 'stop-guest', timeout: 300, makes: { cores: 8 } } });
    expect(await applier.preview(own)).toEqual({ accepted: true, notes: ['running', 'not locked'] });
    expect(writes()).toEqual([]);
    // A container keeps what waits over its stop, and takes it in when it starts.
    pve.world.guests.get(200)!.pending = { cores: 8 };
    expect((await applier.preview(stop())).accepted).toBe(true);
    pve.world.guests.get(200)!.status = 'stopped';
    expect((await applier.preview(start())).notes).toEqual(['cores 8 waits on pve1 and did not come from here']);
  });

  it('are refused with every reason at once', async () => {
    const { applier, pve } = await stage();
    const guest = pve.world.guests.get(200)!;
    Object.assign(guest.config, { lock: 'backup', template: 1 });
    expect((await applier.preview(start())).notes).toEqual([
      'postgres is a template',
      'postgres is running on pve1',
      'locked (backup)',
    ]);
    pve.world.guests.delete(200);
    expect((await applier.preview(start())).accepted).toBe(false);
  });

  it('are refused for a virtual machine whose memory the node does not have; a container takes what it uses', async () => {
    const { applier, pve } = await stage();
    for (const vmid of [200, 203]) {
      pve.world.guests.get(vmid)!.status = 'stopped';
      Object.assign(pve.world.guests.get(vmid)!.config, { memory: vmid === 203 ? '65536' : 65_536 });
    }
    expect((await applier.preview(start(machine))).notes[0]).toMatch(/^64 GiB do not fit: .* are free on pve1/);
    expect((await applier.preview(start())).notes[0]).toBe('stopped');
  });

  it('are sent once with the time-out and without force, and wait for the guest', async () => {
    const { applier, pve, live, writes } = await stage();
    const effect = await applier.apply(stop(machine), token(await live('home/qemu/203')));
    expect(effect).toMatch(/^UPID:.*qmshutdown/);
    expect(pve.world.guests.get(203)?.status).toBe('stopped');
    expect(writes()).toMatchObject([
      { method: 'POST', path: '/nodes/pve1/qemu/203/status/shutdown', parameters: { timeout: '300' } },
    ]);
    expect(Object.keys(writes()[0]?.parameters ?? {})).toEqual(['timeout']);
    await applier.revertPending(stop(machine));
    expect(writes()).toHaveLength(1);
  });

  it('of a guest under HA wait for its manager, which gives it the time that was asked', async () => {
    const { applier, pve, live } = await stage();
    const guest = pve.world.guests.get(203)!;
    guest.ha = { seconds: 150 };
    const effect = await applier.apply(stop(machine), token(await live('home/qemu/203')));
    expect(effect).toMatch(/^UPID:.*:hastop:203:/);
    expect(guest.status).toBe('stopped');
  });

  it('are not sent to a guest that changed behind the look, or is locked', async () => {
    const { applier, pve, live, writes } = await stage();
    const seen = await live('home/lxc/200');
    pve.world.guests.get(200)!.config.description = 'other';
    await expect(applier.apply(stop(), token(seen))).rejects.toMatchObject({
      code: 'PVE_CONFLICT',
      details: { maybeWritten: false },
    });
    pve.world.guests.get(200)!.config.lock = 'backup';
    await expect(applier.apply(stop(), token(seen))).rejects.toMatchObject({ code: 'PVE_LOCKED' });
    expect(writes()).toEqual([]);
  });
});
