import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { declarationReader } from '../../src/deliver/declared.ts';
import { type Unit, unitsSince } from '../../src/deliver/units.ts';
import type { Ground } from '../../src/deliver/world.ts';
import type { PullRequest } from '../../src/forges/forge.ts';
import { openRepository, type Repository } from '../../src/git/repository.ts';

const guest = (name: string, vmid: number, memory: number) => `name: ${name}
cluster: home
node: pve1
vmid: ${vmid}
type: lxc
cores: 2
memory: ${memory}
swap: 0
disk: { storage: local-lvm, size: 8 }
network: { bridge: vmbr0 }
`;

describe('what came onto the default branch', () => {
  let folder: string;
  let repo: Repository;
  let begin: string;
  /** Merges by the commit that they ended in. */
  const merges = new Map<string, { number: number; head: string; commits: number }>();

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'gitmend-units-'));
    repo = await openRepository(join(folder, 'mirror.git'), join(folder, 'nowhere.git'));
    begin = await commit(undefined, {
      'guests/a.yaml': guest('a', 201, 1024),
      'guests/b.yaml': guest('b', 202, 1024),
      'README.md': 'x',
    });
  }, 60_000);
  afterAll(() => rm(folder, { recursive: true, force: true }));

  async function commit(onto: string | undefined, files: { [path: string]: string }, second?: string): Promise<string> {
    const tree = await repo.writeTree(onto, new Map(Object.entries(files)));
    const parents = [onto, second].filter((one) => one !== undefined);
    return repo.commit({ tree, parents, message: 'm\n', at: Date.parse('2026-11-20T03:34:00Z') });
  }
  const units = async (head: string) => {
    const pullRequestOfMerge = async (at: string) => merges.get(at) as PullRequest | undefined;
    const commitCount = async (number: number) =>
      [...merges.values()].find((one) => one.number === number)?.commits ?? 1;
    const ground = { repo, forge: { pullRequestOfMerge, commitCount }, declaredAt: declarationReader(repo) };
    return unitsSince(ground as unknown as Ground, begin, head);
  };
  const merged = (at: string, number: number, head: string, commits = 1) =>
    void merges.set(at, { number, head, commits });
  const a = (memory: number) => ({ 'guests/a.yaml': guest('a', 201, memory) });
  const b = (memory: number) => ({ 'guests/b.yaml': guest('b', 202, memory) });
  const inWords = ({ from, to, treeMatches, pullRequest, difference }: Unit) => ({
    ...{ from, to, treeMatches, number: pullRequest?.number },
    targets: [...difference.fields.keys()],
  });

  it('is one unit for a merge commit and for a squash, and one for a push', async () => {
    const [first, second] = [await commit(begin, a(2048)), await commit(begin, b(2048))];
    const merge = await commit(begin, a(2048), first);
    const squash = await commit(merge, b(2048));
    const push = await commit(squash, a(3072));
    merged(merge, 1, first);
    merged(squash, 2, second);
    expect((await units(push)).map(inWords)).toEqual([
      { from: begin, to: merge, treeMatches: true, number: 1, targets: ['home/lxc/201'] },
      { from: merge, to: squash, treeMatches: true, number: 2, targets: ['home/lxc/202'] },
      { from: squash, to: push, treeMatches: false, number: undefined, targets: ['home/lxc/201'] },
    ]);
  });

  it('is one unit for a rebase of three commits, although its last commit alone would match as well', async () => {
    const head = await commit(await commit(await commit(begin, a(2048)), b(2048)), a(3072));
    const moved = await commit(begin, { 'README.md': 'moved' });
    const rebased = await commit(await commit(await commit(moved, a(2048)), b(2048)), a(3072));
    merged(rebased, 3, head, 3);
    expect((await units(rebased)).map(inWords)).toEqual([
      { from: moved, to: rebased, treeMatches: true, number: 3, targets: ['home/lxc/201', 'home/lxc/202'] },
    ]);
  });

  it('takes a commit that was pushed first into the rebase that holds it too: what it is compared with decides', async () => {
    const head = await commit(await commit(begin, a(2048)), b(2048));
    const rebased = await commit(await commit(begin, a(2048)), b(2048));
    merged(rebased, 4, head, 2);
    expect((await units(rebased)).map(inWords)).toEqual([
      { from: begin, to: rebased, treeMatches: true, number: 4, targets: ['home/lxc/201', 'home/lxc/202'] },
    ]);
  });

  it.each(['merge', 'squash'])('does not match where a %s holds more than base and head', async (style) => {
    const head = await commit(begin, a(2048));
    const evil = await commit(begin, { ...a(2048), ...b(8192) }, style === 'merge' ? head : undefined);
    merged(evil, 5, head);
    expect((await units(evil)).map(inWords)).toEqual([
      { from: begin, to: evil, treeMatches: false, number: 5, targets: ['home/lxc/201', 'home/lxc/202'] },
    ]);
  });

  it('does not match where the head that was merged is not the one that the forge names', async () => {
    const [head, other] = [await commit(begin, a(2048)), await commit(begin, a(4096))];
    const merge = await commit(begin, a(2048), head);
    merged(merge, 6, other);
    expect((await units(merge)).map(({ treeMatches }) => treeMatches)).toEqual([false]);
    merged(merge, 6, '0'.repeat(40));
    expect((await units(merge)).map(({ treeMatches }) => treeMatches)).toEqual([false]);
  });

  it('does not take a push that came just before a squash into its approval', async () => {
    const head = await commit(await commit(begin, { 'README.md': 'y' }), a(2048));
    const push = await commit(begin, b(8192));
    const squash = await commit(push, { 'README.md': 'y', ...a(2048) });
    merged(squash, 7, head, 2);
    expect((await units(squash)).map(inWords)).toEqual([
      { from: begin, to: push, treeMatches: false, number: undefined, targets: ['home/lxc/202'] },
      { from: push, to: squash, treeMatches: true, number: 7, targets: ['home/lxc/201'] },
    ]);
  });

  it('is nothing where nothing is declared otherwise', async () => {
    expect(await units(await commit(begin, { 'README.md': 'words' }))).toEqual([]);
    expect(await units(begin)).toEqual([]);
  });
});
