import { execFile } from 'node:child_process';
import { appendFile, mkdtemp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Git in a folder, by argv, as one account. Rejects with git's own words. */
export async function git(folder: string, args: readonly string[], by = 'forge'): Promise<string> {
  const mail = `${by}@noreply.localhost`;
  const env = {
    PATH: process.env['PATH'],
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_CONFIG_NOSYSTEM: '1',
    LC_ALL: 'C',
    GIT_AUTHOR_NAME: by,
    GIT_AUTHOR_EMAIL: mail,
    GIT_COMMITTER_NAME: by,
    GIT_COMMITTER_EMAIL: mail,
  };
  const { stdout } = await run('git', ['-C', folder, ...args], { env, maxBuffer: 64 * 1024 * 1024 });
  return stdout;
}

/** The commit that a name stands for, or `undefined`. */
export async function commitAt(folder: string, name: string): Promise<string | undefined> {
  const args = ['rev-parse', '--verify', '--quiet', '--end-of-options', `${name}^{commit}`];
  return (await git(folder, args).catch(() => '')).trim() || undefined;
}

/**
 * The tips of all branches by their short names. Read from git's own files, because a forge is asked for something all the
 * time and a process for each answer is most of what a test waits for. Loose ones first: what is packed meanwhile is found then.
 */
export async function branchTips(folder: string): Promise<Map<string, string>> {
  const loose = await looseRefs(join(folder, 'refs', 'heads'));
  const packed = await readFile(join(folder, 'packed-refs'), 'utf8').catch(() => '');
  const found = packed.matchAll(/^([0-9a-f]{40,64}) refs\/heads\/(.+)$/gm);
  return new Map([...[...found].map(([, sha = '', name = '']) => [name, sha] as const), ...loose]);
}

async function looseRefs(folder: string): Promise<[string, string][]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  const files = entries.filter((entry) => entry.isFile() && !entry.name.endsWith('.lock'));
  const read = files.map(async ({ parentPath, name }): Promise<[string, string]> => {
    const path = join(parentPath, name);
    return [relative(folder, path), (await readFile(path, 'utf8').catch(() => '')).trim()];
  });
  return (await Promise.all(read)).filter(([, sha]) => sha !== '');
}

/**
 * Where the branches of somebody's fork lie here: in the repository itself, because a fork has its objects. A person pushes
 * there as they would push to their fork.
 */
export function forkRef(login: string, branch: string): string {
  return `refs/forks/${login}/${branch}`;
}

/** `ann:fix` is the branch `fix` of ann's fork, `fix` and `OWNER:fix` are one of the repository: as both APIs write it. */
export function headOf(text: string, owner: string): { branch: string; fork?: string } {
  const [, login, branch = ''] = /^(?:([^:]+):)?(.*)$/s.exec(text) ?? [];
  return login === undefined || login === owner ? { branch } : { branch, fork: login };
}

export async function countCommits(folder: string, from: string, to: string): Promise<number> {
  return Number((await git(folder, ['rev-list', '--count', `${from}..${to}`])).trim());
}

/** A bare repository whose default branch holds these files in one commit. */
export async function makeRepository(
  folder: string,
  defaultBranch: string,
  files: ReadonlyMap<string, string>,
  by: string,
): Promise<void> {
  await mkdir(folder, { recursive: true });
  await git(folder, ['init', '--quiet', '--bare', `--initial-branch=${defaultBranch}`, '.']);
  // It lives for minutes: git need not look after each push whether it should tidy up.
  await appendFile(join(folder, 'config'), '[receive]\n\tautogc = false\n');
  await inWorkTree(folder, undefined, async (tree) => {
    for (const [path, text] of files) {
      await mkdir(dirname(join(tree, path)), { recursive: true });
      await writeFile(join(tree, path), text);
    }
    await git(tree, ['add', '--all', '--force']);
    await git(tree, ['commit', '--quiet', '--allow-empty', '-m', 'Begin'], by);
    await git(tree, ['push', '--quiet', folder, `HEAD:refs/heads/${defaultBranch}`]);
  });
}

/** A clone that is thrown away: the way forges merge. */
export async function inWorkTree<T>(
  repository: string,
  at: string | undefined,
  work: (folder: string) => Promise<T>,
): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'forge-merge-'));
  try {
    await git(folder, ['clone', '--quiet', '--shared', '--no-checkout', repository, '.']);
    if (at !== undefined) await git(folder, ['checkout', '--quiet', '--detach', at]);
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
