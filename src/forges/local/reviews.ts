import { isoTime } from '../../core/clock.ts';
import type { Review } from '../forge.ts';
import { refused } from '../refused.ts';
import type { LocalForgeContext } from './context.ts';
import { refresh } from './refresh.ts';
import { headOf, pullRow, touch } from './rows.ts';
import { bodyText } from '../texts.ts';

/** A review with what a person wrote in it, and who dismissed it. */
export interface LocalReview extends Review {
  body: string;
  dismissedBy?: string;
  dismissedBecause?: string;
}

/** Reviews the head of now. Nobody approves, or asks for changes of, what is their own. */
export async function review(
  context: LocalForgeContext,
  number: number,
  state: Review['state'],
  body = '',
): Promise<LocalReview> {
  const refs = await refresh(context);
  const text = bodyText(body);
  return context.database.write(() => {
    const row = pullRow(context, number);
    if (row.state !== 'open') throw refused(`#${number} is ${row.state}: it takes no review`);
    if (row.author === context.account && state !== 'commented') {
      throw refused(`#${number} was opened by ${context.account}, who cannot review it`);
    }
    const id = context.database.run(
      'INSERT INTO review (number, author, state, head, body, submitted_at) VALUES (?, ?, ?, ?, ?, ?)',
      ...[number, context.account, state, headOf(row, refs), text, isoTime(context.clock.now())],
    );
    touch(context, number);
    return reviewOf(context, number, String(id));
  });
}

/** A dismissed review never counts again. Dismissing it twice changes nothing. */
export async function dismissReview(
  context: LocalForgeContext,
  number: number,
  id: string,
  reason: string,
): Promise<LocalReview> {
  await refresh(context);
  const text = bodyText(reason);
  return context.database.write(() => {
    if (reviewOf(context, number, id).void) return reviewOf(context, number, id);
    context.database.run(
      'UPDATE review SET dismissed_by = ?, dismissed_at = ?, dismissed_because = ? WHERE id = ?',
      ...[context.account, isoTime(context.clock.now()), text, Number(id)],
    );
    touch(context, number);
    return reviewOf(context, number, id);
  });
}

export async function reviews(context: LocalForgeContext, number: number): Promise<Review[]> {
  await refresh(context);
  return reviewsOf(context, number).map(({ id, author, state, void: isVoid, commit, submittedAt }) => ({
    ...{ id, author, state, void: isVoid, commit, submittedAt },
  }));
}

export function reviewsOf(context: Pick<LocalForgeContext, 'database'>, number: number): LocalReview[] {
  pullRow(context, number);
  return context.database.all('SELECT * FROM review WHERE number = ? ORDER BY id', number).map((row) => ({
    id: String(row['id']),
    author: String(row['author']),
    state: row['state'] as Review['state'],
    void: row['dismissed_at'] !== null,
    commit: String(row['head']),
    submittedAt: String(row['submitted_at']),
    body: String(row['body']),
    ...(row['dismissed_by'] === null ? {} : { dismissedBy: String(row['dismissed_by']) }),
    ...(row['dismissed_because'] === null ? {} : { dismissedBecause: String(row['dismissed_because']) }),
  }));
}

function reviewOf(context: LocalForgeContext, number: number, id: string): LocalReview {
  const found = reviewsOf(context, number).find((one) => one.id === id);
  if (found === undefined) throw refused(`#${number} has no review ${id}`);
  return found;
}
