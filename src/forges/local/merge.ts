import { isoTime } from '../../core/clock.ts';
import { GitmendError } from '../../core/errors.ts';
import { branchRef } from '../branch-name.ts';
import type { Forge, PullRequest } from '../forge.ts';
import { refused } from '../refused.ts';
import type { LocalForgeContext } from './context.ts';
import { mergeCommit, type Merging } from './merge-commit.ts';
import { refuseUnprotected } from './protection.ts';
import { tipOf } from './pull-requests.ts';
import { noteMerged, refresh, takeBack, type Attempt } from './refresh.ts';
import { commitsBetween, type Refs } from './refs.ts';
import { headOf, pullRequestOf, pullRow, type PullRow } from './rows.ts';

type MergeOptions = Parameters<Forge['merge']>[1];

/** How often others may merge in between before it is called a failure. */
const rounds = 50;

/**
 * Merges the head that the caller saw. The order makes it safe to be killed anywhere: commits without a ref, then the
 * attempt in the database, then the ref by compare-and-swap, then the pull request; whoever reads next settles an
 * attempt by asking git. Throws FORGE_REFUSED, with nothing changed, for a moved head, a conflict and protection.
 */
export async function merge(context: LocalForgeContext, number: number, options: MergeOptions): Promise<PullRequest> {
  for (let round = 0; round < rounds; round += 1) {
    const refs = await refresh(context);
    const row = pullRow(context, number);
    if (row.state === 'merged') return sameMerge(row, refs, options);
    refuseUnmergeable(context, row, refs, options);
    const attempt = await prepared(context, row, refs, options);
    if (!announced(context, attempt)) continue;
    if (await moved(context, attempt, row.base)) {
      noteMerged(context, attempt);
      return pullRequestOf(pullRow(context, number), refs);
    }
    takeBack(context, attempt);
  }
  throw new GitmendError('FORGE_FAILED', `#${number} could not be merged: its base moved ${rounds} times meanwhile`);
}

/** The same request again is answered with the merge that it led to. */
function sameMerge(row: PullRow, refs: Refs, { head }: MergeOptions): PullRequest {
  if (row.head === head) return pullRequestOf(row, refs);
  throw refused(`#${row.number} was merged as ${short(row.head)}, not as ${short(head)}`);
}

function refuseUnmergeable(context: LocalForgeContext, row: PullRow, refs: Refs, { head, style }: MergeOptions): void {
  if (row.state === 'closed') throw refused(`#${row.number} is closed`);
  if (!refs.has(branchRef(row.branch))) throw refused(`#${row.number}: its branch ${row.branch} was deleted`);
  const now = headOf(row, refs);
  if (now !== head)
    throw refused(`#${row.number} moved: its head is ${short(now)} now, not ${short(head)}; look at it again`);
  if (row.base === context.defaultBranch) refuseUnprotected(context, row.number, head, style);
}

async function prepared(
  context: LocalForgeContext,
  row: PullRow,
  refs: Refs,
  { style, head, message }: MergeOptions,
): Promise<Attempt> {
  const { number, title, branch, base } = row;
  const onto = tipOf(refs, base);
  const now = context.clock.now();
  const merging: Merging = { number, title, branch, base, head, onto, style, message, at: Math.floor(now / 1000) };
  return {
    merge_commit: await mergeCommit(context, merging),
    number,
    onto,
    head,
    commits: await commitsBetween(context, onto, head),
    by: context.account,
    at: isoTime(now),
  };
}

/**
 * Makes the attempt durable, unless somebody else's turned up meanwhile that was made on another tip: that one may be
 * merged already, and asking git again tells.
 */
function announced(context: LocalForgeContext, attempt: Attempt): boolean {
  const { merge_commit, number, onto, head, commits, by, at } = attempt;
  return context.database.write(() => {
    const others = context.database.all('SELECT 1 FROM attempt WHERE number = ? AND onto <> ?', number, onto);
    if (pullRow(context, number).state !== 'open' || others.length > 0) return false;
    context.database.run(
      'INSERT OR REPLACE INTO attempt (merge_commit, number, onto, head, commits, by, at) VALUES (?, ?, ?, ?, ?, ?, ?)',
      ...[merge_commit, number, onto, head, commits, by, at],
    );
    return true;
  });
}

/** Moves the base from the tip that the merge was made on, and from nowhere else. */
async function moved(
  context: LocalForgeContext,
  { merge_commit, onto, number }: Attempt,
  base: string,
): Promise<boolean> {
  const args = ['update-ref', '-m', `merge of #${number}`, branchRef(base), merge_commit, onto];
  const { code, stderr } = await context.git(args, { accept: [0, 1, 128] });
  // A git that was killed may leave its lock; asking again does not help, and only a person can tell that it is dead.
  if (/\.lock': File exists/.test(stderr))
    throw new GitmendError('FORGE_FAILED', `#${number} was not merged: ${stderr.trim()}`);
  return code === 0;
}

function short(commit: string): string {
  return commit.slice(0, 7);
}
