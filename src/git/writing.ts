import { GitmendError } from '../core/errors.ts';
import { botAddress, botName, type Git } from './git.ts';
import { editTree, type ReadEntries } from './edit-tree.ts';
import { demanded } from './history.ts';
import type { ObjectWriter } from './loose.ts';
import type { ObjectReader } from './objects.ts';
import type { NewCommit, Repository } from './repository.ts';

/**
 * Trees and commits without a process for each: an edit of one file took six of git, and every one of them held up whatever
 * else was going on while it started. Only a signature is git's to make. Throws GIT_FAILED.
 */
export function writing(
  git: Git,
  objects: ObjectReader,
  entries: ReadEntries,
  write: ObjectWriter,
): Pick<Repository, 'writeTree' | 'commit'> {
  const idOf = async (name: string, type: string): Promise<string> =>
    demanded(await objects.info(`${name}^{${type}}`), name).id;
  return {
    async writeTree(base, edits) {
      return editTree(base === undefined ? undefined : await idOf(base, 'tree'), edits, entries, write);
    },
    async commit(commit) {
      if (commit.signingKey !== undefined) return signed(git, commit, commit.signingKey);
      const { message, at } = commit;
      if (message.includes('\0')) throw new GitmendError('GIT_FAILED', 'the message of a commit cannot hold a NUL');
      // Nothing is named that is not there.
      const tree = await idOf(commit.tree, 'tree');
      const parents = await Promise.all(commit.parents.map((one) => idOf(one, 'commit')));
      return write('commit', Buffer.from(commitText({ tree, parents, message, at })));
    },
  };
}

/** As git prints it: each parent once, the message as it is. */
function commitText({ tree, parents, message, at }: NewCommit): string {
  const who = `${botName} <${botAddress}> ${dateText(at)}`;
  const header = [
    `tree ${tree}`,
    ...[...new Set(parents)].map((id) => `parent ${id}`),
    `author ${who}`,
    `committer ${who}`,
  ];
  return `${header.join('\n')}\n\n${message}`;
}

async function signed(git: Git, { tree, parents, message, at }: NewCommit, key: string): Promise<string> {
  const config = ['gpg.format=ssh', `user.signingkey=${key}`];
  const args = ['commit-tree', '-S', ...parents.flatMap((parent) => ['-p', parent]), '-F', '-', tree];
  const env = { GIT_AUTHOR_DATE: dateText(at), GIT_COMMITTER_DATE: dateText(at) };
  return (await git(args, { input: message, env, config })).stdout.trim();
}

function dateText(at: number): string {
  return `${Math.floor(at / 1000)} +0000`;
}
