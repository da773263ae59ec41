import { GitmendError } from '../core/errors.ts';
import { runGit } from './run.ts';

export interface GitOptions {
  /** Standard input. */
  input?: string;
  /** Added to the clean environment below. */
  env?: { [name: string]: string };
  /** Git's settings for this one call: `name=value` each. */
  config?: readonly string[];
  /** Exit codes that are answers, not errors. Default: only 0. */
  accept?: number[];
  /** Seconds. */
  timeout?: number;
}

export interface GitResult {
  code: number;
  stdout: string;
  stderr: string;
}

/** Runs one git command in a folder. Argv only, never a shell. */
export type Git = (args: readonly string[], options?: GitOptions) => Promise<GitResult>;

// Nothing of the user's own git configuration may change what gitmend does: no hooks, no signing, no prompts, no pager.
const clean = {
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_TERMINAL_PROMPT: '0',
  GIT_OPTIONAL_LOCKS: '0',
  // A commit is what its id says, whatever refs/replace would show in its place.
  GIT_NO_REPLACE_OBJECTS: '1',
  LC_ALL: 'C',
};
/** The name and the address with which gitmend commits. */
export const botName = 'gitmend';
export const botAddress = 'gitmend@localhost';

/** Before every command. */
export const fixedOptions = ['-c', 'core.hooksPath=/dev/null', '-c', 'gc.auto=0', '-c', 'advice.detachedHead=false'];

/** What git sees of this process's environment, and nothing else of it. */
export function gitEnvironment(): { [name: string]: string | undefined } {
  return { PATH: process.env['PATH'], HOME: process.env['HOME'], ...clean };
}

/**
 * Git for one folder (`--git-dir` for a bare repository). `who` is author and committer of what it writes.
 * Throws GIT_FAILED with git's own words for any exit code that is not accepted, GIT_MISSING where there is no git.
 */
export function gitIn(folder: string, who = { name: botName, email: botAddress }): Git {
  const identity = {
    GIT_AUTHOR_NAME: who.name,
    GIT_AUTHOR_EMAIL: who.email,
    GIT_COMMITTER_NAME: who.name,
    GIT_COMMITTER_EMAIL: who.email,
  };
  return async (args, options = {}) => {
    const settings = (options.config ?? []).flatMap((setting) => ['-c', setting]);
    const result = await runGit([...fixedOptions, ...settings, '-C', folder, ...args], {
      env: { ...gitEnvironment(), ...identity, ...options.env },
      input: options.input ?? '',
      timeout: (options.timeout ?? 120) * 1000,
      mostOutput: 256 * 1024 * 1024,
    });
    if (result.missing)
      throw new GitmendError('GIT_MISSING', `git ${args[0] ?? ''} could not be started: ${result.why}`);
    const code = result.code ?? -1;
    const [stdout, stderr] = [result.stdout.toString(), result.stderr.toString()];
    if (!(options.accept ?? [0]).includes(code)) {
      const said = (stderr || stdout || result.why || 'nothing').trim().slice(0, 2000);
      throw new GitmendError('GIT_FAILED', `git ${args[0] ?? ''} ended with ${code}: ${said}`, {
        details: { args: [...args] },
      });
    }
    return { code, stdout, stderr };
  };
}
