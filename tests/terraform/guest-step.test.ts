import { describe, expect, it } from 'vitest';
import { isRefusal } from '../../src/core/change-set.ts';
import { actionsOf, type GuestPlan, guestStep } from '../../src/terraform/index.ts';
import { declared, declaredVm, live, liveVm } from '../declarations/guest/examples.ts';
import { made, trusted } from './examples.ts';

const address = 'proxmox_virtual_environment_container.postgres';
const type = 'proxmox_virtual_environment_container';
const guest = { id: '200', node_name: 'pve1', vm_id: 200, started: true, initialization: [{ hostname: 'postgres' }] };
const disk = (size: number) => ({ ...guest, disk: [{ datastore_id: 'local-lvm', size }] });

const now = live({ rootDisk: { storage: 'local-lvm', size: 32 } });
const wanted = declared({ disk: { storage: 'local-lvm', size: 48 } });

function planned(before: object | null, after: object | null, rest: { [key: string]: unknown } = {}): GuestPlan {
  const actions = before === null ? ['create'] : after === null ? ['delete'] : ['update'];
  const plan = trusted(made([{ address, type, actions, before, after, ...rest }]));
  return { state: 'planned', stack: 'guests', address, plan };
}

const grows = planned(disk(32), disk(48));

function reason(...args: Parameters<typeof guestStep>): string {
  const result = guestStep(...args);
  return isRefusal(result) ? `${result.reason}: ${result.message}` : 'no refusal';
}

describe('what Terraform plans for a guest that is there', () => {
  it('is one step that binds the digest of its actions', () => {
    expect(guestStep(declared(), wanted, ['disk'], now, grows)).toEqual([
      {
        applier: 'terraform',
        target: 'home/lxc/200',
        name: 'postgres',
        where: 'lxc/200 on pve1',
        kind: 'grow-disk',
        action: {
          kind: 'apply-terraform',
          stack: 'guests',
          addresses: [address],
          plan: actionsOf((grows as GuestPlan & { state: 'planned' }).plan),
        },
        preState: actionsOf((grows as GuestPlan & { state: 'planned' }).plan),
        before: { disk: 32 },
        after: { disk: 48 },
        changes: [{ field: 'disk', before: 32, after: 48, unit: 'GiB' }],
        inverse: 'irreversible',
        live: true,
        reboots: false,
        destroys: false,
      },
    ]);
  });

  it('is no mere growth where the plan changes more than the disk', () => {
    const more = planned({ ...disk(32), description: '' }, { ...disk(48), description: 'x' });
    expect(guestStep(declared(), wanted, ['disk'], now, more)).toMatchObject([
      { kind: 'change-guest', reboots: false },
    ]);
  });

  it('says that it reboots where the provider restarts the guest for it, and does not of one that is stopped', () => {
    const more = planned({ ...disk(32), console: 'a' }, { ...disk(48), console: 'b' });
    expect(guestStep(declared(), wanted, ['disk'], now, more)).toMatchObject([{ reboots: true, live: false }]);
    const stopped = live({ ...now, status: 'stopped' });
    expect(guestStep(declared(), wanted, ['disk'], stopped, more)).toMatchObject([{ reboots: false, live: true }]);
  });

  it('is refused where its restart would bring into effect what somebody else left waiting, and only then', () => {
    const restarts = planned({ ...disk(32), console: 'a' }, { ...disk(48), console: 'b' });
    const waiting = live({ ...now, pending: { memory: 8192 } });
    expect(reason(declared(), wanted, ['disk'], waiting, restarts)).toMatch(
      /^pending-elsewhere: memory 8192 of postgres/,
    );
    expect(guestStep(declared(), wanted, ['disk'], waiting, grows)).toMatchObject([{ reboots: false }]);
  });

  it('is nothing where it plans nothing and the disk is as declared', () => {
    const nothing = planned(disk(48), disk(48), { actions: ['no-op'] });
    const there = live({ rootDisk: { storage: 'local-lvm', size: 48 } });
    expect(guestStep(declared(), wanted, ['disk'], there, nothing)).toEqual([]);
    expect(reason(declared(), wanted, ['disk'], now, nothing)).toMatch(/^terraform-leaves-it: /);
  });

  it('was done only where the guest is as declared, whatever a record says', () => {
    const [step] = guestStep(declared(), wanted, ['disk'], now, grows) as never[];
    const done: GuestPlan = { state: 'done', step: step as never };
    const there = live({ rootDisk: { storage: 'local-lvm', size: 48 } });
    expect(guestStep(declared(), wanted, ['disk'], there, done)).toEqual([step]);
    expect(reason(declared(), wanted, ['disk'], now, done)).toMatch(/^terraform-leaves-it: /);
  });
});

