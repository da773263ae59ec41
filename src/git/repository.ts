import { randomUUID } from 'node:crypto';
import { mkdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Edits, Tree } from '../core/change-set.ts';
import { GitmendError, isGitmendError } from '../core/errors.ts';
import { type Git, gitIn } from './git.ts';
import { entriesIn, historyOf, isObjectId } from './history.ts';
import { looseObjects } from './loose.ts';
import { objectReader } from './objects.ts';
import { refsInFiles } from './ref-files.ts';
import { writing } from './writing.ts';

/** One ref to move: from what it must be now (`null`: absent) to what it shall be (`null`: gone). */
export interface RefUpdate {
  ref: string;
  from: string | null;
  to: string | null;
}

export interface NewCommit {
  tree: string;
  parents: readonly string[];
  message: string;
  /** Milliseconds since the epoch: author and committer date. */
  at: number;
  /** Path of an SSH key that signs it. */
  signingKey?: string;
}

/** A bare mirror of the infrastructure repository, and what gitmend does with it. No work tree is ever made. */
export interface Repository {
  readonly folder: string;
  /** Brings the mirror up to the remote: branches, notes and gitmend's refs, deletions included. */
  fetch(): Promise<void>;
  /** Tip of a ref in the mirror. */
  tip(ref: string): Promise<string | undefined>;
  /** All refs below a prefix, by full name. */
  refs(prefix: string): Promise<Map<string, string>>;
  /** The text files of a commit or tree. Kept for the next call. */
  tree(commit: string): Promise<Tree>;
  treeId(commit: string): Promise<string>;
  parents(commit: string): Promise<string[]>;
  message(commit: string): Promise<string>;
  /** The address of whoever made the commit, which is not always its author: amending changes only this one. */
  committer(commit: string): Promise<string>;
  /** First parents from `from` (excluded; `undefined`: the root) to `to`, oldest first. */
  firstParents(from: string | undefined, to: string): Promise<string[]>;
  isAncestor(ancestor: string, commit: string): Promise<boolean>;
  /** The tree that merging gives, or the paths in conflict. */
  mergeTree(ours: string, theirs: string): Promise<{ tree: string } | { conflicts: string[] }>;
  writeTree(base: string | undefined, edits: Edits): Promise<string>;
  commit(commit: NewCommit): Promise<string>;
  /** All or nothing. `false` when a ref was not what it had to be. */
  push(updates: readonly RefUpdate[]): Promise<boolean>;
}

/** The tree without files: for commits whose message is all they hold. */
export const emptyTree = '4b825dc642cb6eb9a060e54bf8d69288fbee4904';

/**
 * Opens the mirror at `folder` (made when absent) of `remote`, a path or an URL that git understands. `env` holds what git
 * needs to reach it. Throws GIT_TOO_OLD or GIT_FAILED.
 */
export async function openRepository(
  folder: string,
  remote: string,
  env: { readonly [name: string]: string } = {},
): Promise<Repository> {
  if (!(await exists(join(folder, 'HEAD')))) await createMirror(folder);
  const git = gitIn(folder);
  const objects = objectReader(folder);
  const entries = entriesIn(objects);
  return {
    folder,
    fetch: () => fetchAll(reaching(git, env), remote),
    push: (updates) => pushAll(reaching(git, env), folder, remote, updates),
    ...historyOf(git, objects, entries),
    ...reading(git, folder),
    ...writing(git, objects, entries, looseObjects(folder)),
  };
}

/** Made whole beside its place and then moved there: of two processes that begin at once, one has made it. */
async function createMirror(folder: string): Promise<void> {
  const next = `${folder}.${randomUUID()}`;
  await mkdir(next, { recursive: true });
  const git = gitIn(next);
  // Said, because a git of tomorrow may make others: objects are written here by their SHA-1.
  await git(['init', '--bare', '--quiet', '--object-format=sha1', '.']);
  // The empty tree must be there to be committed; git knows its name but not every version writes it by itself.
  await looseObjects(next)('tree', Buffer.alloc(0));
  try {
    await rename(next, folder);
  } catch (error) {
    await rm(next, { recursive: true, force: true });
    if (!(await exists(join(folder, 'HEAD')))) throw error;
  }
}

