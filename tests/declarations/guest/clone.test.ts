import { describe, expect, it } from 'vitest';
import { isRefusal } from '../../../src/core/change-set.ts';
import { cloneMark } from '../../../src/core/clone-mark.ts';
import type { DeclaredGuest } from '../../../src/core/declared-guest.ts';
import type { LiveGuest } from '../../../src/core/guest.ts';
import type { Step } from '../../../src/core/step.ts';
import { cloneSteps, readGuest, templateOf } from '../../../src/declarations/guest/index.ts';
import { declared, declaredVm, live, without } from './examples.ts';

const network = { bridge: 'vmbr0' };
const wanted = (changes: Partial<DeclaredGuest> = {}) => declared({ network, clone: { from: 900 }, ...changes });
const template = (changes: Partial<LiveGuest> = {}) =>
  live({
    ...{ vmid: 900, name: 'base', status: 'stopped', digest: 'b'.repeat(40), tags: ['base'] },
    ...{ rootDisk: { storage: 'local-lvm', size: 8 }, network: { ...network, addressing: 'dhcp' } },
    ...changes,
  });

describe('a new guest that is cloned', () => {
  it('is one step that binds the template as it was looked at', () => {
    expect(cloneSteps(wanted({ started: true, protection: true }), undefined, template())).toMatchObject([
      {
        ...{ applier: 'proxmox', kind: 'create-guest', target: 'home/lxc/200', inverse: 'irreversible' },
        action: {
          ...{ kind: 'clone-guest', from: 900, node: 'pve1', config: 'b'.repeat(40), to: 'pve1', start: true },
          ...{ disk: { storage: 'local-lvm', size: 32 }, set: { cores: 2, memory: 2048, swap: 512 } },
          ...{ tags: ['base', 'database'], protection: true },
        },
        before: {},
        after: { cores: 2, memory: 2048, swap: 512, disk: 32, tags: 'base, database', protection: true },
      },
    ]);
  });

  it('stays stopped where its file does not say started, and has only what it declares', () => {
    const guest = declaredVm({ network, clone: { from: 900 }, tags: [] });
    const [step] = stepsOf(cloneSteps(guest, undefined, template({ type: 'qemu' })));
    expect(step?.after).toEqual({ cores: 2, memory: 2048, disk: 32, status: 'stopped' });
    expect(step?.action).not.toHaveProperty('tags');
    expect(step?.action).not.toHaveProperty('protection');
  });

  it.each([
    ['the template is gone', wanted(), undefined, undefined, /^no-template: .* from lxc\/900, which is not there/],
    ['its number is taken', wanted(), live({ name: 'web' }), template(), /^unsupported-change: .* already, called web/],
    [
      'the disk is larger',
      wanted(),
      undefined,
      template({ rootDisk: { storage: 'zfs', size: 33 } }),
      /^template-misfit: .*has 33 GiB, and postgres declares 32: .*; declare at least 33 GiB/,
    ],
    ['there is no disk', wanted(), undefined, without(template(), 'rootDisk'), /^template-misfit: .*no disk to clone/],
    [
      'there is no network',
      wanted(),
      undefined,
      without(template(), 'network'),
      /^template-misfit: .*template's: none/,
    ],
    [
      'the address is another',
      declared({ clone: { from: 900 } }),
      undefined,
      template(),
      /^template-misfit: .*vmbr0, 192\.168\.1\.20\/24 via 192\.168\.1\.1, and its clone would have the template's: vmbr0/,
    ],
  ])('is refused with what to do where %s', (_, guest, now, from, says) => {
    const result = cloneSteps(guest, now, from);
    expect(isRefusal(result) ? `${result.reason}: ${result.message}; ${result.next}` : 'a step').toMatch(says);
  });

  it('takes a disk of the same size and the same address', () => {
    const { network: same } = declared();
    const from = template({
      rootDisk: { storage: 'zfs', size: 32 },
      network: { ...same, addressing: 'static' },
    });
    expect(cloneSteps(declared({ clone: { from: 900 } }), undefined, from)).toHaveLength(1);
  });

  it('is told by a mark of its own: another template, another size or another number is another mark', () => {
    const of = (guest: DeclaredGuest, from = template()) =>
      stepsOf(cloneSteps(guest, undefined, from)).map((step) => cloneMark(step))[0];
    const all = [
      of(wanted()),
      of(wanted({ memory: 1024 })),
      of(wanted({ vmid: 201 })),
      of(wanted(), template({ digest: 'c'.repeat(40) })),
    ];
    expect(all[0]).toMatch(/^gitmend: clone of template 900 \([0-9a-f]{16}\)$/);
    expect(new Set(all).size).toBe(4);
  });
});

describe('clone in a file', () => {
  it('names a template of its cluster and type, by its number', () => {
    expect([templateOf(wanted()), templateOf(declared())]).toEqual(['home/lxc/900', undefined]);
    const text = (clone: string) => `type: qemu
name: builder
cluster: home
node: pve1
vmid: 211
cores: 4
memory: 2048
disk: { storage: local-lvm, size: 8 }
network: { bridge: vmbr0 }
clone: ${clone}
`;
    const read = readGuest(text('{ from: 901 }'), 'guests/builder.yaml');
    expect(read.ok && read.value.clone).toEqual({ from: 901 });
    expect(readGuest(text('{ from: 9 }'), 'guests/builder.yaml').ok).toBe(false);
    expect(readGuest(text('{ from: 901, full: false }'), 'guests/builder.yaml').ok).toBe(false);
  });
});

function stepsOf(result: ReturnType<typeof cloneSteps>): Step[] {
  return isRefusal(result) ? [] : result;
}
