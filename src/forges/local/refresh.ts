import type { LocalForgeContext } from './context.ts';
import { isIn, pullRef, readRefs, type Refs } from './refs.ts';
import { headOf, pullRows, touch, type PullRow } from './rows.ts';

/** The intent of a merge: made before the ref moves, so that whoever comes next can tell whether it did. */
export interface Attempt {
  merge_commit: string;
  number: number;
  /** Tip of the base that it was made on: the ref moves only from there. */
  onto: string;
  head: string;
  commits: number;
  by: string;
  at: string;
}

/**
 * Brings the database up to the repository: pushes move heads, and a merge whose process died is settled by what git
 * says. Everything that reads or writes begins with it, and gets the refs that it saw.
 *
 * The rows are read before the refs: so an attempt whose base has moved on without it can never succeed any more, and a
 * head that is written was the tip after the one that it replaces.
 */
export async function refresh(context: LocalForgeContext): Promise<Refs> {
  const attempts = context.database.all('SELECT * FROM attempt') as unknown as Attempt[];
  const rows = pullRows(context);
  const refs = await readRefs(context);
  for (const attempt of attempts) await settle(context, attempt, refs);
  noteHeads(context, rows, refs);
  await keepHeads(context, rows, refs);
  return refs;
}

/** Git says that the attempt's commit is on the base: then it is merged, whatever else was noted meanwhile. */
export function noteMerged(context: LocalForgeContext, attempt: Attempt): void {
  context.database.write(() => {
    const { number, merge_commit, onto, head, commits, by, at } = attempt;
    const open = pullRows(context, `number = ? AND state <> 'merged'`, number).length > 0;
    if (open) {
      context.database.run(
        `UPDATE pull_request SET state = 'merged', head = ?, gone = 0, merged_at = ?, merged_by = ?, merge_commit = ?,
           merged_onto = ?, commits = ?, closed_by = NULL, closed_at = NULL WHERE number = ?`,
        ...[head, at, by, merge_commit, onto, commits, number],
      );
      touch(context, number);
    }
    context.database.run('DELETE FROM attempt WHERE number = ?', number);
  });
}

async function settle(context: LocalForgeContext, attempt: Attempt, refs: Refs): Promise<void> {
  const { base } = pullRows(context, 'number = ?', attempt.number)[0] ?? { base: context.defaultBranch };
  const tip = refs.get(`refs/heads/${base}`);
  if (tip !== undefined && (await isIn(context, attempt.merge_commit, tip))) {
    noteMerged(context, attempt);
  } else if (tip !== attempt.onto) {
    takeBack(context, attempt);
  }
  // Otherwise its process may be about to move the ref, or dead: nobody needs to know, the next one reads again.
}

/** The base moved on without it: its compare-and-swap fails for ever. */
export function takeBack(context: LocalForgeContext, attempt: Attempt): void {
  context.database.write(() =>
    context.database.run('DELETE FROM attempt WHERE merge_commit = ?', attempt.merge_commit),
  );
}

function noteHeads(context: LocalForgeContext, rows: PullRow[], refs: Refs): void {
  const moved = rows.filter(
    (row) => row.state === 'open' && (headOf(row, refs) !== row.head || isGone(row, refs) !== row.gone),
  );
  if (moved.length === 0) return;
  context.database.write(() => {
    for (const row of moved) {
      // Whoever was faster has noted the same or something newer.
      const same = pullRows(
        context,
        `number = ? AND state = 'open' AND head = ? AND gone = ?`,
        row.number,
        row.head,
        row.gone,
      );
      if (same.length === 0) continue;
      context.database.run(
        'UPDATE pull_request SET head = ?, gone = ? WHERE number = ?',
        ...[headOf(row, refs), isGone(row, refs), row.number],
      );
      touch(context, row.number);
    }
  });
}

function isGone(row: PullRow, refs: Refs): number {
  return refs.has(`refs/heads/${row.branch}`) ? 0 : 1;
}

/**
 * `refs/pull/N/head`, as on other forges: the approved commits stay readable when the branch is deleted. Anyone who may
 * push can write these refs, so nothing reads them as truth; here they are only put right again.
 */
async function keepHeads(context: LocalForgeContext, rows: PullRow[], refs: Refs): Promise<void> {
  const wrong = rows.filter((row) => refs.get(pullRef(row.number)) !== headOf(row, refs));
  if (wrong.length === 0) return;
  const input = wrong.map((row) => `update ${pullRef(row.number)} ${headOf(row, refs)}\n`).join('');
  // Two processes may do the same at once, and one then finds the ref locked: the next read sees to it.
  await context.git(['update-ref', '--stdin'], { input, accept: [0, 1, 128] });
}
