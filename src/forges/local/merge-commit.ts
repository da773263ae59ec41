import type { GitOptions } from '../../git/git.ts';
import type { MergeStyle } from '../forge.ts';
import { refused } from '../refused.ts';
import type { LocalForgeContext } from './context.ts';
import { isIn, mergeBase } from './refs.ts';

export interface Merging {
  number: number;
  title: string;
  branch: string;
  base: string;
  head: string;
  /** Tip of the base that the merge is made on. */
  onto: string;
  style: MergeStyle;
  message: string | undefined;
  /** Seconds since the epoch. */
  at: number;
}

/**
 * Writes the commits of a merge and returns the last one (M). No ref moves and no work tree is needed, so a process that
 * dies here leaves nothing behind. Throws FORGE_REFUSED for a conflict and for a merge that would change nothing.
 */
export async function mergeCommit(context: LocalForgeContext, merging: Merging): Promise<string> {
  const { head, onto, base, branch } = merging;
  if ((await mergeBase(context, onto, head)) === undefined)
    throw refused(`${branch} and ${base} have no common history`);
  if (await isIn(context, head, onto)) throw refused(`nothing to merge: ${base} already holds ${branch}`);
  if (merging.style === 'rebase') return rebased(context, merging);
  const tree = await mergedTree(context, onto, head, merging);
  const parents = merging.style === 'merge' ? [onto, head] : [onto];
  return commitTree(context, tree, parents, messageOf(merging), dates(merging.at));
}

function messageOf({ style, message, number, title, branch }: Merging): string {
  const own = message === undefined || message.trim() === '' ? undefined : message.toWellFormed().replaceAll('\0', '');
  return (
    own ??
    (style === 'merge' ? `Merge pull request #${number} from ${branch}\n\n${title}\n` : `${title} (#${number})\n`)
  );
}

/** Each commit replayed on the tip, oldest first; merges, and what the base has already, are left out as git rebase does. */
async function rebased(context: LocalForgeContext, merging: Merging): Promise<string> {
  const listed = await context.git([
    ...['rev-list', '--reverse', '--topo-order', '--no-merges', '--cherry-pick', '--right-only'],
    `${merging.onto}...${merging.head}`,
  ]);
  let tip = merging.onto;
  for (const commit of listed.stdout.split('\n').filter((line) => line !== '')) {
    tip = await replayed(context, commit, tip, merging);
  }
  if (tip === merging.onto) throw refused(`nothing to merge: ${merging.base} already has these changes`);
  return tip;
}

async function replayed(context: LocalForgeContext, commit: string, tip: string, merging: Merging): Promise<string> {
  const tree = await pickedTree(context, commit, tip, merging);
  if (tree === (await treeOf(context, tip))) return tip;
  const shown = await context.git(['show', '-s', '--format=%an%x00%ae%x00%ad%x00%B', '--date=raw', commit]);
  const [name = '', email = '', date = '', ...message] = shown.stdout.split('\0');
  const author = {
    GIT_AUTHOR_NAME: name === '' ? 'unknown' : name,
    GIT_AUTHOR_EMAIL: email,
    GIT_AUTHOR_DATE: `@${date}`,
    GIT_COMMITTER_DATE: dates(merging.at).GIT_COMMITTER_DATE,
  };
  return commitTree(context, tree, [tip], message.join('\0'), author);
}

/**
 * A cherry-pick is a merge whose base is the commit's parent. `merge-tree` takes the base from history (its --merge-base
 * came with git 2.40), so three commits of the right trees are given one.
 */
async function pickedTree(context: LocalForgeContext, commit: string, tip: string, merging: Merging): Promise<string> {
  const env = dates(merging.at);
  const parent = await context.git(['rev-parse', '--verify', '--quiet', `${commit}^`], { accept: [0, 1] });
  const before = parent.code === 0 ? await treeOf(context, parent.stdout.trim()) : await emptyTree(context);
  const base = await commitTree(context, before, [], 'base', env);
  const ours = await commitTree(context, await treeOf(context, tip), [base], 'ours', env);
  const theirs = await commitTree(context, await treeOf(context, commit), [base], 'theirs', env);
  return mergedTree(context, ours, theirs, merging);
}

async function mergedTree(
  context: LocalForgeContext,
  ours: string,
  theirs: string,
  { number, base }: Merging,
): Promise<string> {
  const merged = await context.git(['merge-tree', '--write-tree', '--name-only', '--no-messages', ours, theirs], {
    accept: [0, 1],
  });
  const [tree = '', ...files] = merged.stdout.split('\n').filter((line) => line !== '');
  if (merged.code === 1) throw refused(`#${number} conflicts with ${base} in ${files.join(', ')}; nothing was changed`);
  return tree;
}

async function treeOf(context: LocalForgeContext, commit: string): Promise<string> {
  return (await context.git(['rev-parse', '--verify', `${commit}^{tree}`])).stdout.trim();
}

async function emptyTree(context: LocalForgeContext): Promise<string> {
  return (await context.git(['mktree'])).stdout.trim();
}

async function commitTree(
  context: LocalForgeContext,
  tree: string,
  parents: string[],
  message: string,
  env: NonNullable<GitOptions['env']>,
): Promise<string> {
  const args = ['commit-tree', tree, ...parents.flatMap((parent) => ['-p', parent]), '-F', '-'];
  return (await context.git(args, { input: message, env })).stdout.trim();
}

function dates(at: number): { GIT_AUTHOR_DATE: string; GIT_COMMITTER_DATE: string } {
  return { GIT_AUTHOR_DATE: `@${at} +0000`, GIT_COMMITTER_DATE: `@${at} +0000` };
}
