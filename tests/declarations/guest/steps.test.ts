import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isRefusal } from '../../../src/core/change-set.ts';
import type { DeclaredGuest } from '../../../src/core/declared-guest.ts';
import type { LiveGuest } from '../../../src/core/guest.ts';
import { actionsDigest, type Step } from '../../../src/core/step.ts';
import { guestSteps, preStateOf } from '../../../src/declarations/guest/index.ts';
import { declared, declaredVm, live, liveVm, without } from './examples.ts';

function stepsOf(...args: Parameters<typeof guestSteps>): Step[] {
  const result = guestSteps(...args);
  if (isRefusal(result)) throw new Error(`refused: ${result.reason}`);
  return result;
}

function reasonOf(...args: Parameters<typeof guestSteps>): string {
  const result = guestSteps(...args);
  return isRefusal(result) ? result.reason : 'not refused';
}

describe('a running container', () => {
  it('takes memory, swap and cores live, in one step with its way back', () => {
    expect(guestSteps(declared(), declared({ memory: 3072, cores: 4, swap: 1024 }), live())).toEqual([
      {
        applier: 'proxmox',
        target: 'home/lxc/200',
        name: 'postgres',
        where: 'lxc/200 on pve1',
        kind: 'resize-guest',
        action: { kind: 'set-guest-config', set: { memory: 3072, swap: 1024, cores: 4 } },
        preState: preStateOf(live()),
        before: { memory: 2048, swap: 512, cores: 2 },
        after: { memory: 3072, swap: 1024, cores: 4 },
        changes: [
          { field: 'memory', before: 2048, after: 3072, unit: 'MiB' },
          { field: 'swap', before: 512, after: 1024, unit: 'MiB' },
          { field: 'cores', before: 2, after: 4, unit: '' },
        ],
        inverse: { kind: 'set-guest-config', set: { memory: 2048, swap: 512, cores: 2 } },
        live: true,
        reboots: false,
        destroys: false,
      },
    ]);
  });

  it('is changed only in what the declarations differ in, whatever else is live', () => {
    const [step, ...rest] = stepsOf(
      declared(),
      declared({ memory: 3072 }),
      live({ running: { memory: 2048, swap: 0, cores: 8 } }),
    );
    expect(rest).toEqual([]);
    expect(step?.action).toEqual({ kind: 'set-guest-config', set: { memory: 3072 } });
  });

  it('is changed from what is live, not from what was declared', () => {
    const [step] = stepsOf(
      declared(),
      declared({ memory: 3072 }),
      live({ running: { memory: 1024, swap: 512, cores: 2 } }),
    );
    expect(step?.before).toEqual({ memory: 1024 });
    expect(step?.inverse).toEqual({ kind: 'set-guest-config', set: { memory: 1024 } });
  });

  it('that is already as wanted needs no step, and one that is partly so only the rest', () => {
    const after = declared({ memory: 3072, cores: 4 });
    expect(stepsOf(declared(), after, live({ running: { memory: 3072, swap: 512, cores: 4 } }))).toEqual([]);
    expect(stepsOf(declared(), after, live({ running: { memory: 3072, swap: 512, cores: 2 } }))[0]?.after).toEqual({
      cores: 4,
    });
  });

  it('is named where it is now, also after a migration', () => {
    expect(stepsOf(declared(), declared({ memory: 3072 }), live({ node: 'pve2' }))[0]?.where).toBe('lxc/200 on pve2');
  });

  it('is changed although another field waits for a restart', () => {
    expect(stepsOf(declared(), declared({ memory: 3072 }), live({ pending: { cores: 8 } }))).toHaveLength(1);
  });
});

describe('a stopped guest', () => {
  it.each(['lxc', 'qemu'] as const)('(%s) takes everything without a restart', (type) => {
    const [before, guest] = type === 'lxc' ? [declared(), live()] : [declaredVm(), liveVm()];
    const steps = stepsOf(before, { ...before, memory: 4096 }, { ...guest, status: 'stopped', uptime: 0 });
    expect(steps.map(({ live: now, reboots, kind }) => ({ now, reboots, kind }))).toEqual([
      { now: true, reboots: false, kind: 'resize-guest' },
    ]);
  });
});

