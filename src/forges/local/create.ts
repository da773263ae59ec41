import { existsSync } from 'node:fs';
import { appendFile, mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join, resolve, sep } from 'node:path';
import type { Clock } from '../../core/clock.ts';
import { branchRef } from '../branch-name.ts';
import { refused } from '../refused.ts';
import { accountName, forgeGit } from './context.ts';
import { openDatabase } from './database.ts';

export interface CreateLocalForge {
  folder: string;
  /** Default: `main`. */
  defaultBranch?: string;
  /** Path → text, or a directory whose files are taken as git would (without what its .gitignore names). */
  files: ReadonlyMap<string, string> | { directory: string };
  /** The account that the first commit is by. */
  by: string;
  /** Default: `Begin`. */
  message?: string;
  clock: Pick<Clock, 'now'>;
}

/**
 * Makes a forge with one commit in a folder. `repo.git` appears last and at once: a process killed on the way leaves a
 * folder without a forge, and the same call makes it. Throws FORGE_REFUSED where there is one already.
 */
export async function createLocalForge(options: CreateLocalForge): Promise<void> {
  const { folder, by } = options;
  if (existsSync(join(folder, 'repo.git'))) throw refused(`${folder} holds a forge already`);
  accountName(by);
  await mkdir(folder, { recursive: true });
  const workshop = await mkdtemp(join(folder, '.new-'));
  try {
    await makeRepository(join(workshop, 'repo.git'), join(workshop, 'files'), options);
    openDatabase(join(folder, 'forge.sqlite'), () => undefined).close();
    await putInPlace(join(workshop, 'repo.git'), folder);
  } finally {
    await rm(workshop, { recursive: true, force: true });
  }
}

async function makeRepository(repository: string, scratch: string, options: CreateLocalForge): Promise<void> {
  const { files, by, defaultBranch = 'main', message = 'Begin', clock } = options;
  const branch = branchRef(defaultBranch);
  await mkdir(repository);
  const git = forgeGit(repository, by, () => undefined);
  await git(['init', '--quiet', '--bare', '--template=', `--initial-branch=${defaultBranch}`, '.']);
  await appendFile(join(repository, 'config'), settings);
  const isMap = files instanceof Map;
  if (isMap) await writeFiles(scratch, files);
  const workTree = isMap ? scratch : resolve((files as { directory: string }).directory);
  const at = `@${Math.floor(clock.now() / 1000)} +0000`;
  const env = { GIT_INDEX_FILE: `${scratch}.index`, GIT_AUTHOR_DATE: at, GIT_COMMITTER_DATE: at };
  const here = [`--git-dir=${repository}`, `--work-tree=${workTree}`];
  await git([...here, 'add', '--all', ...(isMap ? ['--force'] : []), workTree], { env });
  const tree = (await git(['write-tree'], { env })).stdout.trim();
  const commit = (await git(['commit-tree', tree, '-F', '-'], { env, input: `${message}\n` })).stdout.trim();
  await git(['update-ref', branch, commit, '']);
}

const settings = `[core]
	# What was answered survives a power cut.
	fsync = committed
	# Milliseconds: pushes and merges at the same moment wait for each other instead of failing.
	filesRefLockTimeout = 5000
	packedRefsTimeout = 5000
	logAllRefUpdates = true
[uploadpack]
	# As on other forges: a commit can be fetched by its id after its branch is gone.
	allowAnySHA1InWant = true
`;

async function writeFiles(root: string, files: ReadonlyMap<string, string>): Promise<void> {
  await mkdir(root);
  for (const [path, text] of files) {
    const file = resolve(root, path);
    const parts = path.split('/');
    if (!file.startsWith(root + sep) || parts.some((part) => part.toLowerCase() === '.git' || part === '..')) {
      throw refused(`${JSON.stringify(path)} is not a path inside a repository`);
    }
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, text);
  }
}

/** A rename is all or nothing, and of two the second finds the place taken. */
async function putInPlace(repository: string, folder: string): Promise<void> {
  try {
    await rename(repository, join(folder, 'repo.git'));
  } catch (error) {
    if (!existsSync(join(folder, 'repo.git'))) throw error;
    throw refused(`${folder} holds a forge already`);
  }
}
