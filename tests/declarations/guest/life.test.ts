import { describe, expect, it } from 'vitest';
import { isRefusal } from '../../../src/core/change-set.ts';
import { asBefore, liveValue, resting } from '../../../src/core/guest.ts';
import type { Step } from '../../../src/core/step.ts';
import { backTo, fileValue, guestSteps, isLiveAs } from '../../../src/declarations/guest/index.ts';
import { declared, declaredVm, live, liveVm } from './examples.ts';

function stepsOf(...args: Parameters<typeof guestSteps>): Step[] {
  const result = guestSteps(...args);
  if (isRefusal(result)) throw new Error(`refused: ${result.reason}`);
  return result;
}

function refusalOf(...args: Parameters<typeof guestSteps>): string {
  const result = guestSteps(...args);
  return isRefusal(result) ? `${result.reason}: ${result.message}; ${result.next}` : 'not refused';
}

describe('whether a guest runs', () => {
  it('is changed by a clean shutdown, with the start as its way back', () => {
    expect(stepsOf(declared(), declared({ started: false }), live())).toMatchObject([
      {
        applier: 'proxmox',
        kind: 'stop-guest',
        action: { kind: 'stop-guest', timeout: 300 },
        before: { status: 'running' },
        after: { status: 'stopped' },
        inverse: { kind: 'start-guest' },
        ...{ live: false, reboots: false, destroys: false },
      },
    ]);
  });

  it('is changed by a start, with the shutdown as its way back', () => {
    const before = declared({ started: false });
    expect(stepsOf(before, declared({ started: true }), live({ status: 'stopped' }))).toMatchObject([
      {
        kind: 'start-guest',
        action: { kind: 'start-guest' },
        after: { status: 'running' },
        inverse: { kind: 'stop-guest', timeout: 300 },
        live: true,
      },
    ]);
  });

  it.each([
    ['it is so already', declared(), declared({ started: true }), live()],
    ['it is declared no more', declared({ started: false }), declared(), live()],
    ['nobody declares it', declared(), declared(), live({ status: 'stopped' })],
  ])('needs no step where %s', (_, before, after, now) => {
    expect(stepsOf(before, after, now)).toEqual([]);
  });

  it.each(['forge', 'gitmend'])(
    'is not taken from the guest that carries the %s, also where the edit unsays that',
    (role) => {
      const says = `carries: postgres carries ${role}, and gitmend does not stop what it works with; do it by hand: pct shutdown 200 on pve1`;
      const carrying = declared({ carries: [role] });
      expect(refusalOf(carrying, declared({ carries: [role], started: false }), live())).toBe(says);
      expect(refusalOf(carrying, declared({ started: false }), live())).toBe(says);
      expect(refusalOf(declared(), declared({ carries: [role], started: false }), live())).toBe(says);
      expect(stepsOf(carrying, declared({ carries: [role], started: true }), live({ status: 'stopped' }))).toHaveLength(
        1,
      );
    },
  );

  it('is refused for a guest that is not there, is another one, or is neither running nor stopped', () => {
    const wanted = declared({ started: false });
    expect(refusalOf(declared(), wanted, undefined)).toMatch(/^target-missing/);
    expect(refusalOf(declared(), wanted, live({ name: 'web' }))).toMatch(/^target-mismatch/);
    expect(refusalOf(declared(), wanted, live({ status: 'paused' }))).toMatch(/^target-not-ready/);
  });

  it('comes after the sizes: a virtual machine takes them in by the stop, and is not restarted for them', () => {
    const steps = stepsOf(declaredVm(), declaredVm({ memory: 4096, started: false }), liveVm());
    expect(steps.map(({ action }) => action)).toEqual([
      { kind: 'set-guest-config', set: { memory: 4096 } },
      { kind: 'stop-guest', timeout: 300, makes: { memory: 4096 } },
    ]);
    expect(steps.map(({ live: at }) => at)).toEqual([false, false]);
  });

  it('of a container that is resized too is no affair of the sizes', () => {
    const steps = stepsOf(declared(), declared({ memory: 4096, started: false }), live());
    expect(steps.map(({ action }) => action)).toEqual([
      { kind: 'set-guest-config', set: { memory: 4096 } },
      { kind: 'stop-guest', timeout: 300 },
    ]);
  });

  it('is part of what a resize leaves where it is declared as stopped, so that nobody looks for it running', () => {
    const stopped = { started: false } as const;
    const [step] = stepsOf(declared(stopped), declared({ ...stopped, memory: 4096 }), live({ status: 'stopped' }));
    expect(step?.after).toEqual({ memory: 4096, status: 'stopped' });
    expect(step?.mayRest).toBeUndefined();
    expect(resting({}, live({ status: 'stopped' }))).toEqual({});
    expect(resting(stopped, live())).toEqual({});
  });
});