describe('a running virtual machine', () => {
  it('is written first and restarted then, each with its way back', () => {
    const steps = stepsOf(declaredVm(), declaredVm({ memory: 4096, cores: 4 }), liveVm());
    expect(
      steps.map(({ kind, action, inverse, live: now, reboots }) => ({ kind, action, inverse, now, reboots })),
    ).toEqual([
      {
        kind: 'resize-guest',
        action: { kind: 'set-guest-config', set: { memory: 4096, cores: 4 } },
        inverse: { kind: 'set-guest-config', set: { memory: 2048, cores: 2 } },
        now: false,
        reboots: false,
      },
      {
        kind: 'restart-vm',
        action: { kind: 'reboot-guest', makes: { memory: 4096, cores: 4 } },
        inverse: { kind: 'reboot-guest', makes: { memory: 2048, cores: 2 } },
        now: false,
        reboots: true,
      },
    ]);
    expect(steps[1]).toMatchObject({ before: { memory: 2048, cores: 2 }, after: { memory: 4096, cores: 4 } });
  });

  it('takes live what its hotplug names, field by field', () => {
    const guest = liveVm({ hotplug: ['network', 'memory'] });
    expect(
      stepsOf(declaredVm(), declaredVm({ memory: 4096 }), guest).map(({ live: now, reboots }) => [now, reboots]),
    ).toEqual([[true, false]]);
    const both = stepsOf(declaredVm(), declaredVm({ memory: 4096, cores: 4 }), guest);
    expect(both.map(({ action, live: now }) => [action, now])).toEqual([
      [{ kind: 'set-guest-config', set: { memory: 4096 } }, true],
      [{ kind: 'set-guest-config', set: { cores: 4 } }, false],
      [{ kind: 'reboot-guest', makes: { cores: 4 } }, false],
    ]);
    expect(
      stepsOf(declaredVm(), declaredVm({ cores: 4 }), liveVm({ hotplug: ['cpu'] })).map(({ reboots }) => reboots),
    ).toEqual([false]);
  });

  it('that was written and not yet restarted leads to the same actions again', () => {
    const after = declaredVm({ memory: 4096 });
    const fresh = stepsOf(declaredVm(), after, liveVm());
    const halfway = stepsOf(declaredVm(), after, liveVm({ pending: { memory: 4096 } }));
    expect(actionsDigest(halfway)).toBe(actionsDigest(fresh));
  });

  it('is not restarted into a value that somebody else left waiting', () => {
    expect(reasonOf(declaredVm(), declaredVm({ memory: 4096 }), liveVm({ pending: { cores: 8 } }))).toBe(
      'pending-elsewhere',
    );
    expect(stepsOf(declaredVm(), declaredVm({ memory: 4096 }), liveVm({ pending: { cores: 2 } }))).toHaveLength(2);
  });
});

describe('what is refused', () => {
  it.each<[string, DeclaredGuest | undefined, DeclaredGuest | undefined]>([
    ['a new guest', undefined, declared()],
    ['a guest that is no longer declared', declared(), undefined],
    ['another disk', declared(), declared({ disk: { storage: 'local-lvm', size: 64 } })],
    ['another network', declared(), declared({ network: { bridge: 'vmbr1' } })],
    ['another name', declared(), declared({ name: 'db' })],
    ['memory together with a disk', declared(), declared({ memory: 4096, disk: { storage: 'zfs', size: 33 } })],
    ['another vmid under the same name', declared(), declared({ vmid: 201 })],
    ['a container that becomes a virtual machine', declared(), declaredVm()],
  ])('%s needs the path of Terraform', (_, before, after) => {
    const result = guestSteps(before, after, live());
    expect(result).toMatchObject({ refused: true, reason: 'unsupported-change' });
    expect(isRefusal(result) && result.message).toContain(
      "Terraform's own path, which this version of gitmend does not have",
    );
  });

  it.each<[string, Partial<DeclaredGuest>, Partial<LiveGuest>]>([
    [
      'a disk that is there already',
      { disk: { storage: 'zfs', size: 64 } },
      { rootDisk: { storage: 'zfs', size: 64 } },
    ],
    [
      'a network that it has already',
      { network: { bridge: 'vmbr1', address: '192.168.1.9/24' } },
      { network: { bridge: 'vmbr1', address: '192.168.1.9/24', addressing: 'static' } },
    ],
    [
      'another bridge, where the address is set inside the guest',
      { network: { ...declared().network, bridge: 'vmbr1' } },
      { network: { bridge: 'vmbr1', addressing: 'inside' } },
    ],
  ])('but not %s: nothing is to be done', (_, after, now) => {
    expect(guestSteps(declared(), declared(after), live(now))).toEqual([]);
    // Of another guest under the same vmid nothing is taken for done.
    expect(reasonOf(declared(), declared(after), live({ ...now, name: 'web' }))).toBe('unsupported-change');
  });

  it.each<[string, Partial<DeclaredGuest>, Partial<LiveGuest>]>([
    ['a disk of another size', { disk: { storage: 'zfs', size: 64 } }, { rootDisk: { storage: 'zfs', size: 63 } }],
    ['a disk that is not known', { disk: { storage: 'zfs', size: 64 } }, {}],
    [
      'an address that is set inside the guest',
      { network: { bridge: 'vmbr0', address: '192.168.1.9/24' } },
      { network: { bridge: 'vmbr0', addressing: 'inside' } },
    ],
    [
      'a network of which one value is otherwise',
      { network: { bridge: 'vmbr0', address: '192.168.1.9/24' } },
      { network: { bridge: 'vmbr0', address: '192.168.1.9/24', gateway: '192.168.1.1', addressing: 'static' } },
    ],
    ['two fields of which one is so', { name: 'db', disk: { storage: 'a', size: 1 } }, { name: 'db' }],
  ])('and not %s', (_, after, now) => {
    expect(reasonOf(declared(), declared(after), live(now))).toBe('unsupported-change');
  });

  it('names every field that needs it', () => {
    const result = guestSteps(
      declared(),
      declared({ network: { bridge: 'x' }, disk: { storage: 'a', size: 1 }, memory: 4096 }),
      live(),
    );
    expect(isRefusal(result) && result.message).toContain('postgres changes disk, network:');
  });

  it('a value that is no longer declared, because there is nothing to set', () => {
    expect(reasonOf(declared(), without(declared(), 'swap'), live())).toBe('unsupported-change');
  });

  it.each([
    ['a guest that the cluster does not have', undefined, 'target-missing'],
    ['another guest under the same vmid', live({ name: 'web' }), 'target-mismatch'],
    ['a live guest of another target', live({ vmid: 201 }), 'target-mismatch'],
    ['a paused guest', live({ status: 'paused' }), 'target-not-ready'],
    ['a guest of unknown state', live({ status: 'unknown' }), 'target-not-ready'],
    ["somebody else's change of the same field that waits", live({ pending: { memory: 8192 } }), 'pending-elsewhere'],
    [
      "somebody else's change although the wanted value is live",
      live({ running: { memory: 3072 }, pending: { memory: 8192 } }),
      'pending-elsewhere',
    ],
    [
      'a value that is not set live, so that there is no way back',
      live({ running: { cores: 2, swap: 512 } }),
      'no-inverse',
    ],
  ])('%s', (_, guest, reason) => {
    expect(reasonOf(declared(), declared({ memory: 3072 }), guest)).toBe(reason);
  });

  it('nothing of a guest whose live name carries its domain', () => {
    expect(stepsOf(declared(), declared({ memory: 3072 }), live({ name: 'postgres.home.lan' }))).toHaveLength(1);
  });

  it('says the value that waits, and where', () => {
    const result = guestSteps(declared(), declared({ memory: 3072 }), live({ pending: { memory: 8192 } }));
    expect(result).toMatchObject({
      message: 'memory 8192 MiB of postgres waits for a restart and did not come from here',
      next: 'let it take effect, or revert it on pve1; then this is planned again',
    });
    const unlimited = guestSteps(declaredVm(), declaredVm({ cores: 4 }), liveVm({ running: { memory: 2048 } }));
    expect(unlimited).toMatchObject({ reason: 'no-inverse', next: 'set it once by hand: qm set 200 --cores N' });
  });
});

