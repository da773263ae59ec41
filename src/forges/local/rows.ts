import { isoTime } from '../../core/clock.ts';
import type { PullRequest } from '../forge.ts';
import { refused } from '../refused.ts';
import type { LocalForgeContext } from './context.ts';
import type { Refs } from './refs.ts';

/** A pull request as the database holds it. `head` is the one seen last. */
export interface PullRow {
  number: number;
  title: string;
  body: string;
  /** JSON list of strings. */
  labels: string;
  author: string;
  branch: string;
  base: string;
  head: string;
  /** 1: the branch of an open pull request was deleted. */
  gone: number;
  state: PullRequest['state'];
  created_at: string;
  updated_at: string;
  merged_at: string | null;
  merged_by: string | null;
  merge_commit: string | null;
  /** Tip of the base that the merge was made on. */
  merged_onto: string | null;
  commits: number | null;
  closed_by: string | null;
  closed_at: string | null;
  change: number;
}

type Database = Pick<LocalForgeContext, 'database'>;

export function pullRows({ database }: Database, where = 'TRUE', ...values: (string | number)[]): PullRow[] {
  return database.all(`SELECT * FROM pull_request WHERE ${where} ORDER BY number`, ...values) as unknown as PullRow[];
}

/** Throws FORGE_REFUSED where there is no such pull request. */
export function pullRow(context: Database, number: number): PullRow {
  const row = Number.isSafeInteger(number) ? pullRows(context, 'number = ?', number)[0] : undefined;
  if (row === undefined) throw refused(`there is no pull request #${number}`);
  return row;
}

/** The present one for the branch. Only one can be open: the database refuses a second. */
export function openRow(context: Database, branch: string, base: string): PullRow | undefined {
  return pullRows(context, `state = 'open' AND branch = ? AND base = ?`, branch, base)[0];
}

/** Pull requests and issues share their numbers, as on other forges. Inside the transaction that takes it. */
export function nextNumber({ database }: Database): number {
  const row = database.first(
    `SELECT 1 + max(coalesce((SELECT max(number) FROM pull_request), 0), coalesce((SELECT max(number) FROM issue), 0)) AS next`,
  );
  return Number(row?.['next']);
}

/** Throws FORGE_REFUSED where the number is neither a pull request nor an issue. */
export function refuseNoThread({ database }: Database, number: number): void {
  const either = `SELECT 1 FROM pull_request WHERE number = ?1 UNION ALL SELECT 1 FROM issue WHERE number = ?1`;
  if (!Number.isSafeInteger(number) || database.first(either, number) === undefined)
    throw refused(`there is no pull request or issue #${number}`);
}

/** Notes that the pull request, or issue, changed now. Every write of one ends with this, inside the same transaction. */
export function touch(context: LocalForgeContext, number: number): void {
  context.database.run('UPDATE issue SET updated_at = ? WHERE number = ?', isoTime(context.clock.now()), number);
  context.database.run(
    'UPDATE pull_request SET updated_at = ?, change = (SELECT max(change) + 1 FROM pull_request) WHERE number = ?',
    isoTime(context.clock.now()),
    number,
  );
}

/** What everybody sees of it: the head of an open one is the tip of its branch now. */
export function pullRequestOf(row: PullRow, refs: Refs): PullRequest {
  return {
    number: row.number,
    title: row.title,
    body: row.body,
    author: row.author,
    branch: row.branch,
    base: row.base,
    head: headOf(row, refs),
    state: row.state,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    ...(row.merged_at === null ? {} : { mergedAt: row.merged_at }),
    ...(row.merged_by === null ? {} : { mergedBy: row.merged_by }),
    ...(row.merge_commit === null ? {} : { mergeCommit: row.merge_commit }),
    ...(row.closed_by === null ? {} : { closedBy: row.closed_by }),
    ...(row.closed_at === null ? {} : { closedAt: row.closed_at }),
    fork: false,
  };
}

export function headOf(row: PullRow, refs: Refs): string {
  return row.state === 'open' ? (refs.get(`refs/heads/${row.branch}`) ?? row.head) : row.head;
}