/** Git with what it needs to reach the remote. Only what talks to the remote gets it. */
function reaching(git: Git, env: { readonly [name: string]: string }): Git {
  return (args, options = {}) => git(args, { ...options, env: { ...env, ...options.env } });
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

/** Neither housekeeping nor a look at what was forced after each fetch: both are processes or walks of their own. */
const fetchOptions = [
  ...['--quiet', '--prune', '--no-tags', '--no-write-fetch-head'],
  ...['--no-auto-maintenance', '--no-show-forced-updates', '--no-recurse-submodules'],
];

/** What the mirror holds of the remote. */
const refspecs = ['+refs/heads/*:refs/heads/*', '+refs/gitmend/*:refs/gitmend/*', '+refs/notes/*:refs/notes/*'];

async function fetchAll(git: Git, remote: string): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await git(['fetch', ...fetchOptions, remote, ...refspecs]);
      return;
    } catch (error) {
      // Two processes that fetch into one mirror meet at a ref's lock file; the second attempt finds it done.
      if (
        attempt >= 5 ||
        !isGitmendError(error) ||
        !/cannot lock ref|unable to update|Unable to create/.test(error.message)
      )
        throw error;
    }
  }
}

async function pushAll(git: Git, folder: string, remote: string, updates: readonly RefUpdate[]): Promise<boolean> {
  if (updates.length === 0) return true;
  const leases = updates.map(({ ref, from }) => `--force-with-lease=${ref}:${from ?? ''}`);
  const specs = updates.map(({ ref, to }) => `${to ?? ''}:${ref}`);
  const args = ['push', '--porcelain', '--atomic', ...leases, remoteName, ...specs];
  const result = await git(args, { config: remoteSettings(remote), accept: [0, 1] });
  if (result.code === 1) {
    if (!/^!/m.test(result.stdout))
      throw new GitmendError('GIT_FAILED', `git push: ${result.stderr.trim().slice(0, 500)}`);
    return false;
  }
  // Up to date: somebody else has pushed this very commit. Whoever demanded another state before it did not move it.
  const moved = updates.filter(({ from, to }) => from !== to);
  if (
    moved.some(({ ref }) =>
      result.stdout.split('\n').some((line) => line.startsWith('=') && line.includes(`:${ref}\t`)),
    )
  )
    return false;
  // Git has brought the mirror's own refs along with the push, unless somebody else held one of them at that moment.
  const now = refsInFiles(
    folder,
    updates.map(({ ref }) => ref),
  );
  if (now !== undefined && updates.every(({ ref, to }) => (now.get(ref) ?? null) === to)) return true;
  await git(['update-ref', '--stdin'], {
    input: updates.map(({ ref, to }) => (to === null ? `delete ${ref}\n` : `update ${ref} ${to}\n`)).join(''),
  });
  return true;
}

/** What git calls the remote while it pushes. */
const remoteName = 'gitmend-remote';

/** The remote by a name, and which refs of the mirror follow it: so a push moves them, too, without a process of its own. */
function remoteSettings(remote: string): string[] {
  return [`url=${remote}`, ...refspecs.map((refspec) => `fetch=${refspec}`)].map(
    (setting) => `remote.${remoteName}.${setting}`,
  );
}

function reading(git: Git, folder: string) {
  return {
    async refs(prefix: string) {
      const found = refsInFiles(folder, [prefix]);
      if (found !== undefined) return found;
      const { stdout } = await git(['for-each-ref', '--format=%(refname) %(objectname)', prefix]);
      return new Map(lines(stdout).map((line) => line.split(' ') as [string, string]));
    },
    async isAncestor(ancestor: string, commit: string) {
      return (await git(['merge-base', '--is-ancestor', ancestor, commit], { accept: [0, 1, 128] })).code === 0;
    },
    mergeTree: mergesOnce(async (ours, theirs) => {
      const args = ['merge-tree', '--write-tree', '--name-only', '--no-messages', ours, theirs];
      const { code, stdout, stderr } = await git(args, { accept: [0, 1, 128] });
      // Whoever may push can push a branch over with something else altogether: that is an answer, too.
      const unrelated = code === 128 && stderr.includes('unrelated histories');
      if (unrelated) return { conflicts: ['every file: the two have no common history'] };
      const [tree = '', ...conflicts] = lines(stdout);
      // An object that is not here ends with 1 as well, but without the tree that a conflict still has.
      if (code === 128 || tree === '')
        throw new GitmendError('GIT_FAILED', `git merge-tree: ${stderr.trim().slice(0, 500)}`);
      return code === 0 ? { tree } : { conflicts };
    }),
  };
}

/** What merging two commits gives is asked for once, as long as the one is the same: the default branch moves on. */
function mergesOnce(merge: Repository['mergeTree']): Repository['mergeTree'] {
  let base = '';
  let known = new Map<string, Awaited<ReturnType<typeof merge>>>();
  return async (ours, theirs) => {
    if (ours !== base) known = new Map();
    base = ours;
    const mine = known;
    const answer = mine.get(theirs) ?? (await merge(ours, theirs));
    if (isObjectId(ours) && isObjectId(theirs)) mine.set(theirs, answer);
    return answer;
  };
}

function lines(text: string): string[] {
  return text.split('\n').filter((line) => line !== '');
}
