import { describe, expect, it } from 'vitest';
import { actionsOf, against, widerThan } from '../../src/terraform/index.ts';
import { made, planned, trusted } from './examples.ts';

const base = [{ address: 'terraform_data.a', before: { input: 1 }, after: { input: 2 } }];
const nothing = { destroys: [], replaces: [] };

describe('the digest of what a plan does', () => {
  it('is the same for the same actions, whatever was read on the way and in whichever order', () => {
    const b = { address: 'terraform_data.b', before: { input: 1 }, after: { input: 5 } };
    const read = { address: 'data.x.y', actions: ['read'] };
    const one = trusted(made([...base, b], { timestamp: '2026-11-20T00:00:00Z' }));
    expect(actionsOf(trusted(made([read, b, ...base])))).toBe(actionsOf(one));
  });

  it.each([
    ['another value', [{ address: 'terraform_data.a', before: { input: 1 }, after: { input: 3 } }]],
    ['another value before', [{ address: 'terraform_data.a', before: { input: 0 }, after: { input: 2 } }]],
    ['another address', [{ address: 'terraform_data.b', before: { input: 1 }, after: { input: 2 } }]],
    ['a replacement of it', [{ ...base[0], actions: ['delete', 'create'] }]],
    ['one more', [...base, { address: 'terraform_data.b', actions: ['delete'] }]],
    ['none', []],
  ])('differs for %s', (_, changes) => {
    expect(actionsOf(trusted(made(changes)))).not.toBe(actionsOf(trusted(made(base))));
  });
});

describe('an import', () => {
  const also = { address: 'terraform_data.b', actions: ['no-op'], importing: { id: 'y' } };

  it.each([
    ['with a change', [{ ...base[0], importing: { id: 'x' } }]],
    ['beside a change', [...base, also]],
  ])('%s is no action: an apply that failed behind it plans the rest under the same digest', (_, changes) => {
    expect(actionsOf(trusted(made(changes)))).toBe(actionsOf(trusted(made(base))));
    expect(widerThan(trusted(made(changes)), trusted(made(base)))).toEqual([]);
  });

  it('is not named where something else is wider', () => {
    const other = { ...base[0], after: { input: 9 } };
    expect(widerThan(trusted(made(base)), trusted(made([other, also])))).toEqual([
      'terraform_data.a would be changed otherwise than was shown (update)',
    ]);
  });

  it('under another address is one: the state would name it otherwise', () => {
    const moved = { address: 'terraform_data.b', actions: ['no-op'], previous_address: 'terraform_data.old' };
    expect(actionsOf(trusted(made([...base, moved])))).not.toBe(actionsOf(trusted(made(base))));
  });
});

describe('a plan that was made again', () => {
  it('goes on where it does the same', () => {
    expect(widerThan(trusted(made(base)), trusted(made(base)))).toEqual([]);
  });

  it('names what is new, what is otherwise and what is gone', () => {
    const reviewed = trusted(made([...base, { address: 'terraform_data.gone', after: { input: 1 } }]));
    const now = trusted(
      made([
        { ...base[0], after: { input: 9 } },
        { address: 'terraform_data.new', actions: ['delete'] },
      ]),
    );
    expect(widerThan(reviewed, now)).toEqual([
      'terraform_data.a would be changed otherwise than was shown (update)',
      'terraform_data.new was not shown, and would be changed too (destroy)',
      'terraform_data.gone was to be changed, and would not be',
    ]);
  });
});

describe('what stands against a plan', () => {
  it('is every destruction and replacement that the pull request is not about, and every objection', () => {
    expect(against(planned('wild'), nothing)).toEqual([
      'terraform_data.note runs a provisioner (local-exec), and no plan shows what that does',
      'nextcloud (lxc/201 on pve1) would be destroyed, and this pull request is not about that',
      'postgres (lxc/200 on pve1) would be destroyed and made anew because unprivileged true → false cannot be changed in place, and this pull request is not about that',
    ]);
  });

  it('is nothing where the pull request is about exactly that', () => {
    const plan = trusted(
      made([
        { address: 'terraform_data.a', actions: ['delete'] },
        { address: 'terraform_data.b', actions: ['delete', 'create'] },
      ]),
    );
    expect(against(plan, { destroys: ['terraform_data.a'], replaces: ['terraform_data.b'] })).toEqual([]);
    expect(against(plan, { destroys: ['terraform_data.b'], replaces: ['terraform_data.a'] })).toHaveLength(2);
  });

  it('is a change outside of the addresses of this run', () => {
    const plan = trusted(made([...base, { address: 'terraform_data.b', after: { input: 1 } }]));
    expect(against(plan, { ...nothing, targets: ['terraform_data.a'] })).toEqual([
      'terraform_data.b is not what this run is about, and would be changed',
    ]);
  });

  it('is that a guest would only be forgotten', () => {
    expect(against(trusted(made([{ actions: ['forget'] }])), nothing)).toEqual([
      'terraform_data.one would be forgotten: left running, and no longer managed',
    ]);
  });
});
