import { describe, expect, it } from 'vitest';
import type { JournalEntry } from '../../src/core/run.ts';
import { acquireLocks } from '../../src/ledger/locks.ts';
import { holderOf } from '../../src/ledger/holder.ts';
import { computer } from '../support/machines.ts';
import { bench, type Bench, reboot, same, type Send, stale, step } from './bench.ts';

const at = '2026-11-20T03:34:00Z';
const intended = (index = 0): JournalEntry => ({ kind: 'intended', index, at });
const withdrawn = (index = 0): JournalEntry => ({ kind: 'withdrawn', index, why: 'locked', at });
const applied = (index = 0): JournalEntry => ({ kind: 'applied', index, effect: 'f00d', took: 1, at });

async function locksOf({ repo }: Bench): Promise<number> {
  await repo.fetch();
  return (await repo.refs('refs/gitmend/locks')).size;
}

describe('a run', () => {
  it('writes its intent before the effect and the id of the effect after it', async () => {
    const run = bench();
    expect(await run.execute()).toMatchObject({ state: 'applied' });
    expect(await run.kinds()).toEqual(['begun', 'intended', 'applied', 'verifying']);
    expect((await run.journal())?.entries[2]).toMatchObject({ index: 0, effect: 'digest-after' });
    expect(run.sent).toEqual(['home/lxc/200']);
    expect(await locksOf(run)).toBe(0);
  });

  it('does its steps in their order', async () => {
    const run = bench([step(200), step(201)]);
    expect(await run.execute()).toMatchObject({ state: 'applied' });
    expect(run.sent).toEqual(['home/lxc/200', 'home/lxc/201']);
  });

  it('sends nothing where the target is as approved already', async () => {
    const run = bench();
    run.live.set('home/lxc/200', 3072);
    expect(await run.execute()).toMatchObject({ state: 'applied' });
    expect(run.sent).toEqual([]);
    expect((await run.journal())?.entries[1]).toMatchObject({ kind: 'applied', effect: 'observed' });
  });

  it('has nothing to wait for where it has no step', async () => {
    const run = bench([]);
    await run.execute();
    const window = (await run.journal())?.entries.at(-1);
    expect(window).toMatchObject({ kind: 'verifying', from: at, until: at });
  });

  it('changes nothing when it is asked for again', async () => {
    const run = bench();
    await run.execute();
    const before = await run.journal();
    expect(await run.execute()).toMatchObject({ state: 'applied' });
    expect(await run.journal()).toEqual(before);
    expect(run.sent).toHaveLength(1);
  });

  it('stops before any effect where the steps are no longer the approved ones', async () => {
    const run = bench();
    expect(await run.execute(stale)).toMatchObject({
      state: 'stopped',
      reason: 'stale',
      why: 'it is no longer as it was',
    });
    expect(run.sent).toEqual([]);
  });

  it('stops where the dry run says no by now', async () => {
    const run = bench();
    run.refused.push('no room on pve1');
    expect(await run.execute()).toMatchObject({ state: 'stopped', reason: 'refused', why: 'no room on pve1' });
    expect(run.sent).toEqual([]);
  });

  it('waits where the guest is locked', async () => {
    const run = bench();
    run.locked.add('home/lxc/200');
    expect(await run.execute()).toEqual({ state: 'waiting', why: 'guest-200 is locked on pve1 (backup)' });
    run.locked.clear();
    expect(await run.execute()).toMatchObject({ state: 'applied' });
  });

  it('waits where another run holds the target, and leaves its lock alone', async () => {
    const run = bench();
    const other = computer('other').process();
    await acquireLocks(run.repo, ['home/lxc/201'], holderOf(other, 'theirs', at), other, run.clock.now());
    expect(await run.execute()).toMatchObject({
      state: 'waiting',
      why: expect.stringContaining('run theirs on other'),
    });
    expect(await run.kinds()).toEqual([]);
    expect(await locksOf(run)).toBe(2);
  });
});

