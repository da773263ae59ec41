import { describe, expect, it } from 'vitest';
import { isRefusal } from '../../src/core/change-set.ts';
import type { Step } from '../../src/core/step.ts';
import {
  actionsOf,
  type GuestAt,
  lostGuests,
  guestsAmong,
  type StackCodePlan,
  stackStep,
} from '../../src/terraform/index.ts';
import { declared, live } from '../declarations/guest/examples.ts';
import { type Made, made, trusted } from './examples.ts';

const type = 'proxmox_virtual_environment_container';
const address = `${type}.postgres`;
const guest = { id: '200', node_name: 'pve1', vm_id: 200, started: true, initialization: [{ hostname: 'postgres' }] };
const postgres: GuestAt = { address, guest: declared(), live: live() };

interface Given {
  changes: Made[];
  addresses?: string[];
  removed?: string[];
  guests?: GuestAt[];
}

function planned({
  changes,
  addresses,
  removed = [],
  guests = [postgres],
}: Given): StackCodePlan & { state: 'planned' } {
  const own = changes.map((one) => one.address ?? 'terraform_data.one');
  const reach = { stack: 'guests', addresses: addresses ?? own, removed, parts: [] };
  return { state: 'planned', reach, guests, plan: trusted(made(changes)) };
}

const onGuest = (before: object | null, after: object | null, rest: Made = {}): Made => ({
  ...{ address, type },
  actions: before === null ? ['create'] : after === null ? ['delete'] : ['update'],
  ...{ before, after },
  ...rest,
});
const noteMade: Made = { actions: ['create'], after: { input: 'x' } };

function step(given: Given): Step {
  const made = stackStep(planned(given));
  if (isRefusal(made) || made[0] === undefined) throw new Error(JSON.stringify(made));
  return made[0];
}

function reason(given: Given): string {
  const result = stackStep(planned(given));
  return isRefusal(result) ? `${result.reason}: ${result.message}. ${result.next}` : 'no refusal';
}

