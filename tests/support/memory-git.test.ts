import { describe, expect, it } from 'vitest';
import { emptyTree, type Repository } from '../../src/git/repository.ts';
import { mirrors } from '../ledger/support.ts';
import { memoryRemote, memoryRepository } from './memory-git.ts';

const at = Date.parse('2026-11-20T03:41:07Z');

const kinds: [string, () => Promise<Repository[]>][] = [
  ['git', () => mirrors(2)],
  [
    'memory',
    async () => {
      const remote = memoryRemote();
      return [memoryRepository(remote), memoryRepository(remote)];
    },
  ],
];

/** What the seeded runs believe of a repository: the same tests for git itself and for what stands in for it. */
describe.each(kinds)('a repository of %s', (_, open) => {
  async function two(): Promise<[Repository, Repository]> {
    return (await open()) as [Repository, Repository];
  }

  async function commitOf(
    repo: Repository,
    files: { [path: string]: string },
    parents: string[] = [],
    message = 'one\n',
  ) {
    const tree = await repo.writeTree(parents[0], new Map(Object.entries(files)));
    return repo.commit({ tree, parents, message, at });
  }

  it('shows others what was pushed once they fetch, and what was deleted', async () => {
    const [one, other] = await two();
    const commit = await commitOf(one, { 'a.txt': 'a\n' });
    expect(await one.push([{ ref: 'refs/heads/main', from: null, to: commit }])).toBe(true);
    expect(await one.tip('refs/heads/main')).toBe(commit);
    expect(await other.tip('refs/heads/main')).toBeUndefined();
    await other.fetch();
    expect(await other.tip('refs/heads/main')).toBe(commit);
    expect(await one.push([{ ref: 'refs/heads/main', from: commit, to: null }])).toBe(true);
    await other.fetch();
    expect(await other.tip('refs/heads/main')).toBeUndefined();
  });

  it('moves refs from what they must be, all or none', async () => {
    const [one, other] = await two();
    const [a, b] = [await commitOf(one, { 'a.txt': 'a\n' }), await commitOf(other, { 'a.txt': 'b\n' })];
    await one.push([{ ref: 'refs/gitmend/x', from: null, to: a }]);
    await other.fetch();
    expect(await other.push([{ ref: 'refs/gitmend/x', from: null, to: b }])).toBe(false);
    expect(
      await other.push([
        { ref: 'refs/gitmend/y', from: null, to: a },
        { ref: 'refs/gitmend/x', from: b, to: null },
      ]),
    ).toBe(false);
    await other.fetch();
    expect(await other.refs('refs/gitmend')).toEqual(new Map([['refs/gitmend/x', a]]));
    expect(await other.push([{ ref: 'refs/gitmend/x', from: a, to: b }])).toBe(true);
    expect(await other.push([{ ref: 'refs/gitmend/none', from: a, to: null }])).toBe(false);
    expect(await other.push([])).toBe(true);
  });

  it('tells exactly one of two that it pushed, also where both push the very same commit', async () => {
    const [one, other] = await two();
    const [mine, yours] = [await commitOf(one, { 'a.txt': 'a\n' }), await commitOf(other, { 'a.txt': 'a\n' })];
    expect(mine).toBe(yours);
    const answers = await Promise.all(
      [one, other].map((repo) => repo.push([{ ref: 'refs/gitmend/x', from: null, to: mine }])),
    );
    expect(answers.toSorted()).toEqual([false, true]);
    expect(await one.push([{ ref: 'refs/gitmend/x', from: mine, to: mine }])).toBe(true);
  });

  it('reads trees, messages and histories', async () => {
    const [repo] = await two();
    const a = await commitOf(repo, { 'b.txt': 'b\n', 'a/a.txt': 'a\n' });
    const b = await commitOf(repo, { 'b.txt': 'c\n' }, [a], 'two\n\nbody\n');
    const side = await commitOf(repo, { 'c.txt': 'c\n' }, [a]);
    const c = await commitOf(repo, {}, [b, side]);
    expect([...(await repo.tree(b))]).toEqual([
      ['a/a.txt', 'a\n'],
      ['b.txt', 'c\n'],
    ]);
    expect(await repo.tree(await repo.treeId(b))).toEqual(await repo.tree(b));
    expect(await repo.message(b)).toBe('two\n\nbody');
    expect(await repo.parents(c)).toEqual([b, side]);
    expect(await repo.firstParents(undefined, c)).toEqual([a, b, c]);
    expect(await repo.firstParents(a, c)).toEqual([b, c]);
    expect(await repo.firstParents(c, c)).toEqual([]);
    expect([await repo.isAncestor(side, c), await repo.isAncestor(c, side), await repo.isAncestor(a, a)]).toEqual([
      true,
      false,
      true,
    ]);
    expect(await repo.isAncestor(a, 'f'.repeat(40))).toBe(false);
    expect(await repo.tree(emptyTree)).toEqual(new Map());
  });

  it('edits, adds and deletes files', async () => {
    const [repo] = await two();
    const a = await commitOf(repo, { 'a.txt': 'a\n', 'b.txt': 'b\n' });
    const tree = await repo.writeTree(
      a,
      new Map<string, string | null>([
        ['a.txt', null],
        ['c.txt', 'c\n'],
      ]),
    );
    expect([...(await repo.tree(tree))]).toEqual([
      ['b.txt', 'b\n'],
      ['c.txt', 'c\n'],
    ]);
  });

  it('merges what does not touch, and names what does', async () => {
    const [repo] = await two();
    const lines = (...changed: string[]) =>
      ['1', '2', '3', '4', '5', '6', '7', '8']
        .map((line) => changed.find((text) => text.startsWith(line)) ?? line)
        .join('\n') + '\n';
    const base = await commitOf(repo, { 'a.txt': lines(), 'b.txt': 'b\n' });
    const ours = await commitOf(repo, { 'a.txt': lines('2 ours') }, [base]);
    const apart = await commitOf(repo, { 'a.txt': lines('7 theirs'), 'b.txt': 'c\n' }, [base]);
    const touching = await commitOf(repo, { 'a.txt': lines('2 theirs') }, [base]);
    const merged = await repo.mergeTree(ours, apart);
    expect('tree' in merged && [...(await repo.tree(merged.tree))]).toEqual([
      ['a.txt', lines('2 ours', '7 theirs')],
      ['b.txt', 'c\n'],
    ]);
    expect(await repo.mergeTree(ours, touching)).toEqual({ conflicts: ['a.txt'] });
    expect(await repo.mergeTree(ours, base)).toEqual({ tree: await repo.treeId(ours) });
  });
});