describe('what leads to no step and no refusal', () => {
  it("a change of carries, which is gitmend's own data", () => {
    expect(guestSteps(declared(), declared({ carries: ['forge'] }), undefined)).toEqual([]);
  });

  it('nothing declared on either side, and the same on both', () => {
    expect(guestSteps(undefined, undefined, live())).toEqual([]);
    expect(guestSteps(declared(), declared(), undefined)).toEqual([]);
  });
});

describe('the digest of the state before', () => {
  it('does not depend on when it was read, nor on what has nothing to do with it', () => {
    expect(
      preStateOf(live({ at: '2027-01-01T00:00:00Z', uptime: 1, digest: 'b'.repeat(40), lock: 'backup', tags: ['x'] })),
    ).toBe(preStateOf(live()));
  });

  it.each([
    ['a value', live({ running: { cores: 2, memory: 2049, swap: 512 } })],
    ['a waiting value', live({ pending: { memory: 4096 } })],
    ['its node', live({ node: 'pve2' })],
    ['its state', live({ status: 'stopped' })],
    ['its name', live({ name: 'web' })],
  ])('depends on %s', (_, other) => {
    expect(preStateOf(other)).not.toBe(preStateOf(live()));
  });
});

describe('any two declarations and any live state', () => {
  const size = fc.record({
    cores: fc.integer({ min: 1, max: 4 }),
    memory: fc.integer({ min: 1, max: 4 }).map((n) => n * 1024),
  });
  const hotplug = fc.subarray(['network', 'disk', 'usb', 'memory', 'cpu']);

  it('lead to steps that make exactly the declared values true, that can all be taken back, and to none once they are', () => {
    fc.assert(
      fc.property(
        size,
        size,
        size,
        hotplug,
        fc.constantFrom('running' as const, 'stopped' as const),
        (before, after, running, plugs, status) => {
          const guest = liveVm({ running, hotplug: plugs, status });
          const steps = stepsOf(declaredVm(before), declaredVm(after), guest);
          const config = { ...running };
          for (const { action, inverse } of steps) {
            if (action.kind === 'set-guest-config') Object.assign(config, action.set);
            expect(inverse).not.toBe('irreversible');
          }
          for (const field of ['cores', 'memory'] as const) {
            expect(config[field]).toBe(before[field] === after[field] ? running[field] : after[field]);
          }
          expect(stepsOf(declaredVm(before), declaredVm(after), { ...guest, running: config })).toEqual([]);
          for (const { action, inverse } of steps.toReversed()) {
            if (action.kind === 'set-guest-config' && inverse !== 'irreversible' && inverse.kind === 'set-guest-config')
              Object.assign(config, inverse.set);
          }
          expect(config).toEqual(running);
          expect(steps.some(({ reboots }) => reboots)).toBe(steps.some(({ live: now, reboots }) => !now && !reboots));
        },
      ),
    );
  });
});
