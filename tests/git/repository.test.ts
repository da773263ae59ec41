import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { linkText } from '../../src/core/change-set.ts';
import { gitIn } from '../../src/git/git.ts';
import { emptyTree, openRepository, type Repository } from '../../src/git/repository.ts';

const at = Date.parse('2026-11-20T03:34:00Z');

describe('the mirror of a repository', () => {
  let folder: string;
  let remote: string;
  let one: Repository;
  let two: Repository;
  let base: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'gitmend-git-'));
    remote = join(folder, 'remote.git');
    await gitIn(folder)(['init', '--bare', '--quiet', '--initial-branch=main', remote]);
    [one, two] = [
      await openRepository(join(folder, 'one.git'), remote),
      await openRepository(join(folder, 'two.git'), remote),
    ];
    base = await write(undefined, { 'a.yaml': 'a: 1\nb: 1\nc: 1\nd: 1\n', 'folder/b.yaml': 'b: 1\n' });
    await one.push([{ ref: 'refs/heads/main', from: null, to: base }]);
    await two.fetch();
  }, 60_000);
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it('is made once by processes that begin at the same time', async () => {
    const place = join(folder, 'together.git');
    const opened = await Promise.all(Array.from({ length: 4 }, () => openRepository(place, remote)));
    for (const repo of opened) expect(await repo.treeId(emptyTree)).toBe(emptyTree);
    expect((await readdir(folder)).filter((name) => name.startsWith('together'))).toEqual(['together.git']);
  });

  async function write(
    onto: string | undefined,
    files: { [path: string]: string | null },
    message = 'm',
    in_ = one,
  ): Promise<string> {
    const tree = await in_.writeTree(onto, new Map(Object.entries(files)));
    return in_.commit({ tree, parents: onto === undefined ? [] : [onto], message, at });
  }
  const remoteTip = async (ref: string) =>
    (await gitIn(remote)(['rev-parse', '--verify', '--quiet', ref], { accept: [0, 1] })).stdout.trim();

  describe('pushes', () => {
    it('only from what a ref was seen at', async () => {
      const ref = 'refs/gitmend/lease';
      const [first, second, third] = [
        await write(base, {}, '1'),
        await write(base, {}, '2'),
        await write(base, {}, '3', two),
      ];
      expect(await one.push([{ ref, from: null, to: first }])).toBe(true);
      expect(await two.push([{ ref, from: base, to: third }])).toBe(false);
      expect(await one.push([{ ref, from: first, to: second }])).toBe(true);
      expect(await remoteTip(ref)).toBe(second);
      expect(await one.tip(ref)).toBe(second);
    });

    it('where absence is demanded only if nothing is there', async () => {
      const ref = 'refs/gitmend/absent';
      const [mine, yours] = [await write(undefined, {}, 'mine'), await write(undefined, {}, 'yours', two)];
      expect(await one.push([{ ref, from: null, to: mine }])).toBe(true);
      expect(await two.push([{ ref, from: null, to: yours }])).toBe(false);
      expect(await remoteTip(ref)).toBe(mine);
      expect(await two.tip(ref)).toBeUndefined();
    });

    it('the same object only once: who demanded that nothing was there, and finds it there, has not won', async () => {
      const ref = 'refs/gitmend/equal';
      const [mine, yours] = [await write(undefined, {}, 'same'), await write(undefined, {}, 'same', two)];
      expect(yours).toBe(mine);
      expect(await one.push([{ ref, from: null, to: mine }])).toBe(true);
      expect(await two.push([{ ref, from: null, to: yours }])).toBe(false);
    });

    it('all refs or none', async () => {
      const [free, taken] = ['refs/gitmend/free', 'refs/gitmend/taken'];
      const [mine, yours] = [await write(undefined, {}, 'holder'), await write(undefined, {}, 'asker', two)];
      await one.push([{ ref: taken, from: null, to: mine }]);
      const both = [free, taken].map((ref) => ({ ref, from: null, to: yours }));
      expect(await two.push(both)).toBe(false);
      expect([await remoteTip(free), await remoteTip(taken)]).toEqual(['', mine]);
      expect([await two.tip(free)]).toEqual([undefined]);
    });

    it('a deletion only of what was seen, and forgets it here too', async () => {
      const ref = 'refs/gitmend/going';
      const [mine, other] = [await write(undefined, {}, 'going'), await write(undefined, {}, 'other')];
      await one.push([{ ref, from: null, to: mine }]);
      expect(await one.push([{ ref, from: other, to: null }])).toBe(false);
      expect(await one.push([{ ref, from: mine, to: null }])).toBe(true);
      expect([await one.tip(ref), await remoteTip(ref)]).toEqual([undefined, '']);
    });

    it('and holds here what it pushed, also where a process that was killed left the ref locked at that moment', async () => {
      const ref = 'refs/gitmend/held';
      const [first, second] = [await write(base, {}, 'held 1'), await write(base, {}, 'held 2')];
      await one.push([{ ref, from: null, to: first }]);
      const lock = join(one.folder, `${ref}.lock`);
      await writeFile(lock, '');
      await expect(one.push([{ ref, from: first, to: second }])).rejects.toThrow(
        /update-ref ended with 128.*held\.lock/s,
      );
      expect([await remoteTip(ref), await one.tip(ref)]).toEqual([second, first]);
      await rm(lock);
      await one.fetch();
      expect(await one.tip(ref)).toBe(second);
    });

    it('to nowhere with an error that says so, and nothing with success', async () => {
      const nowhere = await openRepository(join(folder, 'nowhere.git'), join(folder, 'missing.git'));
      const commit = await nowhere.commit({ tree: emptyTree, parents: [], message: 'm', at });
      const update = { ref: 'refs/gitmend/x', from: null, to: commit };
      await expect(nowhere.push([update])).rejects.toMatchObject({ code: 'GIT_FAILED' });
      await expect(nowhere.fetch()).rejects.toMatchObject({ code: 'GIT_FAILED' });
      expect(await nowhere.push([])).toBe(true);
    });
  });

  it('follows the remote when it is fetched, deletions included', async () => {
    const ref = 'refs/heads/short-lived';
    const commit = await write(base, { 'x.txt': 'x' });
    await one.push([{ ref, from: null, to: commit }]);
    await two.fetch();
    expect(await two.tip(ref)).toBe(commit);
    await one.push([{ ref, from: commit, to: null }]);
    await Promise.all([two.fetch(), two.fetch()]);
    expect(await two.tip(ref)).toBeUndefined();
  });

  describe('trees', () => {
    it('are edited without a work tree: added, changed, deleted, a folder in place of a file', async () => {
      const commit = await write(base, {
        'a.yaml': null,
        'new/deep/c.yaml': 'c: 1\n',
        'folder/b.yaml': 'b: 2\n',
        'not-there.yaml': null,
      });
      expect([...(await one.tree(commit))]).toEqual([
        ['folder/b.yaml', 'b: 2\n'],
        ['new/deep/c.yaml', 'c: 1\n'],
      ]);
      const folded = await write(base, { 'a.yaml': null, 'a.yaml/inside.yaml': 'x: 1\n' });
      expect([...(await one.tree(folded)).keys()]).toEqual(['a.yaml/inside.yaml', 'folder/b.yaml']);
    });

    it('keep the names of files as they are, and their bytes', async () => {
      const files = {
        'ö "x"\t\\$(id)\nline.txt': '\ufeffwith a mark\r\n',
        '-rf': '',
        'a b/ü.txt': 'ü',
        ':!x': '*',
        '0,1,2': 'n',
      };
      expect(Object.fromEntries(await one.tree(await write(undefined, files)))).toEqual(files);
    });

    it('leave out what is no text, and what is larger than 1 MiB', async () => {
      const git = gitIn(one.folder);
      const blob = join(folder, 'blob');
      await writeFile(blob, Buffer.from([0xff, 0xfe, 0x00, 0x41]));
      const id = (await git(['hash-object', '-w', blob])).stdout.trim();
      const binary = (await git(['mktree'], { input: `100644 blob ${id}\tbinary\n` })).stdout.trim();
      expect([...(await one.tree(binary)).keys()]).toEqual([]);
      const { stdout } = await git(['hash-object', '-w', '--stdin'], { input: '/etc/shadow' });
      const linked = (await git(['mktree'], { input: `120000 blob ${stdout.trim()}\tlink\n` })).stdout.trim();
      expect([...(await one.tree(linked))]).toEqual([['link', linkText('/etc/shadow')]]);
      const large = await write(undefined, {
        'large.txt': 'x'.repeat(1024 * 1024 + 1),
        'most.txt': 'x'.repeat(1024 * 1024),
      });
      expect([...(await one.tree(large)).keys()]).toEqual(['most.txt']);
    });

    it('of five thousand files are read whole', async () => {
      const names = Array.from({ length: 5000 }, (_, index) => `many/${index % 50}/${index}.yaml`);
      const git = gitIn(one.folder);
      const id = (await git(['hash-object', '-w', '--stdin'], { input: 'n: 1\n' })).stdout.trim();
      const env = { GIT_INDEX_FILE: join(folder, 'index-many') };
      await git(['update-index', '--index-info'], {
        env,
        input: names.map((name) => `100644 ${id}\t${name}\n`).join(''),
      });
      const tree = await one.tree((await git(['write-tree'], { env })).stdout.trim());
      expect([tree.size, tree.get('many/7/7.yaml')]).toEqual([5000, 'n: 1\n']);
    });

    it('are written by several at once in one mirror', async () => {
      const again = await openRepository(one.folder, remote);
      const writers = Array.from({ length: 8 }, (_, index) =>
        (index % 2 === 0 ? one : again).writeTree(base, new Map([['w.yaml', `w: ${index}\n`]])),
      );
      expect(new Set(await Promise.all(writers)).size).toBe(8);
    });
  });

  describe('merges', () => {
    it('two sides, or names the files in conflict', async () => {
      const ours = await write(base, { 'a.yaml': 'a: 2\nb: 1\nc: 1\nd: 1\n' });
      const theirs = await write(base, { 'a.yaml': 'a: 1\nb: 1\nc: 1\nd: 2\n' });
      const against = await write(base, { 'a.yaml': 'a: 3\nb: 1\nc: 1\nd: 1\n', 'folder/b.yaml': null });
      const merged = await one.mergeTree(ours, theirs);
      expect('tree' in merged && (await one.tree(merged.tree)).get('a.yaml')).toBe('a: 2\nb: 1\nc: 1\nd: 2\n');
      expect(await one.mergeTree(ours, against)).toEqual({ conflicts: ['a.yaml'] });
    });

    it('nothing where the two have no common history, and says so instead of failing', async () => {
      const orphan = await write(undefined, { 'a.yaml': 'other\n' });
      expect(await one.mergeTree(base, orphan)).toEqual({ conflicts: [expect.stringContaining('no common history')] });
      await expect(one.mergeTree(base, '0'.repeat(40))).rejects.toMatchObject({ code: 'GIT_FAILED' });
    });
  });

  it('asks again for what was not there when it was asked first', async () => {
    const commit = await write(base, { 'late.txt': 'late' }, 'late', two);
    await expect(one.treeId(commit)).rejects.toMatchObject({ code: 'GIT_FAILED' });
    expect(await one.isAncestor(base, commit)).toBe(false);
    await two.push([{ ref: 'refs/heads/late', from: null, to: commit }]);
    await one.fetch();
    expect((await one.tree(commit)).get('late.txt')).toBe('late');
    expect([await one.isAncestor(base, commit), await one.parents(commit), await one.message(commit)]).toEqual([
      true,
      [base],
      'late',
    ]);
  });

  it('takes no name of a ref for an option', async () => {
    expect(await one.tip('--help')).toBeUndefined();
    expect(await one.tip('refs/heads/none')).toBeUndefined();
  });

  it('is not steered by the configuration or the hooks of whoever runs it', async () => {
    await gitIn(one.folder)(['config', 'commit.gpgsign', 'true']);
    const commit = await write(base, {}, 'unsigned');
    expect((await gitIn(one.folder)(['cat-file', 'commit', commit])).stdout).not.toContain('gpgsig');
  });
});
