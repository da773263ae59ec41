import { refsInFiles } from '../../git/ref-files.ts';
import type { LocalForgeContext } from './context.ts';

/** Ref name → commit, of branches and of the heads of pull requests. */
export type Refs = ReadonlyMap<string, string>;

/** Reads all branches and `refs/pull/N/head` at one moment. */
export async function readRefs(context: Pick<LocalForgeContext, 'git' | 'repository' | 'trace'>): Promise<Refs> {
  context.trace('refs');
  const found = refsInFiles(context.repository, ['refs/heads', 'refs/pull']);
  if (found !== undefined) return found;
  const listed = await context.git(['for-each-ref', '--format=%(objectname) %(refname)', 'refs/heads', 'refs/pull']);
  return new Map(
    listed.stdout
      .split('\n')
      .filter((line) => line !== '')
      .map((line): [string, string] => [line.slice(line.indexOf(' ') + 1), line.slice(0, line.indexOf(' '))]),
  );
}

/** Whether the commit is in the history of the other. A commit that is not there is in no history. */
export async function isIn(context: LocalForgeContext, commit: string, history: string): Promise<boolean> {
  const answer = await context.git(['merge-base', '--is-ancestor', commit, history], { accept: [0, 1, 128] });
  return answer.code === 0;
}

/** Number of commits that `head` has and `base` has not. */
export async function commitsBetween(context: LocalForgeContext, base: string, head: string): Promise<number> {
  return Number((await context.git(['rev-list', '--count', head, `^${base}`])).stdout);
}

/** Where the two histories part, or undefined when they have nothing in common. */
export async function mergeBase(context: LocalForgeContext, one: string, other: string): Promise<string | undefined> {
  const answer = await context.git(['merge-base', one, other], { accept: [0, 1] });
  return answer.code === 0 ? answer.stdout.trim() : undefined;
}

export function pullRef(number: number): string {
  return `refs/pull/${number}/head`;
}
