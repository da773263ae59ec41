import { mkdir, mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { Tree } from '../core/change-set.ts';
import type { Clock } from '../core/clock.ts';
import { GitmendError, isGitmendError } from '../core/errors.ts';
import { createLocalForge } from '../forges/local/index.ts';
import { gitIn } from '../git/git.ts';

export interface Writing {
  /** Absolute. Absent, or an empty folder. */
  directory: string;
  files: Tree;
  /** Who the first commit is by. */
  by: string;
  clock: Clock;
  /**
   * `folder`: a local forge is made there and the directory is a clone of it. `url`: a repository of its own with one
   * commit, to be pushed there. `undefined`: files alone, without git.
   */
  origin: { folder: string } | { url: string } | undefined;
}

/**
 * Writes the repository beside its place and moves it there at the end: after a stop on the way there is nothing, and
 * what exists already is never written to. Throws USAGE where the place is taken.
 */
export async function writeRepository(writing: Writing): Promise<void> {
  const { directory, origin } = writing;
  const forge = origin !== undefined && 'folder' in origin ? origin.folder : undefined;
  for (const place of [directory, ...(forge === undefined ? [] : [forge])]) await refuseTaken(place);
  const workshop = await workshopBeside(directory);
  try {
    const ready = join(workshop, 'repository');
    await writeFiles(ready, writing.files);
    if (forge !== undefined) await clonedRepository(ready, forge, writing);
    else if (origin !== undefined) await ownRepository(ready, writing);
    await rename(ready, directory).catch((error: unknown) => Promise.reject(taken(directory, error)));
  } catch (error) {
    // The forge is in its place before its clone is; without it, it would be half of the whole. One that somebody
    // else made there in the same moment is theirs.
    if (forge !== undefined && !isGitmendError(error, 'FORGE_REFUSED'))
      await rm(forge, { recursive: true, force: true });
    throw error;
  } finally {
    await rm(workshop, { recursive: true, force: true });
  }
}

async function refuseTaken(place: string): Promise<void> {
  const entries = await readdir(place).catch((error: unknown) =>
    (error as NodeJS.ErrnoException).code === 'ENOENT' ? [] : Promise.reject(taken(place, error)),
  );
  if (entries.length > 0) throw taken(place);
}

function taken(place: string, cause?: unknown): GitmendError {
  const code = (cause as NodeJS.ErrnoException | undefined)?.code;
  const why = code === undefined || code === 'ENOTEMPTY' ? 'is not empty' : `cannot be used (${code})`;
  return new GitmendError('USAGE', `${place} ${why}; gitmend init never writes over anything`, { cause });
}

/** On the same file system, so that moving is one step. */
async function workshopBeside(place: string): Promise<string> {
  try {
    return await mkdtemp(join(dirname(place), `.${basename(place)}-`));
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    throw new GitmendError('USAGE', `${dirname(place)} cannot be written to (${code})`, { cause: error });
  }
}

async function ownRepository(folder: string, { by, clock, origin }: Writing): Promise<void> {
  const git = gitIn(folder, { name: by, email: `${by}@localhost` });
  const at = `@${Math.floor(clock.now() / 1000)} +0000`;
  const env = { GIT_AUTHOR_DATE: at, GIT_COMMITTER_DATE: at };
  await git(['init', '--quiet', '--template=', '--initial-branch=main', '.']);
  await git(['add', '--all', '.']);
  await git(['commit', '--quiet', '-m', 'Begin'], { env });
  if (origin !== undefined && 'url' in origin) await git(['remote', 'add', 'origin', origin.url]);
  await alsoFetch(folder);
}

/** The same files by way of the forge. */
async function clonedRepository(folder: string, forge: string, { files, by, clock }: Writing): Promise<void> {
  await mkdir(dirname(forge), { recursive: true });
  await createLocalForge({ folder: forge, files: new Map(files), by, clock });
  await rm(folder, { recursive: true });
  await gitIn(dirname(folder))(['clone', '--quiet', '--template=', join(forge, 'repo.git'), folder]);
  await alsoFetch(folder);
}

/** Plans, journals, records and notes travel with every fetch. git refuses a fetch by name of what is not there yet, so `*`. */
async function alsoFetch(folder: string): Promise<void> {
  const git = gitIn(folder);
  for (const spec of ['+refs/gitmend/*:refs/gitmend/*', '+refs/notes/gitmend*:refs/notes/gitmend*']) {
    await git(['config', '--add', 'remote.origin.fetch', spec]);
  }
}

async function writeFiles(root: string, files: Tree): Promise<void> {
  for (const [path, text] of files) {
    const file = join(root, path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, text, { flag: 'wx' });
  }
}