describe('a guest whose file does not say whether it runs', () => {
  const all = (status: 'running' | 'stopped') =>
    stepsOf(
      declared({ protection: true }),
      declared({ memory: 4096, protection: false, tags: ['web'] }),
      live({ status, protected: true }),
    );

  it('may stay stopped behind whatever is changed of it, and must run where it ran', () => {
    expect(all('stopped').map(({ kind, mayRest }) => [kind, mayRest])).toEqual([
      ['resize-guest', true],
      ['tag-guest', true],
      ['protect-guest', true],
    ]);
    expect(all('running').map(({ mayRest }) => mayRest)).toEqual([undefined, undefined, undefined]);
  });

  it('may not, once it shall run', () => {
    const steps = stepsOf(declared(), declared({ started: true, memory: 4096 }), live({ status: 'stopped' }));
    expect(steps.map(({ mayRest }) => mayRest)).toEqual([undefined, undefined]);
  });
});

describe('the tags of a guest', () => {
  const steps = (before: string[], after: string[], now: string[]) =>
    stepsOf(declared({ tags: before }), declared({ tags: after }), live({ tags: now }));

  it('gain and lose in Proxmox VE what the file gains and loses, and keep what no file ever had', () => {
    expect(steps(['database', 'old'], ['database', 'web'], ['old', 'community-script'])).toMatchObject([
      {
        kind: 'tag-guest',
        action: { kind: 'tag-guest', tags: ['community-script', 'web'] },
        before: { tags: 'community-script, old' },
        after: { tags: 'community-script, web' },
        changes: [{ field: 'tags', before: 'community-script, old', after: 'community-script, web', unit: '' }],
        inverse: { kind: 'tag-guest', tags: ['community-script', 'old'] },
        live: true,
      },
    ]);
  });

  it.each([
    ['has them already', ['a'], ['a', 'b'], ['b']],
    ['does not have what goes', ['a', 'b'], ['a'], ['x']],
    ['has another order', ['a', 'b'], ['b', 'a'], []],
  ])('need nothing where the guest %s', (_, before, after, now) => {
    expect(steps(before, after, now)).toEqual([]);
  });

  it('may all go', () => {
    expect(steps(['a'], [], ['a'])).toMatchObject([{ action: { tags: [] }, after: { tags: '(none)' } }]);
    expect(asBefore(live({ tags: ['x'] }), { tags: '(none)' }).tags).toEqual([]);
    expect(asBefore(live({ tags: [] }), { tags: 'a, b' }).tags).toEqual(['a', 'b']);
    expect(liveValue(live({ tags: ['b', 'a', 'b'] }), 'tags')).toBe('a, b');
  });
});

describe('the protection of a guest', () => {
  it('is set and taken away, each the way back of the other', () => {
    expect(stepsOf(declared(), declared({ protection: true }), live())).toMatchObject([
      {
        kind: 'protect-guest',
        action: { kind: 'protect-guest', protection: true },
        before: { protection: false },
        after: { protection: true },
        inverse: { kind: 'protect-guest', protection: false },
        live: true,
      },
    ]);
    expect(
      stepsOf(declared({ protection: true }), declared({ protection: false }), live({ protected: true })),
    ).toMatchObject([{ action: { protection: false } }]);
    expect(stepsOf(declared({ protection: true }), declared(), live({ protected: true }))).toEqual([]);
    expect(stepsOf(declared(), declared({ protection: true }), live({ protected: true }))).toEqual([]);
    expect(asBefore(live({ protected: true }), { protection: false }).protected).toBe(false);
    expect(liveValue(live(), 'protection')).toBe(false);
    expect(isLiveAs(declared({ protection: true }), live())).toBe(false);
  });

  it('comes before the stop, with the tags first', () => {
    const wanted = declared({ protection: true, started: false, tags: ['web'] });
    expect(stepsOf(declared(), wanted, live({ tags: ['database'] })).map(({ kind }) => kind)).toEqual([
      ...['tag-guest', 'protect-guest', 'stop-guest'],
    ]);
  });
});

