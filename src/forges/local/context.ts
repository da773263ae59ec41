import type { Clock } from '../../core/clock.ts';
import { GitmendError, isGitmendError } from '../../core/errors.ts';
import { gitIn, type Git } from '../../git/git.ts';
import type { Database } from './database.ts';

/** Told before every git command, before refs are read, and around every commit of the database, so that a test can stop the process there. */
export type Trace = (point: string) => void;

/** What every operation of the local forge works with. */
export interface LocalForgeContext {
  repository: string;
  defaultBranch: string;
  account: string;
  clock: Pick<Clock, 'now'>;
  database: Database;
  git: Git;
  trace: Trace;
}

/**
 * Git in the forge's bare repository, as one account. Whatever fails in it is FORGE_FAILED, as the contract of Forge
 * wants.
 */
export function forgeGit(repository: string, account: string, trace: Trace): Git {
  const git = gitIn(repository, { name: account, email: `${account}@localhost` });
  return async (args, options) => {
    trace(`git ${args.slice(0, 2).join(' ')}`);
    try {
      return await git(args, options);
    } catch (error) {
      if (!isGitmendError(error, 'GIT_FAILED')) throw error;
      throw new GitmendError('FORGE_FAILED', error.message, { cause: error });
    }
  };
}

/** A name that git's `Name <mail>` and a terminal cannot misread. */
export function isAccountName(account: string): boolean {
  return /^[\p{L}\p{N}][\p{L}\p{N}._-]{0,62}(\[bot\])?$/u.test(account);
}

/** Throws FORGE_REFUSED for a name that cannot be an account. */
export function accountName(account: string): string {
  if (isAccountName(account)) return account;
  throw new GitmendError(
    'FORGE_REFUSED',
    `account ${JSON.stringify(account.slice(0, 80))} cannot be used: letters, digits, ".", "_" and "-", at most 63`,
  );
}
