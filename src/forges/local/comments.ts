import { isoTime } from '../../core/clock.ts';
import type { Comment, Reaction, SaidComment } from '../forge.ts';
import { markerIn, markerText, withMarker } from '../markers.ts';
import { refused } from '../refused.ts';
import type { LocalForgeContext } from './context.ts';
import type { Row } from './database.ts';
import { refresh } from './refresh.ts';
import { refuseNoThread, touch } from './rows.ts';
import { saidText } from '../texts.ts';

/** One comment of this account per marker, edited in place. What other accounts wrote is never taken for it. */
export async function ensureComment(
  context: LocalForgeContext,
  number: number,
  marker: string,
  body: string,
): Promise<Comment> {
  await refresh(context);
  const text = withMarker(saidText(body), marker);
  return context.database.write(() => {
    const present = commentsOf(context, number).find(
      (comment) => comment.author === context.account && markerIn(comment.body) === markerText(marker),
    );
    return present === undefined ? addComment(context, number, text) : rewrite(context, number, present, text);
  });
}

export async function comments(context: LocalForgeContext, number: number): Promise<Comment[]> {
  await refresh(context);
  return commentsOf(context, number);
}

export async function comment(context: LocalForgeContext, number: number, body: string): Promise<Comment> {
  await refresh(context);
  return context.database.write(() => addComment(context, number, body));
}

/** Only its author edits a comment. */
export async function editComment(
  context: LocalForgeContext,
  number: number,
  id: string,
  body: string,
): Promise<Comment> {
  await refresh(context);
  return context.database.write(() => {
    const present = commentsOf(context, number).find((one) => one.id === id);
    if (present === undefined) throw refused(`#${number} has no comment ${id}`);
    if (present.author !== context.account) throw refused(`comment ${id} was written by ${present.author}`);
    return rewrite(context, number, present, saidText(body));
  });
}

/** Adds it inside the caller's transaction. */
export function addComment(context: LocalForgeContext, number: number, body: string): Comment {
  refuseNoThread(context, number);
  const now = isoTime(context.clock.now());
  const text = saidText(body);
  const id = context.database.run(
    `INSERT INTO comment (number, author, body, created_at, updated_at, change) VALUES (?, ?, ?, ?, ?, ${nextChange})`,
    ...[number, context.account, text, now, now],
  );
  touch(context, number);
  return { id: String(id), author: context.account, body: text, createdAt: now, updatedAt: now };
}

function rewrite(context: LocalForgeContext, number: number, present: Comment, body: string): Comment {
  if (present.body === body) return present;
  const now = isoTime(context.clock.now());
  context.database.run(
    `UPDATE comment SET body = ?, updated_at = ?, edited = 1, change = ${nextChange} WHERE id = ?`,
    ...[body, now, Number(present.id)],
  );
  touch(context, number);
  return { ...present, body, updatedAt: now };
}

function commentsOf(context: LocalForgeContext, number: number): Comment[] {
  refuseNoThread(context, number);
  return context.database.all('SELECT * FROM comment WHERE number = ? ORDER BY id', number).map(commentOf);
}

function commentOf(row: Row): Comment {
  return {
    id: String(row['id']),
    author: String(row['author']),
    body: String(row['body']),
    createdAt: String(row['created_at']),
    updatedAt: String(row['updated_at']),
  };
}

const nextChange = '(SELECT coalesce(max(change), 0) + 1 FROM comment)';

/** What was said or edited after the cursor; nothing without one, or with one that this forge never gave. */
export async function saidSince(
  { database }: LocalForgeContext,
  cursor: string | undefined,
): Promise<{ comments: SaidComment[]; cursor: string }> {
  const newest = Number(database.first('SELECT coalesce(max(change), 0) AS newest FROM comment')?.['newest']);
  const known = cursor !== undefined && /^\d{1,15}$/.test(cursor) && Number(cursor) <= newest ? Number(cursor) : newest;
  const rows = database.all(
    `SELECT comment.*, issue.number AS issue FROM comment LEFT JOIN issue ON issue.number = comment.number
     WHERE change > ? AND change <= ? ORDER BY change`,
    ...[known, newest],
  );
  const said = rows.map((row): SaidComment => ({
    ...commentOf(row),
    number: Number(row['number']),
    on: row['issue'] === null ? 'pull-request' : 'issue',
    edited: row['edited'] === 1,
  }));
  return { comments: said, cursor: String(newest) };
}

/** Once for each account. */
export async function react(context: LocalForgeContext, id: string, reaction: Reaction): Promise<void> {
  context.database.write(() => {
    if (context.database.first('SELECT 1 FROM comment WHERE id = ?', Number(id)) === undefined)
      throw refused(`there is no comment ${JSON.stringify(id.slice(0, 40))}`);
    context.database.run('INSERT OR IGNORE INTO reaction VALUES (?, ?, ?)', Number(id), reaction, context.account);
  });
}

/** Who reacted how to a comment, for the pages of a forge: the local one has none. */
export async function reactions(
  { database }: LocalForgeContext,
  id: string,
): Promise<{ by: string; reaction: string }[]> {
  const rows = database.all('SELECT * FROM reaction WHERE comment = ? ORDER BY reaction, account', Number(id));
  return rows.map((row) => ({ by: String(row['account']), reaction: String(row['reaction']) }));
}
