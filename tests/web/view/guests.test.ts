import { describe, expect, it } from 'vitest';
import type { DeclaredGuest } from '../../../src/core/declared-guest.ts';
import type { LiveGuest } from '../../../src/core/guest.ts';
import { guestsOf, type LiveRead } from '../../../src/web/view/guests.ts';
import { truthWith } from './pictures.ts';

const declared: DeclaredGuest = {
  file: 'guests/postgres.yaml',
  name: 'postgres',
  cluster: 'home',
  type: 'lxc',
  vmid: 200,
  node: 'pve1',
  cores: 2,
  memory: 2048,
  swap: 512,
  disk: { storage: 'local-lvm', size: 32 },
  network: { bridge: 'vmbr0' },
  tags: ['database'],
  carries: [],
};
const live: LiveGuest = {
  ...{ cluster: 'home', node: 'pve1', type: 'lxc', vmid: 200, name: 'postgres', status: 'running', digest: 'x' },
  ...{
    running: { memory: 2048, swap: 512, cores: 2 },
    pending: {},
    hotplug: [],
    tags: [],
    uptime: 1,
    at: '2026-11-20T03:34:00Z',
  },
};
const target = 'home/lxc/200';

function guest(changes: {
  declared?: Partial<DeclaredGuest>;
  applied?: Partial<DeclaredGuest> | null;
  read?: LiveRead;
}) {
  const truth = truthWith({});
  const applied =
    changes.applied === null ? {} : { [target]: { declaration: { ...declared, ...changes.applied }, merge: '' } };
  const head = { ...truth.head, guests: new Map([[target, { ...declared, ...changes.declared }]]) };
  const view = guestsOf(
    { ...truth, head, applied: { ...truth.applied, targets: applied } },
    new Map([[target, changes.read ?? { guest: live }]]),
    '',
  );
  return view.guests[0]!;
}

const differs = (view: ReturnType<typeof guest>) =>
  view.fields.flatMap(({ field, differs: why }) => (why === '' ? [] : [`${field}: ${why}`]));

describe('a guest', () => {
  it('is settled where declaration, applied and live agree', () => {
    expect(guest({})).toMatchObject({ settled: true, where: 'lxc/200 on pve1', status: 'running' });
  });

  it.each<[string, Parameters<typeof guest>[0], string[]]>([
    ['declared otherwise than applied', { declared: { memory: 4096 } }, ['memory: declared, and not applied']],
    [
      'changed past the repository',
      { read: { guest: { ...live, running: { ...live.running, memory: 4096 } } } },
      ['memory: live is not as applied'],
    ],
    [
      'waiting for a reboot',
      { read: { guest: { ...live, pending: { memory: 3072 } } } },
      ['memory: 3072 waits for a reboot'],
    ],
    ['never applied', { applied: null }, ['memory: never applied', 'swap: never applied', 'cores: never applied']],
  ])('that is %s says so', (_, changes, words) => {
    const view = guest(changes);
    expect(differs(view)).toEqual(words);
    expect(view.settled).toBe(false);
  });

  it('that cannot be read says why, and is not called settled', () => {
    expect(guest({ read: { problem: 'PVE_UNREACHABLE: no answer' } })).toMatchObject({
      settled: false,
      problem: 'PVE_UNREACHABLE: no answer',
      status: 'not read',
    });
    expect(guest({ read: { absent: true } }).problem).toBe('Proxmox VE has no such guest');
  });

  it('shows only the fields that it has', () => {
    const machine = { ...declared };
    const running = { ...live.running };
    delete machine.swap;
    delete running.swap;
    const truth = truthWith({});
    const head = { ...truth.head, guests: new Map([[target, machine]]) };
    const applied = { ...truth.applied, targets: { [target]: { declaration: machine, merge: '' } } };
    const { guests } = guestsOf({ ...truth, head, applied }, new Map([[target, { guest: { ...live, running } }]]), '');
    expect(guests[0]?.fields.map(({ field }) => field)).toEqual(['memory', 'cores']);
  });

  it('that differs comes before those that do not', () => {
    const truth = truthWith({});
    const other = { ...declared, name: 'alpha', vmid: 201 };
    const head = {
      ...truth.head,
      guests: new Map([
        ['home/lxc/201', other],
        [target, { ...declared, memory: 4096 }],
      ]),
    };
    const applied = {
      ...truth.applied,
      targets: { 'home/lxc/201': { declaration: other, merge: '' }, [target]: { declaration: declared, merge: '' } },
    };
    const read = new Map<string, LiveRead>([
      [target, { guest: live }],
      ['home/lxc/201', { guest: { ...live, vmid: 201 } }],
    ]);
    expect(guestsOf({ ...truth, head, applied }, read, '').guests.map(({ name }) => name)).toEqual([
      'postgres',
      'alpha',
    ]);
  });
});
