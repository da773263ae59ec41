import { randomUUID } from 'node:crypto';
import { mkdtemp, readdir, rm, stat, utimes } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { botAddress, botName, type Git, gitIn } from '../../src/git/git.ts';
import { looseObjects } from '../../src/git/loose.ts';
import { emptyTree, openRepository, type Repository } from '../../src/git/repository.ts';

const at = Date.parse('2026-11-20T03:34:00.900Z');

describe('what is written into the mirror without git', () => {
  let folder: string;
  let repo: Repository;
  let git: Git;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'gitmend-writing-'));
    repo = await openRepository(join(folder, 'mirror.git'), join(folder, 'nowhere.git'));
    git = gitIn(repo.folder);
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  /** The same edits by git's own index. */
  async function byIndex(base: string | undefined, edits: Iterable<readonly [string, string | null]>): Promise<string> {
    const env = { GIT_INDEX_FILE: join(folder, `index-${randomUUID()}`) };
    if (base !== undefined) await git(['read-tree', base], { env });
    const lines: string[] = [];
    for (const [path, text] of edits) {
      const blob = async () => (await git(['hash-object', '-w', '--stdin'], { input: text ?? '' })).stdout.trim();
      lines.push(text === null ? `0 ${'0'.repeat(40)}\t${path}\0` : `100644 ${await blob()}\t${path}\0`);
    }
    await git(['update-index', '-z', '--index-info'], { env, input: lines.join('') });
    return (await git(['write-tree'], { env })).stdout.trim();
  }

  // Names whose order by bytes, by characters and as folders differs, and that take each other's place.
  const name = fc.constantFrom('a', 'a.b', 'a-b', 'a0', 'ä', '\u{1F600}', '\uFF5E', '.git-not');
  const path = fc.array(name, { minLength: 1, maxLength: 3 }).map((names) => names.join('/'));
  const text = fc.oneof<fc.MaybeWeightedArbitrary<string | null>[]>(
    { weight: 2, arbitrary: fc.constantFrom('', 'x', 'x\n', 'ö\r\n') },
    fc.constant(null),
  );
  const edits = fc.array(fc.tuple(path, text), { maxLength: 8 }).map((list) => new Map(list));

  it('is the tree that git’s index would write, byte for byte', async () => {
    await fc.assert(
      fc.asyncProperty(edits, edits, async (first, second) => {
        const base = await repo.writeTree(undefined, first);
        expect(base).toBe(await byIndex(undefined, first));
        expect(await repo.writeTree(base, second)).toBe(await byIndex(base, second));
      }),
      {
        seed: 20_261_122,
        numRuns: 15,
        // What chance seldom meets: a folder that an edit empties, and two that only their names keep apart.
        examples: [
          [
            new Map([
              ['a/a/a', 'x'],
              ['a.b', 'x'],
              ['a0', 'x'],
            ]),
            new Map([['a/a/a', null]]),
          ],
        ],
      },
    );
  });

  it('leaves alone what no edit names: modes, links, modules, and names that are no text', async () => {
    const blob = await git(['hash-object', '-w', '--stdin'], { input: 'x' }).then(({ stdout }) => stdout.trim());
    const kept = [
      `100755 blob ${blob}\trun\0`,
      `120000 blob ${blob}\tlink\0`,
      `160000 commit ${'1'.repeat(40)}\tmodule\0`,
    ];
    const inner = await git(['mktree', '-z', '--missing'], { input: kept.join('') });
    const input = `${kept.join('')}040000 tree ${inner.stdout.trim()}\tin\0`;
    const base = (await git(['mktree', '-z', '--missing'], { input })).stdout.trim();
    const edits = new Map([['in/new', 'n']]);
    expect(await repo.writeTree(base, edits)).toBe(await byIndex(base, edits));
    // One byte that is no character, as a name.
    const odd = Buffer.concat([Buffer.from('100644 \xff\0', 'latin1'), Buffer.from(blob, 'hex')]);
    const strange = await looseObjects(repo.folder)('tree', odd);
    expect(await repo.writeTree(strange, edits)).toBe(await byIndex(strange, edits));
  });

  it('is one commit with what git itself would make of it', async () => {
    const tree = await repo.writeTree(undefined, new Map([['a', '1']]));
    const parent = await repo.commit({ tree: emptyTree, parents: [], message: '', at });
    const made = async (id: string) => (await git(['cat-file', 'commit', id])).stdout;
    for (const message of ['one line', 'ended\n', 'ö\n\ntwo\n\n', '']) {
      const date = `${Math.floor(at / 1000)} +0000`;
      const env = { GIT_AUTHOR_DATE: date, GIT_COMMITTER_DATE: date };
      const theirs = await git(['commit-tree', '-p', parent, '-p', parent, '-F', '-', tree], { input: message, env });
      const ours = await repo.commit({ tree, parents: [parent, parent], message, at });
      expect(await made(ours)).toBe(await made(theirs.stdout.trim()));
      expect(ours).toBe(theirs.stdout.trim());
    }
    expect((await git(['log', '-1', '--format=%an %ae %cn %ce', parent])).stdout.trim()).toBe(
      `${botName} ${botAddress} ${botName} ${botAddress}`,
    );
  });

  it('names nothing that is not there', async () => {
    const gone = '1'.repeat(40);
    const tree = await repo.writeTree(undefined, new Map([['b', '1']]));
    const failed = { code: 'GIT_FAILED' };
    await expect(repo.writeTree(gone, new Map())).rejects.toMatchObject(failed);
    await expect(repo.commit({ tree: gone, parents: [], message: 'm', at })).rejects.toMatchObject(failed);
    await expect(repo.commit({ tree, parents: [gone], message: 'm', at })).rejects.toMatchObject(failed);
    await expect(repo.commit({ tree, parents: [tree], message: 'm', at })).rejects.toMatchObject(failed);
    await expect(repo.commit({ tree, parents: [], message: 'a\0b', at })).rejects.toMatchObject(failed);
  });

  it.each([
    '',
    '/etc/passwd',
    'a//b',
    'a/',
    '../a',
    'a/../b',
    './a',
    '.git/config',
    'a/.GIT/hooks/x',
    'GIT~1/x',
    'a\0b',
  ])('refuses the path %j, which git leaves out without a word', async (bad) => {
    await expect(repo.writeTree(undefined, new Map([[bad, 'x']]))).rejects.toMatchObject({ code: 'GIT_FAILED' });
    // In what git is told a NUL ends the path.
    if (!bad.includes('\0')) expect(await byIndex(undefined, [[bad, 'x']])).toBe(emptyTree);
  });

  it('lies there as git lays it: read-only, whole, nothing beside it, and young again where it is written again', async () => {
    const tree = await repo.writeTree(undefined, new Map([['young', 'y\n'.repeat(50_000)]]));
    const file = join(repo.folder, 'objects', tree.slice(0, 2), tree.slice(2));
    expect(((await stat(file)).mode & 0o777).toString(8)).toBe('444');
    await utimes(file, 0, 0);
    await Promise.all([1, 2, 3].map(() => repo.writeTree(undefined, new Map([['young', 'y\n'.repeat(50_000)]]))));
    expect((await stat(file)).mtimeMs).toBeGreaterThan(0);
    const left = await readdir(join(repo.folder, 'objects'), { recursive: true });
    expect(left.filter((one) => one.includes('tmp_obj'))).toEqual([]);
    const checked = await git(['fsck', '--strict', '--full', '--no-dangling']);
    expect(checked.stderr).not.toMatch(/error|warning/);
  });
});
