import { describe, expect, it } from 'vitest';
import { isRefusal } from '../../src/core/change-set.ts';
import { type GuestPlan, newGuestStep } from '../../src/terraform/index.ts';
import { declared, live } from '../declarations/guest/examples.ts';
import { made, type Made, trusted } from './examples.ts';

const address = 'proxmox_virtual_environment_container.postgres';
const after = { vm_id: 200, node_name: 'pve1', started: true, initialization: [{ hostname: 'postgres' }] };

function planned(change: Made = {}): GuestPlan {
  const one = { address, type: 'proxmox_virtual_environment_container', actions: ['create'], after, ...change };
  return { state: 'planned', stack: 'guests', address, plan: trusted(made([one])) };
}

function reason(...args: Parameters<typeof newGuestStep>): string {
  const result = newGuestStep(...args);
  return isRefusal(result) ? `${result.reason}: ${result.message}` : 'no refusal';
}

describe('a guest that is declared and not there', () => {
  it('is one step that creates it, with its sizes by the names that policies bound', () => {
    expect(newGuestStep(declared(), undefined, planned())).toMatchObject([
      {
        kind: 'create-guest',
        where: 'lxc/200 on pve1',
        before: {},
        after: { cores: 2, memory: 2048, swap: 512, disk: 32 },
        changes: expect.arrayContaining([{ field: 'memory', before: null, after: 2048, unit: 'MiB' }]) as unknown,
        inverse: 'irreversible',
        destroys: false,
      },
    ]);
  });

  it('is looked for stopped where its stack leaves it so', () => {
    const stopped = planned({ after: { ...after, started: false } });
    expect(newGuestStep(declared(), undefined, stopped)).toMatchObject([{ after: { status: 'stopped' } }]);
  });

  it('was created only where it is as declared, whatever a record says', () => {
    const [step] = newGuestStep(declared(), undefined, planned()) as never[];
    const done: GuestPlan = { state: 'done', step: step as never };
    expect(newGuestStep(declared(), live(), done)).toEqual([step]);
    expect(reason(declared(), undefined, done)).toMatch(/although it is not there/);
    expect(reason(declared({ memory: 4096 }), live(), done)).toMatch(/although it differs in memory/);
  });

  it.each<[string, ReturnType<typeof live> | undefined, GuestPlan | undefined, RegExp]>([
    ['something is there under its vmid', live({ name: 'web' }), planned(), /lxc\/200 is on pve1 already, called web/],
    ['nothing could be asked', undefined, undefined, /^unsupported-change: postgres is new in this repository/],
    [
      'the state holds it already',
      undefined,
      planned({ actions: ['update'], before: after }),
      /^terraform-other-guest: .*its state holds/,
    ],
    [
      'it would be made anew',
      undefined,
      planned({ actions: ['delete', 'create'], before: after }),
      /destroyed and made anew/,
    ],
    [
      'it could not be planned',
      undefined,
      { state: 'refused', refusal: { refused: true, reason: 'terraform-locked', message: 'held', next: '' } },
      /^terraform-locked: held/,
    ],
  ])('is refused where %s', (_name, now, plan, says) => {
    expect(reason(declared(), now, plan)).toMatch(says);
  });
});