describe('the node of a guest', () => {
  const to = { node: 'pve2' } as const;

  it.each([
    ['a running virtual machine', declaredVm(), declaredVm(to), liveVm(), 'online', true, false],
    ['a running container', declared(), declared(to), live(), 'restart', false, true],
    ['a stopped container', declared(), declared(to), live({ status: 'stopped' }), 'offline', true, false],
  ] as const)('of %s is changed by a migration that says how', (_, before, after, now, how, isLive, reboots) => {
    expect(stepsOf(before, after, now)).toMatchObject([
      {
        kind: 'migrate-guest',
        action: { kind: 'migrate-guest', from: 'pve1', to: 'pve2', how },
        before: { node: 'pve1' },
        after: { node: 'pve2' },
        inverse: { kind: 'migrate-guest', from: 'pve2', to: 'pve1', how },
        live: isLive,
        reboots,
      },
    ]);
  });

  it('needs nothing where the guest is already, and nothing is guessed where it is elsewhere', () => {
    expect(stepsOf(declared(), declared(to), live(to))).toEqual([]);
    expect(refusalOf(declared(), declared(to), live({ node: 'pve3' }))).toMatch(
      /^target-mismatch: postgres is on pve3, and the declaration says pve1/,
    );
    expect(asBefore(live(to), { node: 'pve1' })).toMatchObject({ node: 'pve1', running: live().running });
    expect(backTo('node', declared(), declared(to))).toEqual([{ path: ['node'], value: 'pve1' }]);
  });

  it.each([
    ['false, as stopped', { started: false }, { status: 'stopped' }],
    ['true, as stopped as it was', { started: true }, { status: 'stopped' }],
    ['nothing, as what may be started meanwhile', {}, { mayRest: true }],
  ])(
    'leaves a stopped guest stopped, and is looked for, where its file says %s',
    (_, says, { mayRest, ...stays }: { mayRest?: boolean; status?: string }) => {
      const [step] = stepsOf(declared(says), declared({ ...says, ...to }), live({ status: 'stopped' }));
      expect([step?.before, step?.after, step?.mayRest]).toEqual([
        { node: 'pve1', ...stays },
        { node: 'pve2', ...stays },
        mayRest,
      ]);
    },
  );

  it('is not changed where that would stop what gitmend works with', () => {
    const carries = ['gitmend'];
    expect(refusalOf(declared({ carries }), declared({ carries, ...to }), live())).toMatch(/^carries: /);
    expect(stepsOf(declaredVm({ carries }), declaredVm({ carries, ...to }), liveVm())).toHaveLength(1);
  });

  it('is not changed together with what Terraform changes, or with a start or a stop', () => {
    const one = /^unsupported-change: postgres would .*move.* two pull requests/;
    expect(refusalOf(declared(), declared({ ...to, started: false }), live())).toMatch(one);
    const step = stepsOf(declared(), declared({ memory: 4096 }), live());
    expect(
      refusalOf(declared(), declared({ ...to, name: 'postgres', network: { bridge: 'x' } }), live(), () => step),
    ).toMatch(one);
    expect(stepsOf(declared(), declared({ ...to, memory: 4096 }), live()).map(({ kind }) => kind)).toEqual([
      'resize-guest',
      'migrate-guest',
    ]);
  });
});

