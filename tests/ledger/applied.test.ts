import { describe, expect, it } from 'vitest';
import type { DeclaredGuest } from '../../src/core/declared-guest.ts';
import {
  appliedRef,
  areaBefore,
  foldApplied,
  moveApplied,
  readApplied,
  type AppliedChange,
} from '../../src/ledger/applied.ts';
import type { Repository } from '../../src/git/repository.ts';
import { at, mirror, mirrors, pushFiles } from './support.ts';

const target = 'home/lxc/200';

function guest(over: Partial<DeclaredGuest> = {}): DeclaredGuest {
  return {
    ...{ file: 'guests/postgres.yaml', name: 'postgres', cluster: 'home', node: 'pve1', type: 'lxc', vmid: 200 },
    ...{ cores: 2, memory: 2048, swap: 512, disk: { storage: 'local-lvm', size: 32 }, network: { bridge: 'vmbr0' } },
    ...{ tags: [], carries: [] },
    ...over,
  };
}

/** What each merge of the default branch declares. */
const history: { [merge: string]: DeclaredGuest } = {
  m0: guest(),
  m1: guest({ memory: 3072 }),
  m2: guest({ memory: 3072, cores: 4 }),
  m3: guest({ memory: 4096, cores: 4 }),
};
const order = Object.keys(history);
const declaredAt = async (commit: string) => new Map(history[commit] === undefined ? [] : [[target, history[commit]]]);
const adopted: AppliedChange = { merge: 'm0', fields: { [target]: ['memory', 'cores', 'swap'] }, rules: true };

function folded(...changes: AppliedChange[]) {
  return foldApplied([adopted, ...changes], order, declaredAt);
}

describe('what is applied', () => {
  it('is nothing where nothing was', async () => {
    expect(await foldApplied([], order, declaredAt)).toBeUndefined();
  });

  it('holds only those fields of a merge that it declared', async () => {
    const state = await folded({ merge: 'm3', fields: { [target]: ['memory'] } });
    expect(state?.targets[target]).toMatchObject({ merge: 'm3', declaration: { memory: 4096, cores: 2 } });
  });

  it('follows the order of the default branch, whatever the order in which the runs ended', async () => {
    const early: AppliedChange = { merge: 'm1', fields: { [target]: ['memory'] } };
    const late: AppliedChange = { merge: 'm3', fields: { [target]: ['memory'] } };
    expect(await folded(late, early)).toEqual(await folded(early, late));
    expect((await folded(late, early))?.targets[target]?.declaration.memory).toBe(4096);
  });

  it('has the rules of the last merge that was about rules', async () => {
    expect((await folded({ merge: 'm1', fields: {} }))?.rules).toBe('m0');
    expect((await folded({ merge: 'm2', fields: {}, rules: true }, { merge: 'm3', fields: {} }))?.rules).toBe('m2');
  });

  it('has each area as of the last merge that moved it, and none that no merge did', async () => {
    expect(await folded({ merge: 'm1', fields: {} })).not.toHaveProperty('areas');
    const state = await folded(
      { merge: 'm3', fields: {}, areas: ['ansible'] },
      { merge: 'm1', fields: {}, areas: ['ansible', 'stacks'] },
      { merge: 'm2', fields: { [target]: ['memory'] } },
    );
    expect([state?.areas, state?.rules]).toEqual([{ ansible: 'm3', stacks: 'm1' }, 'm0']);
  });

  it('says as what an area was applied before a merge: as of the adoption where no merge moved it', () => {
    const changes: AppliedChange[] = [adopted, { merge: 'm1', fields: {}, areas: ['ansible'] }];
    expect(areaBefore(changes, order, 'm3', 'ansible')).toBe('m1');
    expect(areaBefore(changes, order, 'm1', 'ansible')).toBe('m0');
    expect(areaBefore(changes, order, 'm3', 'stacks')).toBe('m0');
  });

  it('says nothing of a target that the merge does not declare', async () => {
    const state = await folded({ merge: 'm1', fields: { 'home/lxc/999': ['memory'] } });
    expect(Object.keys(state?.targets ?? {})).toEqual([target]);
  });
});

describe('the applied pointer', () => {
  const value = { version: 1, rules: 'm0', targets: {} } as const;

  it('is read back as it was moved, in one chain', async () => {
    const repo = await mirror();
    expect(await readApplied(repo)).toBeUndefined();
    expect(await moveApplied(repo, undefined, value, at, 'adopted')).toBe(true);
    const first = await readApplied(repo);
    expect(first?.value).toEqual(value);
    expect(await moveApplied(repo, first?.tip, { ...value, rules: 'm1' }, at, 'applied')).toBe(true);
    const second = await readApplied(repo);
    expect(second?.value?.rules).toBe('m1');
    expect(second && (await repo.parents(second.tip))).toEqual([first?.tip]);
  });

  it('is moved by one of two who saw the same one', async () => {
    const [one, other] = (await mirrors(2)) as [Repository, Repository];
    await moveApplied(one, undefined, value, at, 'adopted');
    await other.fetch();
    const tip = (await readApplied(other))?.tip;
    const moves = await Promise.all([
      moveApplied(one, tip, { ...value, rules: 'm1' }, at, 'one'),
      moveApplied(other, tip, { ...value, rules: 'm2' }, at, 'other'),
    ]);
    expect(moves.toSorted()).toEqual([false, true]);
  });

  it('has a tip and no value where it cannot be read', async () => {
    const repo = await mirror();
    const tip = await pushFiles(repo, appliedRef, { 'applied.json': '{' });
    expect(await readApplied(repo)).toEqual({ tip });
  });
});