describe('another name, node or network', () => {
  const network = { bridge: 'vmbr1', address: '192.168.1.9/24' };
  const called = { ...guest, description: 'a' };
  const changes = planned(called, { ...called, description: 'b' });

  it('is looked for as it is declared', () => {
    const after = declared({ name: 'db', network });
    const then = live({ network: { bridge: 'vmbr0', address: '192.168.1.20/24', addressing: 'static' } });
    expect(guestStep(declared(), after, ['name', 'network'], then, changes)).toMatchObject([
      {
        kind: 'change-guest',
        before: { name: 'postgres', network: 'vmbr0, 192.168.1.20/24' },
        after: { name: 'db', network: 'vmbr1, 192.168.1.9/24' },
      },
    ]);
  });

  it('has no address to look for where that is set inside the guest', () => {
    const inside = live({ network: { bridge: 'vmbr0', addressing: 'inside' } });
    expect(guestStep(declared(), declared({ network }), ['network'], inside, changes)).toMatchObject([
      { before: { network: 'vmbr0' }, after: { network: 'vmbr1' } },
    ]);
  });

  it('is of the guest that was applied, or of the one that it became', () => {
    const after = declared({ name: 'db', node: 'pve2' });
    const fields = ['name'] as const;
    expect(reason(declared(), after, fields, live({ name: 'web' }), changes)).toMatch(/^target-mismatch/);
    expect(reason(declared(), after, fields, live({ node: 'pve3' }), changes)).toMatch(/^target-mismatch/);
    const nothing = planned(called, called, { actions: ['no-op'] });
    expect(guestStep(declared(), after, fields, live({ name: 'db', node: 'pve2' }), nothing)).toEqual([]);
  });

  it('is refused where the state does not know the guest', () => {
    expect(reason(declared(), declared({ name: 'db' }), ['name'], live(), planned(null, called))).toMatch(
      /^terraform-other-guest: Terraform would create .*, although db is there/,
    );
  });
});

describe('a plan of Terraform is refused', () => {
  it.each<[string, GuestPlan, RegExp]>([
    [
      'that destroys',
      planned(disk(32), null),
      /postgres .* would be destroyed, and this pull request is not about that/,
    ],
    [
      'that replaces, with the attribute that forces it',
      planned(
        { ...disk(32), unprivileged: true },
        { ...disk(48), unprivileged: false },
        {
          actions: ['delete', 'create'],
          replace_paths: [['unprivileged']],
        },
      ),
      /destroyed and made anew because unprivileged true → false cannot be changed in place/,
    ],
    [
      'of another guest under the same address',
      planned({ ...disk(32), id: '999', vm_id: 999 }, { ...disk(48), id: '999', vm_id: 999 }),
      /^terraform-other-guest: .* is postgres \(lxc\/999 on pve1\) in Terraform’s state|^terraform-other-guest/,
    ],
    [
      'of a guest on a node whose name begins the same',
      planned({ ...disk(32), node_name: 'pve10' }, { ...disk(48), node_name: 'pve10' }),
      /^terraform-other-guest: .*pve10/,
    ],
    [
      'of another address',
      { ...(grows as GuestPlan & { state: 'planned' }), address: 'proxmox_virtual_environment_container.web' },
      /is not what this run is about, and would be changed/,
    ],
  ])('%s', (_name, plan, says) => {
    expect(reason(declared(), wanted, ['disk'], now, plan)).toMatch(says);
  });

  it.each([
    ['there is no such guest', wanted, undefined, /^target-missing/],
    ['it is called otherwise', wanted, live({ ...now, name: 'web' }), /^target-mismatch/],
    ['it is on another node', wanted, live({ ...now, node: 'pve2' }), /^target-mismatch: postgres is on pve2/],
    ['the disk would shrink', declared({ disk: { storage: 'local-lvm', size: 16 } }), now, /a disk only grows/],
    ['the disk would move', declared({ disk: { storage: 'tank', size: 48 } }), now, /is on local-lvm/],
  ] as const)('where %s', (_name, after, guestNow, says) => {
    expect(reason(declared(), after, ['disk'], guestNow, grows)).toMatch(says);
  });

  it('where nothing could be asked, with what to set up', () => {
    expect(reason(declared(), wanted, ['disk'], now, undefined)).toMatch(
      /^unsupported-change: .* gitmend.yaml names none/,
    );
  });

  it('of a virtual machine as of a container', () => {
    const vm = declaredVm({ disk: { storage: 'local-lvm', size: 1 } });
    expect(reason(declaredVm(), vm, ['disk'], liveVm({ rootDisk: { storage: 'local-lvm', size: 32 } }), grows)).toMatch(
      /only grows/,
    );
  });
});
