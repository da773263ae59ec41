import { describe, expect, it } from 'vitest';
import type { Ground } from '../../src/deliver/world.ts';
import { fetchedAlready, movedIn, Pending } from '../../src/serve/moved.ts';

const refs = (some: { [name: string]: string }) => new Map(Object.entries(some));
const before = refs({
  HEAD: 'a',
  'refs/heads/main': 'a',
  'refs/heads/gitmend/resize': 'b',
  'refs/heads/other': 'c',
  'refs/gitmend/records': 'd',
  'refs/gitmend/plans/7': 'e',
  'refs/pull/7/head': 'b',
});
const open = [
  { number: 7, branch: 'gitmend/resize' },
  { number: 9, branch: 'other' },
];

describe('what moved between two readings of the refs', () => {
  it.each([
    ['nothing', {}, []],
    ['the default branch', { HEAD: 'x', 'refs/heads/main': 'x' }, 'all'],
    ['the records', { 'refs/gitmend/records': 'x' }, 'all'],
    ['a journal that is new', { 'refs/gitmend/runs/1': 'x' }, 'all'],
    ['the branch of one', { 'refs/heads/gitmend/resize': 'x', 'refs/pull/7/head': 'x' }, [7]],
    ['both branches', { 'refs/heads/gitmend/resize': 'x', 'refs/heads/other': 'y' }, [7, 9]],
    ['a branch that none is open for', { 'refs/heads/idea': 'x' }, []],
    ['what was ticked on the dashboard', { 'refs/gitmend/board': 'x' }, []],
    ['a plan, which planning wrote', { 'refs/gitmend/plans/7': 'x', 'refs/gitmend/plans/9': 'y' }, []],
  ] as const)('%s', (_, change, moved) => {
    expect(movedIn(before, new Map([...before, ...refs(change)]), open, 'main')).toEqual(moved);
  });

  it('what is gone moved, too', () => {
    const without = (name: string) => new Map([...before].filter(([ref]) => ref !== name));
    expect(movedIn(before, without('refs/heads/other'), open, 'main')).toEqual([9]);
    expect(movedIn(before, without('refs/gitmend/records'), open, 'main')).toBe('all');
  });
});

describe('what is still to be looked at', () => {
  it('grows until it is taken, once', () => {
    const pending = new Pending();
    expect(pending.empty).toBe(true);
    pending.add([]);
    expect(pending.empty).toBe(true);
    pending.add([7]);
    pending.add([9, 7]);
    expect(pending.take()).toEqual([7, 9]);
    pending.add([7]);
    pending.add('all');
    pending.add([9]);
    expect(pending.take()).toBe('all');
    expect([pending.empty, pending.take()]).toEqual([true, []]);
  });
});

describe('what follows a reading of a forge’s refs', () => {
  const read = refs({ 'refs/gitmend/runs/1': 'a', 'refs/gitmend/runs-old/2': 'b', 'refs/heads/main': 'c' });
  const again = refs({ 'refs/gitmend/runs/9': 'z' });

  function ground(kind: 'gitea' | 'local') {
    const asked: string[] = [];
    const repo = {
      fetch: async () => void asked.push('fetch'),
      refs: async (prefix: string) => (asked.push(prefix), again),
      push: async () => (asked.push('push'), true),
    };
    const { repo: wrapped } = fetchedAlready({ repo, forge: { kind } } as unknown as Ground, read);
    return { asked, repo: wrapped };
  }

  it('fetches and reads them once for both, and then as ever', async () => {
    const { asked, repo } = ground('gitea');
    await repo.fetch();
    expect([...(await repo.refs('refs/gitmend/runs/'))]).toEqual([['refs/gitmend/runs/1', 'a']]);
    expect(asked).toEqual([]);
    expect(await repo.refs('refs/gitmend/runs/')).toBe(again);
    await repo.fetch();
    expect(asked).toEqual(['refs/gitmend/runs/', 'fetch']);
  });

  it.each(['push', 'fetch'] as const)('reads them anew behind a %s', async (verb) => {
    const { asked, repo } = ground('gitea');
    await repo.fetch();
    if (verb === 'push') await repo.push([]);
    else await repo.fetch();
    expect(await repo.refs('refs/gitmend/runs/')).toBe(again);
    expect(asked).toEqual([verb, 'refs/gitmend/runs/']);
  });

  it('asks a local forge each time: there only its refs were read, and nothing fetched', async () => {
    const { asked, repo } = ground('local');
    await repo.fetch();
    await repo.refs('refs/');
    expect(asked).toEqual(['fetch', 'refs/']);
  });
});
