import { describe, expect, test } from 'vitest';
import { canned, clientOf, errorOf, fakeClock, serve } from '../../clients/proxmox/support.ts';
import { proxmoxApplier } from '../../../src/appliers/proxmox/index.ts';
import { grow, growVm, rebootVm, resize, stage } from './support.ts';

type Config = Record<string, string | number>;

describe('a live step', () => {
  const step = resize({ memory: 2048, cores: 2 }, { memory: 3072, cores: 4 });
  const cases: { when: string; config?: Config; pending?: Config; state: string; saw: string }[] = [
    {
      when: 'nothing changed',
      state: 'not-done',
      saw: 'memory of postgres is 2048 MiB on pve1, cores of postgres is 2 on pve1, as before',
    },
    {
      when: 'all is in force',
      config: { memory: 3072, cores: 4 },
      state: 'done',
      saw: 'memory of postgres is 3072 MiB on pve1, cores of postgres is 4 on pve1',
    },
    {
      when: 'a part is in force',
      config: { cores: 4 },
      state: 'unknown',
      saw: 'cores of postgres is 4 on pve1, no longer the 2 that this plan started from',
    },
    {
      when: 'a value is a third one',
      config: { memory: 4096 },
      state: 'unknown',
      saw: 'memory of postgres is 4096 MiB on pve1, no longer the 2048 MiB that this plan started from',
    },
    {
      when: 'its own value waits, as after half a write',
      pending: { memory: 3072 },
      state: 'not-done',
      saw: 'memory of postgres is 2048 MiB on pve1, cores of postgres is 2 on pve1, as before',
    },
    {
      when: "somebody else's value waits",
      pending: { memory: 8192 },
      state: 'unknown',
      saw: 'memory 8192 MiB of postgres waits for a restart on pve1 and did not come from here',
    },
    {
      when: 'another key waits',
      pending: { nameserver: '1.1.1.1' },
      state: 'not-done',
      saw: 'memory of postgres is 2048 MiB on pve1, cores of postgres is 2 on pve1, as before',
    },
  ];
  test.each(cases)('of which $when is $state', async ({ config = {}, pending = {}, state, saw }) => {
    const { pve, applier, writes } = await stage();
    const guest = pve.world.guests.get(200)!;
    Object.assign(guest.config, config);
    guest.pending = pending;
    const seen = await applier.observe(step);
    expect([seen.state, seen.saw]).toEqual([state, saw]);
    expect(seen.live).toMatchObject({ vmid: 200, name: 'postgres' });
    expect(writes()).toEqual([]);
  });

  test('on a stopped guest is judged by its configuration', async () => {
    const { pve, applier } = await stage();
    Object.assign(pve.world.guests.get(200)!, { status: 'stopped' }).config['memory'] = 3072;
    expect((await applier.observe(grow())).state).toBe('done');
  });

  test('of a guest that had no swap before is not done while it has none', async () => {
    const { pve, applier } = await stage();
    pve.world.guests.get(200)!.config['swap'] = 0;
    expect((await applier.observe(resize({ swap: 0 }, { swap: 512 }))).state).toBe('not-done');
  });
});

describe('a step that waits for a restart', () => {
  test.each([
    ['nothing changed', {}, {}, 'not-done'],
    ['its value waits', {}, { memory: '6144' }, 'done'],
    ['its value is in force already', { memory: '6144' }, {}, 'done'],
    ["somebody else's value waits", {}, { memory: '8192' }, 'unknown'],
    ['its value is in force and another one waits', { memory: '6144' }, { memory: '8192' }, 'unknown'],
    ['a third value is in force', { memory: '2048' }, {}, 'unknown'],
  ])('of which %s', async (_, config: Config, pending: Config, state) => {
    const { pve, applier } = await stage();
    const guest = pve.world.guests.get(203)!;
    Object.assign(guest.config, config);
    guest.pending = pending;
    expect((await applier.observe(growVm())).state).toBe(state);
  });

  test('on a stopped VM is judged by what it will start with', async () => {
    const { pve, applier } = await stage();
    Object.assign(pve.world.guests.get(203)!, { status: 'stopped' }).config['memory'] = '6144';
    expect((await applier.observe(growVm())).state).toBe('done');
  });
});

describe('a restart', () => {
  test.each([
    ['its values still wait', {}, { memory: '6144' }, 'not-done'],
    ['its values are in force', { memory: '6144' }, {}, 'done'],
    ['its values are in force and others wait', { memory: '6144' }, { memory: '8192' }, 'unknown'],
    ['nothing waits and nothing changed', {}, {}, 'not-done'],
    ['other values are in force', { memory: '2048' }, {}, 'unknown'],
  ])('of which %s', async (_, config: Config, pending: Config, state) => {
    const { pve, applier } = await stage();
    const guest = pve.world.guests.get(203)!;
    Object.assign(guest.config, config);
    guest.pending = pending;
    expect((await applier.observe(rebootVm())).state).toBe(state);
  });
});

describe('what cannot be seen', () => {
  test('because the guest is gone is unknown', async () => {
    const { pve, applier } = await stage();
    pve.world.guests.delete(200);
    const seen = await applier.observe(grow());
    expect(seen).toEqual({ state: 'unknown', saw: expect.stringContaining('home/lxc/200 is not among the guests') });
  });

  test('because the cluster does not answer is an error, never a state', async () => {
    const { pve, applier } = await stage({ timeout: 100 });
    pve.faults.inject({ fault: 'timeout-before', count: 9 });
    expect((await errorOf(applier.observe(grow()))).code).toBe('PVE_TIMEOUT');
  });

  test('because the answer makes no sense is an error, never a state', async () => {
    const { client } = await canned({ 'GET /cluster/resources': [{ type: 'lxc', vmid: 200, node: 'pve1' }] });
    expect((await errorOf(proxmoxApplier(() => client, fakeClock()).observe(grow()))).code).toBe('PVE_REFUSED');
  });

  test('because the target is no guest is a fault of ours', async () => {
    const client = clientOf(await serve(() => undefined));
    expect(
      (await errorOf(proxmoxApplier(() => client, fakeClock()).observe(grow({ target: 'home/lxc/../1' })))).code,
    ).toBe('INTERNAL');
  });
});
