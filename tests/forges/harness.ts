import { execFile } from 'node:child_process';
import { mkdtemp, mkdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import type { Forge } from '../../src/forges/forge.ts';

/** What a person does on a forge's pages, as another account than gitmend's. */
export interface Person {
  forge: Forge;
  review: (number: number, state: 'approved' | 'changes-requested' | 'commented') => Promise<{ id: string }>;
  dismiss: (number: number, review: string) => Promise<void>;
  comment: (number: number, body: string) => Promise<{ id: string }>;
  /** Opens one from a branch of their fork, which `forkRef` has the place of; its number. Absent: there are no forks. */
  proposeFromFork?: (branch: string, base: string, body?: string) => Promise<number>;
}

/** One forge with one repository whose default branch holds `guests/postgres.yaml` and `README.md`. */
export interface ForgeUnderTest {
  /** Acts as gitmend. */
  forge: Forge;
  /** Edits a comment of gitmend's own, as somebody with its token could. */
  editComment: (number: number, id: string, body: string) => Promise<void>;
  /** Who reacted how to a comment; absent where a test cannot see that. */
  reactions?: (comment: string) => Promise<{ by: string; reaction: string }[]>;
  /** The person of that name; where accounts are few it is one of another name: `forge.self` tells. */
  as: (account: string) => Promise<Person>;
  dispose: () => Promise<void>;
}

export const begin = new Map([
  ['guests/postgres.yaml', 'name: postgres\ncores: 2\nmemory: 2048\nswap: 512\ndisk: 32\n'],
  ['README.md', 'home lab\n'],
]);

/** A clone that a person works in with plain git: the only way that files reach a forge. */
export interface Clone {
  /** Commits the files on top of the branch (a new one starts at `from`, or the default branch) and pushes. Returns the commit. */
  push: (
    branch: string,
    files: { [path: string]: string },
    options?: { from?: string; force?: boolean },
  ) => Promise<string>;
  deleteBranch: (branch: string) => Promise<void>;
  tip: (branch: string) => Promise<string>;
  files: (commit: string) => Promise<{ [path: string]: string }>;
  parents: (commit: string) => Promise<string[]>;
  /** `author|committer|subject` of a commit. */
  told: (commit: string) => Promise<string>;
  message: (commit: string) => Promise<string>;
  git: (...args: string[]) => Promise<string>;
  dispose: () => Promise<void>;
}

const run = promisify(execFile);

export async function cloneOf(
  forge: Pick<Forge, 'remote' | 'gitEnv' | 'defaultBranch'>,
  person = 'alice',
): Promise<Clone> {
  const folder = await mkdtemp(join(tmpdir(), 'gitmend-clone-'));
  const git = async (...args: string[]): Promise<string> => {
    const identity = ['-c', `user.name=${person}`, '-c', `user.email=${person}@example.org`];
    const clean = { PATH: process.env['PATH'], GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1' };
    const env = { ...clean, GIT_TERMINAL_PROMPT: '0', ...forge.gitEnv };
    return (await run('git', [...identity, '-C', folder, ...args], { env })).stdout;
  };
  await git('clone', '--quiet', forge.remote, '.');
  const fetched = async (commit: string): Promise<string> => {
    await git('fetch', '--quiet', '--prune', 'origin');
    return commit;
  };
  return {
    git,
    push: async (branch, files, { from, force = false } = {}) => {
      await git('fetch', '--quiet', '--prune', 'origin');
      const start = from ?? (await startOf(git, branch, forge.defaultBranch));
      await git('checkout', '--quiet', '--detach', start);
      for (const [path, text] of Object.entries(files)) {
        await mkdir(dirname(join(folder, path)), { recursive: true });
        await writeFile(join(folder, path), text);
      }
      await git('add', '--all');
      await git('commit', '--quiet', '--allow-empty', '-m', `change ${Object.keys(files).join(', ')}`);
      await git('push', '--quiet', ...(force ? ['--force'] : []), 'origin', `HEAD:refs/heads/${branch}`);
      return (await git('rev-parse', 'HEAD')).trim();
    },
    deleteBranch: async (branch) => {
      await git('push', '--quiet', 'origin', `:refs/heads/${branch}`);
    },
    tip: async (branch) => (await git('ls-remote', 'origin', `refs/heads/${branch}`)).split('\t')[0] ?? '',
    files: async (commit) => filesOf(git, await fetched(commit)),
    parents: async (commit) =>
      (await git('show', '-s', '--format=%P', await fetched(commit))).trim().split(' ').filter(Boolean),
    told: async (commit) => (await git('show', '-s', '--format=%an|%cn|%s', await fetched(commit))).trim(),
    message: async (commit) => git('show', '-s', '--format=%B', await fetched(commit)),
    dispose: () => rm(folder, { recursive: true, force: true }),
  };
}

type GitCommand = (...args: string[]) => Promise<string>;

async function startOf(git: GitCommand, branch: string, defaultBranch: string): Promise<string> {
  const known = await git('for-each-ref', '--format=%(refname)', `refs/remotes/origin/${branch}`);
  return known.trim() === '' ? `refs/remotes/origin/${defaultBranch}` : known.trim();
}

async function filesOf(git: GitCommand, commit: string): Promise<{ [path: string]: string }> {
  const names = (await git('ls-tree', '-r', '-z', '--name-only', commit)).split('\0').filter(Boolean);
  const texts = await Promise.all(names.map((name) => git('show', `${commit}:${name}`)));
  return Object.fromEntries(names.map((name, index) => [name, texts[index] ?? '']));
}
