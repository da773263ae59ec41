import { z } from 'zod';
import { isGitmendError } from '../../core/errors.ts';
import type { Comment, PullRequest, Reaction } from '../forge.ts';
import { isUnknown } from '../http/client.ts';
import { markerIn, markerText, withMarker } from '../markers.ts';
import { refused } from '../refused.ts';
import { saidText } from '../texts.ts';
import { find, type GiteaContext, pathOf, write } from './context.ts';
import { known } from './pull-at.ts';
import { commentShape, type GiteaComment, reactionShape } from './shapes.ts';

const listed = z.array(commentShape.nullable()).nullable();

/**
 * One comment of this account per marker, edited in place. What other accounts wrote is never taken for it. Two processes
 * that write the first one at the same moment both find two, and leave the older.
 */
export async function ensureComment(
  context: GiteaContext,
  number: number,
  marker: string,
  body: string,
): Promise<Comment> {
  const text = withMarker(saidText(body), marker);
  return context.exclusively(`comments ${number}`, async () => {
    const own = () => ownComments(context, number, markerText(marker));
    const [present] = await own();
    if (present !== undefined) return commentOf(await rewritten(context, present, text));
    await say(context, number, text, own);
    const [oldest, ...younger] = await own();
    if (oldest === undefined) throw refused(`the comment on #${number} is gone as soon as it is written`);
    for (const { id } of younger) await context.http.send('DELETE', { path: commentPath(context, id) });
    return commentOf(await rewritten(context, oldest, text));
  });
}

/** Oldest first. */
export async function comments(context: GiteaContext, number: number): Promise<Comment[]> {
  return (await commentsAt(context, number)).map(commentOf);
}

/** Says a reason once: a comment of this account with the same text that came last is not written again. */
export async function sayOnce(context: GiteaContext, { number }: Pick<PullRequest, 'number'>, body: string) {
  const text = saidText(body);
  const own = async (): Promise<GiteaComment[]> => {
    const last = (await commentsAt(context, number)).findLast(({ user }) => user === context.self);
    return last?.body === text ? [last] : [];
  };
  if ((await own()).length === 0) await say(context, number, text, own);
}

/** Writes a comment; where nobody knows whether that happened, `own` tells. */
async function say(context: GiteaContext, number: number, body: string, own: () => Promise<GiteaComment[]>) {
  try {
    await write(context, 'POST', pathOf(context, 'issues', number, 'comments'), { body }, commentShape);
  } catch (error) {
    if (!isUnknown(error) || (await own()).length === 0) throw error;
  }
}

async function rewritten(context: GiteaContext, present: GiteaComment, body: string): Promise<GiteaComment> {
  if (present.body === body) return present;
  try {
    return await write(context, 'PATCH', commentPath(context, present.id), { body }, commentShape);
  } catch (error) {
    const now = isUnknown(error) ? await find(context, commentPath(context, present.id), commentShape) : undefined;
    if (now?.body !== body) throw error;
    return now;
  }
}

async function ownComments(context: GiteaContext, number: number, marker: string): Promise<GiteaComment[]> {
  const all = await commentsAt(context, number);
  return all.filter(({ user, body }) => user === context.self && markerIn(body) === marker);
}

/** Once: the API answers a second one of the same kind with the first. */
export async function react(context: GiteaContext, id: string, reaction: Reaction): Promise<void> {
  if (!/^\d{1,15}$/.test(id)) throw refused(`there is no comment ${JSON.stringify(id.slice(0, 40))}`);
  const path = `${commentPath(context, Number(id))}/reactions`;
  await write(context, 'POST', path, { content: reaction }, reactionShape);
}

/** The API gives the comments of one pull request or issue in one answer, without pages. */
async function commentsAt(context: GiteaContext, number: number): Promise<GiteaComment[]> {
  const path = pathOf(context, 'issues', known(number), 'comments');
  const list = await find(context, path, listed).catch((error: unknown) => unlessThere(context, number, error));
  if (list === undefined) throw refused(`there is no pull request or issue #${number}`);
  return (list ?? []).filter((one): one is GiteaComment => one !== null).sort((a, b) => a.id - b.id);
}

/** Gitea answers 500 to the question for the comments of a number that nobody gave (measured: 1.25). */
async function unlessThere(context: GiteaContext, number: number, error: unknown): Promise<undefined> {
  const there =
    !isGitmendError(error, 'FORGE_FAILED') ||
    (await find(context, pathOf(context, 'issues', number), z.unknown())) !== undefined;
  if (there) throw error;
}

function commentPath(context: GiteaContext, id: number): string {
  return pathOf(context, 'issues', 'comments', id);
}

export function commentOf({ id, user, body, created_at, updated_at }: GiteaComment): Comment {
  return { id: String(id), author: user, body, createdAt: created_at, updatedAt: updated_at };
}
