import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Git, gitIn } from '../../src/git/git.ts';
import { headBranch, refsInFiles } from '../../src/git/ref-files.ts';
import { openRepository } from '../../src/git/repository.ts';

describe('refs read from where git keeps them', () => {
  let folder: string;
  let git: Git;
  let [one, two] = ['', ''];
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'gitmend-refs-'));
    git = gitIn(folder);
    await git(['init', '--bare', '--quiet', '--initial-branch=deep/main', '.']);
    const tree = (await git(['hash-object', '-t', 'tree', '-w', '--stdin'])).stdout.trim();
    const written = async (message: string) => (await git(['commit-tree', tree, '-m', message])).stdout.trim();
    [one, two] = [await written('1'), await written('2')];
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  const all = ['refs/gitmend/', 'refs/heads', 'refs/gitmend/applied', 'refs/gitm', 'refs/none/', 'refs/'];
  /** What git lists, which is the measure. */
  async function listed(prefix: string): Promise<[string, string][]> {
    const { stdout } = await git(['for-each-ref', '--format=%(refname) %(objectname)', prefix]);
    return stdout.split('\n').flatMap((line) => (line === '' ? [] : [line.split(' ') as [string, string]]));
  }
  async function equalsGit(): Promise<void> {
    for (const prefix of all)
      expect([prefix, ...(refsInFiles(folder, [prefix]) ?? ['?'])]).toEqual([prefix, ...(await listed(prefix))]);
  }

  it('are those that git lists, in its order: as files, packed, both, moved after it, and gone', async () => {
    await equalsGit();
    for (const name of [
      'gitmend/plans/10',
      'gitmend/plans/9',
      'gitmend/applied',
      'gitmend-other/x',
      'heads/a/b',
      'heads/a-b',
    ])
      await git(['update-ref', `refs/${name}`, one]);
    await git(['tag', '-a', 'v1', '-m', 'peeled', one]);
    await equalsGit();
    expect([...(refsInFiles(folder, ['refs/heads', 'refs/gitmend/applied']) ?? [])]).toEqual([
      ['refs/gitmend/applied', one],
      ['refs/heads/a-b', one],
      ['refs/heads/a/b', one],
    ]);
    await git(['pack-refs', '--all']);
    expect(await readdir(join(folder, 'refs', 'heads'))).toEqual([]);
    await equalsGit();
    await git(['update-ref', 'refs/heads/a/b', two]);
    await git(['update-ref', '-d', 'refs/gitmend/plans/9']);
    await equalsGit();
    expect(refsInFiles(folder, ['refs/heads'])?.get('refs/heads/a/b')).toBe(two);
  });

  it('are no refs while git still writes them', async () => {
    await git(['update-ref', 'refs/heads/main', one]);
    await writeFile(join(folder, 'refs', 'heads', 'main.lock'), two);
    await equalsGit();
  });

  it.each<[string, () => Promise<unknown>]>([
    ['names another', () => git(['symbolic-ref', 'refs/heads/also', 'refs/heads/main'])],
    ['holds nothing, as a power cut leaves it', () => writeFile(join(folder, 'refs', 'heads', 'cut'), '')],
    ['is kept in another way', () => mkdir(join(folder, 'reftable'))],
    ['is packed as nobody packs', () => writeFile(join(folder, 'packed-refs'), 'something else\n')],
    [
      'has a name that is no text',
      () => writeFile(Buffer.concat([Buffer.from(`${folder}/refs/heads/`), Buffer.from([0xff])]), one),
    ],
    ['lies in a folder that is gone', () => rm(folder, { recursive: true })],
  ])('are left to git where one %s', async (_what, make) => {
    await git(['update-ref', 'refs/heads/main', one]);
    expect(refsInFiles(folder, ['refs/heads'])?.size).toBe(1);
    await make();
    expect(refsInFiles(folder, ['refs/heads'])).toBeUndefined();
  });

  it('come from git through the mirror then, and not as none', async () => {
    const mirror = await openRepository(folder, 'nowhere');
    await git(['update-ref', 'refs/heads/main', one]);
    await git(['symbolic-ref', 'refs/heads/also', 'refs/heads/main']);
    expect([...(await mirror.refs('refs/heads/'))]).toEqual([
      ['refs/heads/also', one],
      ['refs/heads/main', one],
    ]);
    await rm(folder, { recursive: true });
    await expect(mirror.refs('refs/heads/')).rejects.toMatchObject({ code: 'GIT_FAILED' });
  });

  it('HEAD names its branch, or git is asked', async () => {
    expect(headBranch(folder)).toBe('deep/main');
    await writeFile(join(folder, 'HEAD'), `${one}\n`);
    expect(headBranch(folder)).toBeUndefined();
    expect(headBranch(join(folder, 'none'))).toBeUndefined();
  });
});
