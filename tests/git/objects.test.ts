import { spawnSync } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { gitIn } from '../../src/git/git.ts';
import { objectReader } from '../../src/git/objects.ts';

let folder: string;
const git = (...args: string[]) => gitIn(folder)(args);
const blob = async (text: string) =>
  (await gitIn(folder)(['hash-object', '-w', '--stdin'], { input: text })).stdout.trim();

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gitmend-objects-'));
  await git('init', '--bare', '--quiet', '.');
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** The processes of git that read objects in the folder. */
function readers(): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((name) => {
      try {
        const words = readFileSync(`/proc/${name}/cmdline`, 'utf8').split('\0');
        return words.includes(folder) && words.includes('cat-file');
      } catch {
        return false;
      }
    })
    .map(Number);
}

describe('the reader of objects', () => {
  it('answers each question with its own answer, however many are asked at once', async () => {
    const texts = ['', 'one', 'two\nlines\n', `${'long '.repeat(200_000)}end`, 'missing', 'größer → 😀'];
    const ids = await Promise.all(texts.map(blob));
    const reader = objectReader(folder);
    const questions = ids.flatMap((id, at) => [
      reader.contents(id).then((found) => expect(found?.bytes.toString()).toBe(texts[at])),
      reader.info('refs/heads/none').then((found) => expect(found).toBeUndefined()),
      reader.info(id).then((found) => expect(found).toMatchObject({ id, type: 'blob' })),
    ]);
    await Promise.all(questions);
    expect(readers()).toHaveLength(1);
  });

  it('sees a ref where it is now, and an object that was not there before', async () => {
    const reader = objectReader(folder);
    const [first, second] = [await blob('first'), await blob('second')];
    await git('update-ref', 'refs/gitmend/moving', first);
    expect((await reader.info('refs/gitmend/moving'))?.id).toBe(first);
    await git('update-ref', 'refs/gitmend/moving', second);
    expect((await reader.info('refs/gitmend/moving'))?.id).toBe(second);
    await git('pack-refs', '--all');
    await git('update-ref', '-d', 'refs/gitmend/moving');
    expect(await reader.info('refs/gitmend/moving')).toBeUndefined();
    const later = 'cc1cb7e0d5bf92a3aa9d5db3d0a6c7ec4a1a0d0e';
    expect(await reader.contents(later)).toBeUndefined();
    const third = await blob('third');
    expect((await reader.contents(third))?.bytes.toString()).toBe('third');
  });

  it.each(['', 'refs/heads/a\nrefs/heads/b', 'a\0b', '--batch-all-objects', 'x missing', ' '])(
    'a name that is none is not there, and the next question has its answer (%j)',
    async (name) => {
      const reader = objectReader(folder);
      const id = await blob('after');
      const both = await Promise.all([reader.info(name), reader.contents(name), reader.contents(id)]);
      expect(both.map((found) => found?.id)).toEqual([undefined, undefined, id]);
    },
  );

  it('asks again when its git is killed, as by a Ctrl-C', async () => {
    const reader = objectReader(folder);
    const id = await blob('again');
    await reader.info(id);
    for (const pid of readers()) process.kill(pid, 'SIGINT');
    expect((await reader.contents(id))?.bytes.toString()).toBe('again');
  });

  it('says what git says where it cannot read', async () => {
    const reader = objectReader(join(folder, 'nowhere'));
    await expect(reader.info('HEAD')).rejects.toMatchObject({ code: 'GIT_FAILED' });
    await expect(reader.info('HEAD')).rejects.toThrow(/cannot change to|No such file/);
  });

  it('keeps no process from ending, and ends with it', () => {
    const module = join(import.meta.dirname, '../../src/git/objects.ts');
    const script = `
      import { objectReader } from ${JSON.stringify(module)};
      const found = await objectReader(${JSON.stringify(folder)}).info('HEAD^{tree}');
      process.stdout.write(String(found));`;
    const before = readers().length;
    const ran = spawnSync(process.execPath, ['--input-type=module', '--eval', script], {
      encoding: 'utf8',
      timeout: 20_000,
      killSignal: 'SIGKILL',
    });
    expect(ran).toMatchObject({ status: 0, stdout: 'undefined' });
    expect(readers().length).toBeLessThanOrEqual(before);
  });
});