describe('a write that fails', () => {
  const failing = (code: Exclude<Send, 'done'>['code'], maybeWritten: boolean, effect: boolean): Send => ({
    code,
    maybeWritten,
    effect,
  });

  it('counts as done where the target shows it', async () => {
    const run = bench();
    run.sends.push(failing('PVE_TIMEOUT', true, true));
    expect(await run.execute()).toMatchObject({ state: 'applied' });
    expect((await run.journal())?.entries[2]).toMatchObject({ kind: 'applied', effect: 'observed after PVE_TIMEOUT' });
    expect(run.sent).toHaveLength(1);
  });

  it('is looked at again by the next turn where it did not happen, and then sent once more', async () => {
    const run = bench();
    run.sends.push(failing('PVE_TIMEOUT', true, false));
    expect(await run.execute()).toMatchObject({ state: 'waiting' });
    expect(await run.execute()).toMatchObject({ state: 'applied' });
    expect(run.sent).toHaveLength(2);
    expect(run.live.get('home/lxc/200')).toBe(3072);
  });

  it('is for a person where its state was not kept and no guest shows what was done, and is not sent again', async () => {
    const lost: Send = { code: 'TERRAFORM_STATE_REFUSED', stateLost: true, effect: false };
    const run = bench([step(200, { target: 'stack/guests' })]);
    run.sends.push(lost);
    expect(await run.execute()).toMatchObject({
      state: 'unknown',
      why: 'simulated TERRAFORM_STATE_REFUSED; what was done is not in the state, so no plan can tell',
    });
    expect(run.sent).toEqual(['stack/guests']);
    const guest = bench();
    guest.sends.push({ ...lost, effect: true });
    expect(await guest.execute()).toMatchObject({ state: 'applied' });
    const none = bench();
    none.sends.push(lost);
    expect(await none.execute()).toMatchObject({ state: 'stopped', reason: 'refused' });
  });

  it('is for a person after three times', async () => {
    const run = bench();
    for (let time = 0; time < 3; time += 1) run.sends.push(failing('PVE_TIMEOUT', true, false));
    for (let time = 0; time < 3; time += 1) expect(await run.execute()).toMatchObject({ state: 'waiting' });
    expect(await run.execute()).toMatchObject({
      state: 'unknown',
      why: 'step 1 was tried 3 times and is not done: memory is 2048 MiB',
    });
    expect(run.sent).toHaveLength(3);
  });

  it('stops the run where Proxmox VE refuses it', async () => {
    const run = bench();
    run.sends.push(failing('PVE_REFUSED', false, false));
    expect(await run.execute()).toMatchObject({ state: 'stopped', reason: 'refused' });
  });

  it('is for a person where a refusal has left something else', async () => {
    const run = bench();
    run.sends.push(failing('PVE_REFUSED', true, false));
    run.world.applier('proxmox').revertPending = async () => undefined;
    const original = run.world.applier;
    run.world.applier = (name) => ({
      ...original(name),
      revertPending: async () => void run.live.set('home/lxc/200', 2500),
    });
    expect(await run.execute()).toMatchObject({
      state: 'unknown',
      why: expect.stringMatching(/^memory is 2500 MiB, after ./) as string,
    });
  });

  it('is tried again at once where the configuration had changed, and its intent is taken back', async () => {
    const run = bench();
    run.sends.push(failing('PVE_CONFLICT', false, false));
    expect(await run.execute()).toMatchObject({ state: 'applied' });
    expect(await run.kinds()).toEqual(['begun', 'intended', 'withdrawn', 'intended', 'applied', 'verifying']);
  });

  it('waits where the configuration keeps changing', async () => {
    const run = bench();
    for (let time = 0; time < 3; time += 1) run.sends.push(failing('PVE_CONFLICT', false, false));
    expect(await run.execute()).toMatchObject({ state: 'waiting', why: expect.stringContaining('kept changing') });
  });

  it('waits where the guest got locked in between, however often', async () => {
    const run = bench();
    for (let time = 0; time < 5; time += 1) run.sends.push(failing('PVE_LOCKED', false, false));
    for (let time = 0; time < 5; time += 1) expect(await run.execute()).toMatchObject({ state: 'waiting' });
    expect(await run.execute()).toMatchObject({ state: 'applied' });
  });

  it('is a fault of ours where it is no coded error, and goes through', async () => {
    const run = bench();
    const original = run.world.applier;
    run.world.applier = (name) => ({ ...original(name), apply: () => Promise.reject(new TypeError('a bug')) });
    await expect(run.execute()).rejects.toThrow('a bug');
    expect(await locksOf(run)).toBe(0);
  });
});

describe('what another process left', () => {
  it('is gone on with where its effect happened and nobody wrote it down', async () => {
    const run = bench();
    await run.left(intended());
    run.live.set('home/lxc/200', 3072);
    expect(await run.execute()).toMatchObject({ state: 'applied' });
    expect(run.sent).toEqual([]);
  });

  it('is sent where the effect can be seen not to have happened', async () => {
    const run = bench();
    await run.left(intended());
    expect(await run.execute()).toMatchObject({ state: 'applied' });
    expect(run.sent).toHaveLength(1);
  });

  it('is for a person where the target is neither as before nor as wanted', async () => {
    const run = bench();
    await run.left(intended());
    run.live.set('home/lxc/200', 2500);
    for (const recompute of [same, stale])
      expect(await run.execute(recompute)).toMatchObject({ state: 'unknown', why: 'memory is 2500 MiB' });
    expect(run.sent).toEqual([]);
  });

  it('is not “nothing was touched” where one of two steps had its effect before the rest became stale', async () => {
    const run = bench([step(200), step(201)]);
    await run.left(intended());
    run.live.set('home/lxc/200', 3072);
    run.live.set('home/lxc/201', 9999);
    expect(await run.execute(stale)).toMatchObject({
      state: 'unknown',
      why: '1 of 2 steps were applied, then: it is no longer as it was',
    });
    expect((await run.journal())?.entries.at(-1)).toMatchObject({ kind: 'applied', index: 0, effect: 'observed' });
  });

  it('is stopped as stale where its intent had no effect', async () => {
    const run = bench();
    await run.left(intended());
    expect(await run.execute(stale)).toMatchObject({ state: 'stopped', reason: 'stale' });
  });

  it('is for a person where a restart may have been asked for', async () => {
    const run = bench([reboot()]);
    await run.left(intended());
    expect(await run.execute()).toMatchObject({
      state: 'unknown',
      why: 'a reboot may be under way: memory is 2048 MiB',
    });
    expect(run.sent).toEqual([]);
  });

  it('restarts where the intent of a restart was taken back', async () => {
    const run = bench([reboot()]);
    await run.left(intended(), withdrawn());
    expect(await run.execute()).toMatchObject({ state: 'applied' });
    expect(run.sent).toHaveLength(1);
  });

  it('is stopped where it claims an effect that cannot be seen', async () => {
    const run = bench();
    await run.left(intended(), applied());
    expect(await run.execute()).toMatchObject({
      state: 'stopped',
      reason: 'journal-tampered',
      why: expect.stringContaining('it is as before'),
    });
    expect(run.sent).toEqual([]);
  });

  it('is stopped where it claims a step that there is not', async () => {
    const run = bench();
    await run.left(applied(3));
    expect(await run.execute()).toMatchObject({ state: 'stopped', reason: 'journal-tampered' });
  });
});