describe('what Terraform plans for a stack whose code changes', () => {
  it('is one step that binds the digest of all its actions, and says what each comes to', () => {
    const tagged = onGuest({ ...guest, start_on_boot: true }, { ...guest, start_on_boot: false });
    const given = { changes: [noteMade, tagged] };
    const digest = actionsOf(planned(given).plan);
    expect(stackStep(planned(given))).toEqual([
      {
        applier: 'terraform',
        target: 'stack/guests',
        name: 'stack guests',
        where: '2 resources',
        kind: 'change-stack',
        action: {
          kind: 'apply-terraform',
          stack: 'guests',
          addresses: ['terraform_data.one', address],
          plan: digest,
          touches: { guests: ['home/lxc/200'], restarts: [], destroys: [] },
        },
        preState: digest,
        before: {},
        after: {
          'postgres (lxc/200 on pve1)': 'start_on_boot true → false, live',
          'terraform_data.one': 'created with input x',
        },
        changes: [],
        inverse: 'irreversible',
        live: true,
        reboots: false,
        destroys: false,
      },
    ]);
  });

  it('is none where it plans nothing, or only imports a guest that stays as it is', () => {
    expect(stackStep(planned({ changes: [] }))).toEqual([]);
    const imported = onGuest(guest, guest, { actions: ['no-op'], importing: { id: 'pve1/200' } });
    expect(stackStep(planned({ changes: [imported] }))).toEqual([]);
  });

  it('is one where a resource only gets another address', () => {
    const moved = onGuest(guest, guest, { actions: ['no-op'], previous_address: `${type}.old` });
    expect(step({ changes: [moved] })).toMatchObject({ kind: 'change-stack', reboots: false });
  });

  it('says that guests restart, by name', () => {
    const given = { changes: [onGuest({ ...guest, console: 'a' }, { ...guest, console: 'b' })] };
    expect(step(given)).toMatchObject({ reboots: true, live: false });
    expect(step(given).action).toMatchObject({ touches: { restarts: ['postgres (lxc/200 on pve1)'] } });
  });

  it('does not restart a guest for which something else waits', () => {
    const waiting = { ...postgres, live: live({ pending: { memory: 8192 } }) };
    const restart = { changes: [onGuest({ ...guest, console: 'a' }, { ...guest, console: 'b' })], guests: [waiting] };
    expect(reason(restart)).toMatch(/^pending-elsewhere: memory 8192 of postgres/);
  });

  it('destroys what the change took out of the code, as a kind of its own, and nothing else', () => {
    const gone: Made = { actions: ['delete'], before: { input: 'x' } };
    expect(step({ changes: [gone], removed: ['terraform_data.one'] })).toMatchObject({
      kind: 'destroy-resource',
      destroys: true,
      action: { touches: { destroys: ['terraform_data.one'] } },
    });
    const one: Made = { ...gone, address: 'terraform_data.one["a"]' };
    const many = { changes: [one], addresses: ['terraform_data.one'], removed: ['terraform_data.one'] };
    expect(step(many)).toMatchObject({ action: { touches: { destroys: ['terraform_data.one["a"]'] } } });
    expect(reason({ changes: [gone] })).toMatch(
      /^terraform-refused: .*would be destroyed, and this pull request is not/,
    );
  });

  it('never replaces, and says what forces it', () => {
    const replaced: Made = {
      actions: ['delete', 'create'],
      before: { triggers_replace: 'a' },
      after: { triggers_replace: 'b' },
      replace_paths: [['triggers_replace']],
    };
    expect(reason({ changes: [replaced], removed: ['terraform_data.one'] })).toMatch(
      /^terraform-refused: .*made anew because triggers_replace a → b cannot be changed in place/,
    );
  });

  it('is refused outside of the addresses that the change reaches', () => {
    expect(reason({ changes: [noteMade], addresses: ['terraform_data.two'] })).toMatch(
      /^terraform-refused: .*is not what this run is about/,
    );
  });

  it.each<[string, Made, RegExp]>([
    ['destroyed', onGuest(guest, null), /^guest-in-code: .*would be destroyed by stack code. keep its resource/],
    ['forgotten', onGuest(guest, null, { actions: ['forget'] }), /^guest-in-code: .*no longer managed by stack code/],
    ['created', onGuest(null, guest), /^guest-in-code: .*would be created by stack code, although postgres is there/],
    [
      'given more memory',
      onGuest({ ...guest, memory: [{ dedicated: 1 }] }, { ...guest, memory: [{ dedicated: 2 }] }),
      /^fields-in-code: postgres .*memory\.dedicated 1 → 2.* edit guests\/postgres\.yaml instead/,
    ],
    [
      'tagged',
      onGuest({ ...guest, tags: ['a'] }, { ...guest, tags: ['b'] }),
      /^fields-in-code: postgres .*tags a → b.* edit guests\/postgres\.yaml instead/,
    ],
    ['stopped', onGuest(guest, { ...guest, started: false }), /^fields-in-code: .*started true → false/],
    [
      'another one in the state',
      onGuest({ ...guest, vm_id: 201, pool_id: 'a' }, { ...guest, vm_id: 201, pool_id: 'b' }),
      /^terraform-other-guest: .*postgres is postgres \(lxc\/201 on pve1\) in Terraform's state/,
    ],
  ])('leaves a guest to its file: it is not %s', (_name, change, says) => {
    // A destruction that the change is about as well.
    expect(reason({ changes: [change], removed: [address] })).toMatch(says);
  });

  it('touches no guest that was not applied from guests/', () => {
    const tagged = onGuest({ ...guest, tags: 'a' }, { ...guest, tags: 'b' });
    expect(reason({ changes: [tagged], guests: [] })).toMatch(
      /^guest-in-code: .*would be changed by stack code, and is no guest/,
    );
    expect(reason({ changes: [onGuest(null, guest)], guests: [{ ...postgres, live: undefined }] })).toMatch(
      /^guest-in-code: .*would be created by stack code\. declare it/,
    );
  });

  it('says everything that stands against it at once', () => {
    const both = { changes: [onGuest(guest, null), noteMade], addresses: [address] };
    expect(reason(both)).toMatch(
      /^guest-in-code: .*destroyed by stack code; .*terraform_data\.one is not what this run/,
    );
  });

  it('was done only where the step names what the change reaches now', () => {
    const { reach } = planned({ changes: [noteMade] });
    const done = step({ changes: [noteMade] });
    expect(stackStep({ state: 'done', reach, step: done })).toEqual([done]);
    const other = { ...reach, addresses: ['terraform_data.two'] };
    expect(stackStep({ state: 'done', reach: other, step: done })).toMatchObject({ reason: 'terraform-leaves-it' });
  });
});

describe('the guests of a stack', () => {
  const config = (...vmids: number[]) => ({
    resource: {
      [type]: Object.fromEntries(vmids.map((vm_id) => [`g${vm_id}`, { vm_id }])),
      other: { g: { vm_id: 200 } },
    },
  });

  it('are those whose resource has their vm_id, on either side', () => {
    const found = (...configs: unknown[]) =>
      guestsAmong(configs, [`${type}.g200`, `${type}.g201`, 'other.g'], [declared()]).map((one) => one.address);
    expect(found(config(200))).toEqual([`${type}.g200`]);
    expect(found(config(), config(200))).toEqual([`${type}.g200`]);
    expect(found(config(201))).toEqual([]);
  });

  it('may not be lost by the code, and may get another name', () => {
    const renamed = { guests: { resource: { [type]: { db: { vm_id: 200 } } } } };
    expect(lostGuests({ guests: config(200) }, renamed, [declared()])).toBeUndefined();
    expect(lostGuests({ guests: config(200) }, { guests: config() }, [declared()])?.message).toMatch(
      /postgres \(lxc\/200\)/,
    );
    expect(lostGuests({ guests: config() }, { guests: config() }, [declared()])).toBeUndefined();
  });
});
