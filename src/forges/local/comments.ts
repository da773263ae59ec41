import { isoTime } from '../../core/clock.ts';
import type { Comment } from '../forge.ts';
import { markerIn, markerText, withMarker } from '../markers.ts';
import { refused } from '../refused.ts';
import type { LocalForgeContext } from './context.ts';
import { refresh } from './refresh.ts';
import { pullRow, touch } from './rows.ts';
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
  pullRow(context, number);
  const now = isoTime(context.clock.now());
  const text = saidText(body);
  const id = context.database.run(
    'INSERT INTO comment (number, author, body, created_at, updated_at) VALUES (?, ?, ?, ?, ?)',
    ...[number, context.account, text, now, now],
  );
  touch(context, number);
  return { id: String(id), author: context.account, body: text, createdAt: now, updatedAt: now };
}

function rewrite(context: LocalForgeContext, number: number, present: Comment, body: string): Comment {
  if (present.body === body) return present;
  const now = isoTime(context.clock.now());
  context.database.run('UPDATE comment SET body = ?, updated_at = ? WHERE id = ?', body, now, Number(present.id));
  touch(context, number);
  return { ...present, body, updatedAt: now };
}

function commentsOf(context: LocalForgeContext, number: number): Comment[] {
  pullRow(context, number);
  return context.database.all('SELECT * FROM comment WHERE number = ? ORDER BY id', number).map((row) => ({
    id: String(row['id']),
    author: String(row['author']),
    body: String(row['body']),
    createdAt: String(row['created_at']),
    updatedAt: String(row['updated_at']),
  }));
}
