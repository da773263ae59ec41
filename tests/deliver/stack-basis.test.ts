import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import type { DeclaredGuest } from '../../src/core/declared-guest.ts';
import { printGuestTarget } from '../../src/core/target.ts';
import type { Declared } from '../../src/deliver/declared.ts';
import { differenceOf } from '../../src/deliver/difference.ts';
import { askedOf, stackBasis, stackData } from '../../src/deliver/terraform.ts';
import type { Applied } from '../../src/ledger/applied.ts';
import { declared, live } from '../declarations/guest/examples.ts';

const target = 'home/lxc/200';
const disk = (size: number) => ({ storage: 'local-lvm', size });

function commit(...guests: DeclaredGuest[]): Declared {
  return {
    commit: 'c',
    tree: new Map(guests.map(({ file, ...rest }) => [file, JSON.stringify(rest)])),
    config: undefined,
    policies: undefined,
    guests: new Map(guests.map((guest) => [printGuestTarget(guest), guest])),
    faults: [],
  };
}

function applied(...guests: DeclaredGuest[]): Applied {
  const targets = guests.map((declaration) => [printGuestTarget(declaration), { declaration, merge: 'm' }] as const);
  return { version: 1, rules: 'm', targets: Object.fromEntries(targets) };
}

/** What the stack is synthesized from for a guest that was applied, is declared on the head, and is to be changed. */
function basisOf(was: DeclaredGuest, head: DeclaredGuest, after: DeclaredGuest, now = live()) {
  const [before, data] = [commit(head), commit(after)];
  const [difference, past] = [differenceOf(before, data), applied(was)];
  const basis = stackBasis(before, data, { difference, applied: past, operations: [] });
  const asked = askedOf(basis, { applied: past, live: new Map([[target, now]]), difference, operations: [] });
  return { asked, file: parse(stackData(basis, target, now).tree.get(was.file) ?? '') as DeclaredGuest };
}

describe('what a guest’s stack is synthesized from', () => {
  it('is what was applied and what this difference changes, and of its sizes what is live', () => {
    const pushed = declared({ cores: 8, network: { bridge: 'evil0' } });
    const after = { ...pushed, disk: disk(48), memory: 4096 };
    const { asked, file } = basisOf(
      declared(),
      pushed,
      after,
      live({ running: { cores: 3, memory: 2048, swap: 512 } }),
    );
    expect(asked).toEqual([target]);
    expect(file).toMatchObject({ disk: disk(48), cores: 3, memory: 2048, network: declared().network });
    expect(file).not.toHaveProperty('file');
  });

  it('says of what waits for a restart what will be, as the provider reads it, so that it is not taken back', () => {
    const now = live({ pending: { memory: 6144 } });
    expect(basisOf(declared(), declared(), declared({ disk: disk(48) }), now).file).toMatchObject({ memory: 6144 });
  });

  it('is the data itself where the file says exactly what the steps leave, so that one synthesis serves both', () => {
    const data = commit(declared({ disk: disk(48) }));
    const [before, past] = [commit(declared()), applied(declared())];
    const basis = stackBasis(before, data, { difference: differenceOf(before, data), applied: past, operations: [] });
    expect(stackData(basis, target, live())).toBe(data);
    const busier = stackData(basis, target, live({ running: { cores: 3, memory: 2048, swap: 512 } }));
    expect([busier.commit, busier.tree.get(declared().file)]).toEqual([
      `c for ${target}`,
      expect.stringContaining('cores: 3'),
    ]);
    // Nobody asked for Terraform about it: whatever lies there is taken as it is.
    expect(stackData(basis, 'home/lxc/999', undefined)).toBe(data);
  });

  it('is not the data where its file says something that was never applied', () => {
    const pushed = declared({ tags: ['pushed'] });
    const [before, data] = [commit(pushed), commit({ ...pushed, disk: disk(48) })];
    const past = applied(declared({ tags: [] }));
    const basis = stackBasis(before, data, { difference: differenceOf(before, data), applied: past, operations: [] });
    const made = stackData(basis, target, live());
    expect(made).not.toBe(data);
    expect(parse(made.tree.get(declared().file) ?? '')).toMatchObject({ tags: [], disk: disk(48) });
  });

  it('needs no Terraform where only sizes, tags or what it carries differ', () => {
    const { asked } = basisOf(declared(), declared(), declared({ memory: 4096, tags: ['critical'] }));
    expect(asked).toEqual([]);
  });

  it('needs none where the file only goes back to what was applied', () => {
    expect(basisOf(declared(), declared({ disk: disk(48) }), declared()).asked).toEqual([]);
  });

  it('asks for a new guest only while there is none', () => {
    const [before, data] = [commit(), commit(declared())];
    const difference = differenceOf(before, data);
    const basis = stackBasis(before, data, { difference, applied: applied(), operations: [] });
    const asked = (there: boolean) =>
      askedOf(basis, {
        applied: applied(),
        live: new Map(there ? [[target, live()]] : []),
        difference,
        operations: [],
      });
    expect([asked(false), asked(true)]).toEqual([[target], []]);
    // Also of one that was there under this number before, was applied, and went.
    const again = { applied: applied(declared()), live: new Map(), difference, operations: [] };
    expect(askedOf(basis, again)).toEqual([target]);
  });
});
