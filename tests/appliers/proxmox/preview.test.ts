import { describe, expect, test } from 'vitest';
import { GiB, MiB } from '../../../simulators/pve/index.ts';
import { errorOf } from '../../clients/proxmox/support.ts';
import { grow, growVm, rebootVm, resize, stage, type Stage } from './support.ts';

/** Sets what the node has left, bytes. */
function leave({ pve }: Stage, bytes: number, available: number): void {
  pve.world.nodes.get('pve1')!.hostMemory += available - bytes;
}

async function availableOn(stood: Stage): Promise<number> {
  return (await stood.applier.read({ cluster: 'home', type: 'lxc', vmid: 200 })).node.memoryAvailable;
}

describe('a preview accepts', () => {
  test('what fits, with its reasons in reading order', async () => {
    const stood = await stage();
    leave(stood, 11.2 * GiB, await availableOn(stood));
    expect(await stood.applier.preview(grow())).toEqual({
      accepted: true,
      notes: ['not locked', 'config unchanged since it was read', '11.2 GiB free on pve1'],
    });
    expect(stood.writes()).toEqual([]);
  });

  test('growth that leaves exactly a tenth of the node', async () => {
    const stood = await stage();
    leave(stood, 2.4 * GiB + 1024 * MiB, await availableOn(stood));
    expect((await stood.applier.preview(grow())).accepted).toBe(true);
  });

  test('less memory on a full node', async () => {
    const stood = await stage();
    leave(stood, 0.5 * GiB, await availableOn(stood));
    stood.pve.world.guests.get(200)!.load.anon = 100 * MiB;
    stood.pve.world.guests.get(200)!.load.shared = 0;
    expect((await stood.applier.preview(resize({ memory: 2048 }, { memory: 1536 }))).accepted).toBe(true);
  });

  test('a stopped guest, which takes its memory when it starts', async () => {
    const stood = await stage();
    stood.pve.world.guests.get(200)!.status = 'stopped';
    leave(stood, 1 * GiB, await availableOn(stood));
    const { accepted, notes } = await stood.applier.preview(grow());
    expect([accepted, notes.at(-1)]).toEqual([true, 'stopped: it takes effect when it starts']);
  });

  test('a VM whose values wait for a restart, and the restart', async () => {
    const { applier } = await stage();
    expect((await applier.preview(growVm())).notes.at(-1)).toBe('waits for the restart');
    expect(await applier.preview(rebootVm())).toMatchObject({
      accepted: true,
      notes: expect.arrayContaining(['running']),
    });
  });

  test('a VM that plugs memory live', async () => {
    const { pve, applier } = await stage();
    Object.assign(pve.world.guests.get(203)!.config, { hotplug: 'memory', numa: 1 });
    expect((await applier.preview(growVm({ live: true }))).accepted).toBe(true);
  });
});

