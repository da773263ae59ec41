import { isoTime } from '../../core/clock.ts';
import { GitmendError } from '../../core/errors.ts';
import { branchRef } from '../branch-name.ts';
import type { Forge, NewPullRequest, PullRequest } from '../forge.ts';
import { refused } from '../refused.ts';
import type { LocalForgeContext } from './context.ts';
import { addComment } from './comments.ts';
import { commitsBetween, mergeBase, readRefs, type Refs } from './refs.ts';
import { refresh } from './refresh.ts';
import { nextNumber, openRow, pullRequestOf, pullRow, pullRows, touch, type PullRow } from './rows.ts';
import { validPullRequest } from '../texts.ts';

/** Without a title it takes the subject of the branch's last commit. */
export type UntitledPullRequest = Omit<NewPullRequest, 'title'> & { title?: string };

/** Opens the pull request, or brings title, body and labels of the open one up to date. */
export async function ensurePullRequest(context: LocalForgeContext, wanted: NewPullRequest): Promise<PullRequest> {
  const valid = validPullRequest(wanted);
  const refs = await refresh(context);
  const head =
    openRow(context, valid.branch, valid.base) === undefined ? await openableHead(context, valid, refs) : undefined;
  const number = context.database.write(() => {
    const open = openRow(context, valid.branch, valid.base);
    if (open !== undefined) return update(context, open, valid);
    // It was open before the transaction and is not any more: the next pass decides whether there shall be a new one.
    if (head === undefined)
      throw new GitmendError('FORGE_FAILED', `the pull request of ${valid.branch} ended just now`);
    return insert(context, valid, head);
  });
  return pullRequestOf(pullRow(context, number), refs);
}

/** Opens a pull request; refuses where one is open for the same branch and base, and names it. */
export async function openPullRequest(context: LocalForgeContext, wanted: UntitledPullRequest): Promise<PullRequest> {
  const valid = validPullRequest({ ...wanted, title: wanted.title ?? (await lastSubject(context, wanted.branch)) });
  const refs = await refresh(context);
  refuseSecond(context, valid);
  const head = await openableHead(context, valid, refs);
  const number = context.database.write(() => {
    refuseSecond(context, valid);
    return insert(context, valid, head);
  });
  return pullRequestOf(pullRow(context, number), refs);
}

export async function pullRequest(context: LocalForgeContext, number: number): Promise<PullRequest> {
  const refs = await refresh(context);
  return pullRequestOf(pullRow(context, number), refs);
}

export async function pullRequests(
  context: LocalForgeContext,
  { state, branch }: Parameters<Forge['pullRequests']>[0],
): Promise<PullRequest[]> {
  const refs = await refresh(context);
  return pullRows(context)
    .filter((row) => (state === 'all' || row.state === state) && (branch === undefined || row.branch === branch))
    .map((row) => pullRequestOf(row, refs));
}

export async function pullRequestOfMerge(context: LocalForgeContext, commit: string): Promise<PullRequest | undefined> {
  const refs = await refresh(context);
  const row = pullRows(context, `state = 'merged' AND merge_commit = ?`, commit)[0];
  return row && pullRequestOf(row, refs);
}

export async function commitCount(context: LocalForgeContext, number: number): Promise<number> {
  const refs = await refresh(context);
  const row = pullRow(context, number);
  if (row.commits !== null) return row.commits;
  return commitsBetween(context, tipOf(refs, row.base), pullRequestOf(row, refs).head);
}

/** Closes with a comment that says why. Closing a closed one changes nothing. */
export async function closePullRequest(context: LocalForgeContext, number: number, reason: string): Promise<void> {
  await refresh(context);
  context.database.write(() => {
    const row = pullRow(context, number);
    if (row.state === 'closed') return;
    if (row.state === 'merged') throw refused(`#${number} is merged: there is nothing to close`);
    addComment(context, number, reason);
    context.database.run(
      `UPDATE pull_request SET state = 'closed', closed_by = ?, closed_at = ? WHERE number = ?`,
      ...[context.account, isoTime(context.clock.now()), number],
    );
    touch(context, number);
  });
}

/** What changed after the cursor, everything without one, and everything for a cursor that this forge never gave. */
export async function changedSince(
  context: LocalForgeContext,
  cursor: string | undefined,
): Promise<{ numbers: number[]; cursor: string }> {
  await refresh(context);
  const rows = pullRows(context);
  const newest = Math.max(0, ...rows.map((row) => row.change));
  const known = cursor !== undefined && /^\d{1,15}$/.test(cursor) && Number(cursor) <= newest ? Number(cursor) : 0;
  return { numbers: rows.filter((row) => row.change > known).map((row) => row.number), cursor: String(newest) };
}

export function tipOf(refs: Refs, branch: string): string {
  const tip = refs.get(branchRef(branch));
  if (tip === undefined) throw refused(`there is no branch ${branch}: push it first`);
  return tip;
}

async function lastSubject(context: LocalForgeContext, branch: string): Promise<string> {
  const tip = tipOf(await readRefs(context), branch);
  return (await context.git(['show', '-s', '--format=%s', tip])).stdout.trim() || branch;
}

function refuseSecond(context: LocalForgeContext, { branch, base }: NewPullRequest): void {
  const open = openRow(context, branch, base);
  if (open !== undefined) throw refused(`#${open.number} is open already for ${branch} into ${base}`);
}

async function openableHead(context: LocalForgeContext, { branch, base }: NewPullRequest, refs: Refs): Promise<string> {
  const head = tipOf(refs, branch);
  const onto = tipOf(refs, base);
  if ((await mergeBase(context, onto, head)) === undefined)
    throw refused(`${branch} and ${base} have no common history`);
  if ((await commitsBetween(context, onto, head)) === 0) throw refused(`${branch} has no commits that ${base} has not`);
  return head;
}

function insert(context: LocalForgeContext, wanted: NewPullRequest, head: string): number {
  const now = isoTime(context.clock.now());
  const { title, body, labels, branch, base } = wanted;
  return context.database.run(
    `INSERT INTO pull_request
       (number, title, body, labels, author, branch, base, head, state, created_at, updated_at, change)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, 'open', ?, ?, (SELECT coalesce(max(change), 0) + 1 FROM pull_request))`,
    ...[nextNumber(context), title, body, JSON.stringify(labels), context.account, branch, base, head, now, now],
  );
}

function update(context: LocalForgeContext, row: PullRow, { title, body, labels }: NewPullRequest): number {
  const wanted = JSON.stringify(labels);
  if (row.title === title && row.body === body && row.labels === wanted) return row.number;
  context.database.run(
    'UPDATE pull_request SET title = ?, body = ?, labels = ? WHERE number = ?',
    ...[title, body, wanted, row.number],
  );
  touch(context, row.number);
  return row.number;
}
