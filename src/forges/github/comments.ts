import type { Comment } from '../forge.ts';
import { isUnknown } from '../http/client.ts';
import { ensureOne } from '../http/one-of.ts';
import { markerIn, markerText, withMarker } from '../markers.ts';
import { refused } from '../refused.ts';
import { saidText } from '../texts.ts';
import { type GithubContext, known } from './context.ts';
import { longestText } from './limits.ts';
import { listOf } from '../http/shapes.ts';
import { commentShape, type GithubComment } from './shapes.ts';

const at = 'GET /repos/{owner}/{repo}/issues/comments/{comment_id}';
const edit = 'PATCH /repos/{owner}/{repo}/issues/comments/{comment_id}';
const remove = 'DELETE /repos/{owner}/{repo}/issues/comments/{comment_id}';
const commentList = listOf(commentShape);

/**
 * One comment of this account per marker, on a pull request or an issue, edited in place. What other accounts wrote is
 * never taken for it. Throws FORGE_REFUSED for a text beyond GitHub's limit: what to leave out is not for the forge to say.
 */
export async function ensureComment(
  context: GithubContext,
  number: number,
  marker: string,
  body: string,
): Promise<Comment> {
  const text = saidText(withMarker(saidText(body), marker), longestText);
  return context.exclusively(`comments ${number}`, async () => {
    const name = markerText(marker);
    const one = await ensureOne<GithubComment>({
      own: async () =>
        (await commentsAt(context, number)).filter(
          ({ user, body: said }) => user === context.self && markerIn(said) === name,
        ),
      write: () => posted(context, number, text),
      mend: (present) => rewritten(context, present, text),
      drop: ({ id }) => context.api.send(remove, { comment_id: id }),
    });
    return commentOf(one);
  });
}

/** Oldest first. */
export async function comments(context: GithubContext, number: number): Promise<Comment[]> {
  return (await commentsAt(context, number)).map(commentOf);
}

/** Says a reason once: a comment of this account with the same text that came last is not written again. */
export async function sayOnce(context: GithubContext, number: number, body: string): Promise<void> {
  const text = saidText(body, longestText);
  const stands = async (): Promise<boolean> =>
    (await commentsAt(context, number)).findLast(({ user }) => user === context.self)?.body === text;
  if (await stands()) return;
  try {
    await posted(context, number, text);
  } catch (error) {
    if (!isUnknown(error) || !(await stands())) throw error;
  }
}

export function commentOf({ id, user, body, created_at, updated_at }: GithubComment): Comment {
  return { id: String(id), author: user, body, createdAt: created_at, updatedAt: updated_at };
}

async function posted({ api }: GithubContext, number: number, body: string): Promise<GithubComment> {
  const route = 'POST /repos/{owner}/{repo}/issues/{issue_number}/comments';
  return api.write(route, { issue_number: known(number), body }, commentShape);
}

async function rewritten({ api }: GithubContext, present: GithubComment, body: string): Promise<GithubComment> {
  if (present.body === body) return present;
  try {
    return await api.write(edit, { comment_id: present.id, body }, commentShape);
  } catch (error) {
    const now = isUnknown(error) ? await api.find(at, { comment_id: present.id }, commentShape) : undefined;
    if (now?.body !== body) throw error;
    return now;
  }
}

async function commentsAt({ api }: GithubContext, number: number): Promise<GithubComment[]> {
  const route = 'GET /repos/{owner}/{repo}/issues/{issue_number}/comments';
  const all: GithubComment[] = [];
  try {
    for await (const page of api.pages(route, { issue_number: known(number) }, commentList)) all.push(...page);
  } catch (error) {
    const gone = (error as { details?: { status?: unknown } }).details?.status;
    if (gone === 404 || gone === 410) throw refused(`there is no pull request or issue #${number}`);
    throw error;
  }
  return all.sort((a, b) => a.id - b.id);
}