describe('a preview refuses', () => {
  const because: [string, (stood: Stage) => void, ReturnType<typeof grow>, string[]][] = [
    [
      'a locked guest',
      ({ pve }) => (pve.world.guests.get(200)!.config['lock'] = 'backup'),
      grow(),
      ['locked (backup)'],
    ],
    [
      'another value than the plan started from',
      ({ pve }) => (pve.world.guests.get(200)!.config['memory'] = 4096),
      grow(),
      ['memory is 4096 MiB on pve1, no longer 2048 MiB'],
    ],
    [
      'a template',
      ({ pve }) => (Object.assign(pve.world.guests.get(200)!, { status: 'stopped' }).config['template'] = 1),
      grow(),
      ['postgres is a template'],
    ],
    [
      "somebody else's waiting value",
      ({ pve }) => (pve.world.guests.get(203)!.pending = { memory: '8192' }),
      growVm(),
      ['memory 8192 MiB waits for a restart on pve1 and did not come from here'],
    ],
    [
      'a restart that would put something else in force',
      ({ pve }) => (pve.world.guests.get(203)!.pending = { cores: 4 }),
      rebootVm(),
      ['cores 4 waits for a restart on pve1 and did not come from here'],
    ],
    [
      'a restart of a stopped VM',
      ({ pve }) => (pve.world.guests.get(203)!.status = 'stopped'),
      rebootVm(),
      ['homeassistant is stopped, so it is not restarted'],
    ],
    [
      'more cores than the node has',
      () => undefined,
      resize({ cores: 2 }, { cores: 16 }),
      ['pve1 has 8 CPUs, fewer than 16'],
    ],
    [
      'more cores than the node has, counted once for each socket',
      ({ pve }) => (pve.world.guests.get(203)!.config['sockets'] = 2),
      grow({
        ...{ target: 'home/qemu/203', name: 'homeassistant', live: false, before: { cores: 2 }, after: { cores: 5 } },
        action: { kind: 'set-guest-config', set: { cores: 5 } },
      }),
      ['pve1 has 8 CPUs, fewer than 10 (2 sockets of 5 cores)'],
    ],
    [
      'more memory than the node has',
      () => undefined,
      resize({ memory: 2048 }, { memory: 32768 }),
      ['pve1 has 24 GiB of memory in all'],
    ],
    [
      'a live change that a VM does not take',
      () => undefined,
      growVm({ live: true }),
      ['a running VM takes memory only with a restart: its hotplug is network, disk, usb'],
    ],
    [
      'a live change of cores, which no VM takes',
      ({ pve }) => (pve.world.guests.get(203)!.config['hotplug'] = '0'),
      resize(
        { cores: 2 },
        { cores: 4 },
        {
          ...growVm(),
          ...{
            action: { kind: 'set-guest-config', set: { cores: 4 } },
            before: { cores: 2 },
            after: { cores: 4 },
            live: true,
          },
        },
      ),
      ['a running VM takes cpu only with a restart: its hotplug is off'],
    ],
    [
      'less memory than is in use',
      ({ pve }) => Object.assign(pve.world.guests.get(200)!.load, { anon: 1800 * MiB, shared: 0 }),
      resize({ memory: 2048 }, { memory: 1024 }),
      ['1.8 GiB are in use and would not fit into 1024 MiB'],
    ],
  ];
  test.each(because)('%s', async (_, change, step, notes) => {
    const stood = await stage();
    change(stood);
    expect(await stood.applier.preview(step)).toEqual({ accepted: false, notes });
    expect(stood.writes()).toEqual([]);
  });

  test('growth that leaves less than a tenth of the node, or less than 1 GiB', async () => {
    const stood = await stage();
    leave(stood, 2.4 * GiB + 1000 * MiB, await availableOn(stood));
    expect(await stood.applier.preview(grow())).toEqual({
      accepted: false,
      notes: ['1 GiB more do not fit: 3.4 GiB are free on pve1, of which 2.4 GiB stay free'],
    });
  });

  test('with every reason at once', async () => {
    const { pve, applier } = await stage();
    Object.assign(pve.world.guests.get(200)!.config, { lock: 'migrate', memory: 4096 });
    expect((await applier.preview(grow())).notes).toEqual([
      'locked (migrate)',
      'memory is 4096 MiB on pve1, no longer 2048 MiB',
    ]);
  });

  test('a guest that is gone', async () => {
    const { pve, applier } = await stage();
    pve.world.guests.delete(200);
    expect(await applier.preview(grow())).toEqual({
      accepted: false,
      notes: [expect.stringContaining('home/lxc/200 is not among the guests of home')],
    });
  });

  test('a guest whose node does not answer', async () => {
    const { pve, applier } = await stage();
    pve.faults.inject({ fault: 'error-596', path: /lxc.200/, count: 9 });
    const { accepted, notes } = await applier.preview(grow());
    expect(accepted).toBe(false);
    expect(notes[0]).toContain('596');
  });
});

test('a preview of a cluster that does not answer is an error: nothing is said about the step', async () => {
  const { pve, applier } = await stage({ timeout: 100 });
  pve.faults.inject({ fault: 'timeout-before', count: 9 });
  expect((await errorOf(applier.preview(grow()))).code).toBe('PVE_TIMEOUT');
});