describe('the storage of a disk', () => {
  const to = (storage: string, size = 32) => ({ disk: { storage, size } });

  it.each([
    ['a running virtual machine', declaredVm(), declaredVm(to('zfs')), liveVm(), {}],
    ['a stopped container', declared(), declared(to('zfs')), live({ status: 'stopped' }), {}],
    [
      'a container that its file says is stopped',
      declared({ started: false }),
      declared({ started: false, ...to('zfs') }),
      live({ status: 'stopped' }),
      { status: 'stopped' },
    ],
  ] as const)('of %s is changed by a move that keeps the old volume', (_, before, after, now, stays) => {
    expect(stepsOf(before, after, now)).toMatchObject([
      {
        kind: 'move-disk',
        action: { kind: 'move-disk', from: 'local-lvm', to: 'zfs' },
        inverse: { kind: 'move-disk', from: 'zfs', to: 'local-lvm' },
        live: true,
      },
    ]);
    const [step] = stepsOf(before, after, now);
    expect([step?.before, step?.after]).toEqual([
      { storage: 'local-lvm', ...stays },
      { storage: 'zfs', ...stays },
    ]);
  });

  it('needs nothing where it is there already, and is told back by the file', () => {
    const there = live({ rootDisk: { storage: 'zfs', size: 32 } });
    expect(stepsOf(declared(), declared(to('zfs')), there)).toEqual([]);
    expect(asBefore(there, { storage: 'local-lvm' }).rootDisk).toEqual({ storage: 'local-lvm', size: 32 });
    expect(asBefore(there, { disk: 16 })).toMatchObject({ rootDisk: { size: 16 }, running: there.running });
    expect(asBefore(there, { disk: 16 }).running).toEqual(there.running);
    expect(liveValue(there, 'storage')).toBe('zfs');
    expect(backTo('disk', declared(), declared(to('zfs')))).toEqual([
      { path: ['disk', 'storage'], value: 'local-lvm' },
    ]);
    expect(backTo('disk', declared(), declared(to('zfs', 64)))).toEqual([]);
  });

  it.each([
    [
      'of a running container',
      declared(to('zfs')),
      live(),
      /^target-not-ready: .* stopped container only; gitmend guest stop postgres, and/,
    ],
    [
      'beside another memory',
      declared({ ...to('zfs'), memory: 4096 }),
      live({ status: 'stopped' }),
      /and more at once/,
    ],
    ['beside other tags', declared({ ...to('zfs'), tags: ['x'] }), live({ status: 'stopped' }), /and more at once/],
    [
      'that is elsewhere',
      declared(to('zfs')),
      live({ rootDisk: { storage: 'ceph', size: 32 } }),
      /is on ceph, and the decl/,
    ],
    [
      'that is not known',
      declared({ ...to('zfs'), leave: ['disk'] }),
      live(),
      /is not one that this file says in full/,
    ],
  ])('%s is refused', (_, after, now, says) => {
    expect(refusalOf(declared(), after, now)).toMatch(says);
  });
});

describe('what is live of a guest', () => {
  it('is as declared only where it runs as declared', () => {
    expect(isLiveAs(declared(), live({ status: 'stopped' }))).toBe(true);
    expect(isLiveAs(declared({ started: true }), live({ status: 'stopped' }))).toBe(false);
    expect(isLiveAs(declared({ started: false }), live({ status: 'stopped' }))).toBe(true);
    expect(isLiveAs(declared({ memory: 1 }), live())).toBe(false);
  });

  it('is taken as before its steps where they are done', () => {
    const now = live({ status: 'stopped', running: { memory: 4096 }, pending: { memory: 4096, cores: 8 } });
    expect(asBefore(now, { memory: 2048 })).toMatchObject({ status: 'stopped', running: { memory: 2048 } });
    expect(asBefore(now, { memory: 2048 }).pending).toEqual({ cores: 8 });
    expect(asBefore(now, { status: 'running' })).toMatchObject({ status: 'running', running: { memory: 4096 } });
  });
});

describe('the way back', () => {
  it('declares what was declared, and the opposite of what was not managed before', () => {
    expect(backTo('memory', declared(), declared({ memory: 4096 }))).toEqual([{ path: ['memory'], value: 2048 }]);
    expect(backTo('started', declared({ started: true }), declared({ started: false }))).toEqual([
      { path: ['started'], value: true },
    ]);
    expect(backTo('started', declared(), declared({ started: false }))).toEqual([{ path: ['started'], value: true }]);
    expect(backTo('started', declared({ started: false }), declared())).toEqual([]);
    expect(backTo('swap', declaredVm(), declaredVm())).toEqual([]);
    expect(backTo('network', declared(), declared())).toEqual([]);
    expect(backTo('tags', declared(), declared({ tags: [] }))).toEqual([{ path: ['tags'], value: ['database'] }]);
  });

  it('is written in the words of the file', () => {
    expect(fileValue('status', 'running')).toEqual({ field: 'started', value: true });
    expect(fileValue('memory', 512)).toEqual({ field: 'memory', value: 512 });
  });
});

describe('the network of a guest before a step', () => {
  const inside = { bridge: 'vmbr0', addressing: 'inside' } as const;

  it.each([
    ['vmbr9', undefined, { bridge: 'vmbr9', addressing: 'dhcp' }],
    ['vmbr9', inside, { bridge: 'vmbr9', addressing: 'inside' }],
    ['vmbr9, 10.0.0.2/24', inside, { bridge: 'vmbr9', address: '10.0.0.2/24', addressing: 'static' }],
    [
      'vmbr9, 10.0.0.2/24 via 10.0.0.1',
      inside,
      { bridge: 'vmbr9', address: '10.0.0.2/24', gateway: '10.0.0.1', addressing: 'static' },
    ],
  ])('is read from its words: %s', (words, now, was) => {
    expect(asBefore(live(now === undefined ? {} : { network: now }), { network: words }).network).toEqual(was);
  });
});
