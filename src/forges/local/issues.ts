import { isoTime } from '../../core/clock.ts';
import type { Forge, Issue } from '../forge.ts';
import { markerIn, markerText, withMarker } from '../markers.ts';
import { refused } from '../refused.ts';
import { bodyText, labelTexts, titleText } from '../texts.ts';
import type { LocalForgeContext } from './context.ts';
import type { Row } from './database.ts';
import { nextNumber } from './rows.ts';

/** One open issue of this account per marker. What other accounts wrote is never taken for it. */
export async function ensureIssue(
  context: LocalForgeContext,
  { marker, title, body, labels }: Parameters<Forge['ensureIssue']>[0],
): Promise<Issue> {
  const text = withMarker(bodyText(body), marker);
  const wanted = { title: titleText(title), body: text, labels: JSON.stringify(labelTexts(labels)) };
  return context.database.write(() => {
    const open = rowsOf(context, `state = 'open' AND author = ?`, context.account);
    const present = open.find((row) => markerIn(String(row['body'])) === markerText(marker));
    if (present === undefined) return insert(context, wanted);
    const same = (['title', 'body', 'labels'] as const).every((name) => present[name] === wanted[name]);
    if (!same)
      context.database.run(
        'UPDATE issue SET title = ?, body = ?, labels = ?, updated_at = ? WHERE number = ?',
        ...[wanted.title, text, wanted.labels, isoTime(context.clock.now()), Number(present['number'])],
      );
    return issueAt(context, Number(present['number']));
  });
}

export async function issue(context: LocalForgeContext, number: number): Promise<Issue> {
  return issueAt(context, number);
}

export async function issues(context: LocalForgeContext): Promise<Issue[]> {
  return rowsOf(context, 'TRUE').map(issueOf);
}

/** What a person writes. */
export async function openIssue(
  context: LocalForgeContext,
  { title, body }: Pick<Issue, 'title' | 'body'>,
): Promise<Issue> {
  const wanted = { title: titleText(title), body: bodyText(body), labels: '[]' };
  return context.database.write(() => insert(context, wanted));
}

/** By whoever may write here, as on other forges: that is how a box is ticked. */
export async function editIssue(
  context: LocalForgeContext,
  number: number,
  change: Partial<Pick<Issue, 'title' | 'body' | 'state'>>,
): Promise<Issue> {
  return context.database.write(() => {
    const { title, body, state } = { ...issueAt(context, number), ...change };
    context.database.run(
      'UPDATE issue SET title = ?, body = ?, state = ?, updated_at = ? WHERE number = ?',
      ...[titleText(title), bodyText(body), state, isoTime(context.clock.now()), number],
    );
    return issueAt(context, number);
  });
}

function insert(
  context: LocalForgeContext,
  { title, body, labels }: { title: string; body: string; labels: string },
): Issue {
  const [number, now] = [nextNumber(context), isoTime(context.clock.now())];
  context.database.run(
    `INSERT INTO issue VALUES (?, ?, ?, ?, ?, 'open', ?, ?)`,
    ...[number, title, body, labels, context.account, now, now],
  );
  return issueAt(context, number);
}

function issueAt(context: LocalForgeContext, number: number): Issue {
  const row = Number.isSafeInteger(number) ? rowsOf(context, 'number = ?', number)[0] : undefined;
  if (row === undefined) throw refused(`there is no issue #${number}`);
  return issueOf(row);
}

function rowsOf({ database }: LocalForgeContext, where: string, ...values: (string | number)[]): Row[] {
  return database.all(`SELECT * FROM issue WHERE ${where} ORDER BY number`, ...values);
}

function issueOf(row: Row): Issue {
  return {
    number: Number(row['number']),
    title: String(row['title']),
    body: String(row['body']),
    author: String(row['author']),
    state: row['state'] as Issue['state'],
    createdAt: String(row['created_at']),
    updatedAt: String(row['updated_at']),
  };
}
