import { isoTime } from '../../core/clock.ts';
import { type Changed, changedIn } from '../http/changes.ts';
import type { GithubContext } from './context.ts';
import { reviewsAt } from './reviews.ts';
import { listOf } from '../http/shapes.ts';
import { pullsSince } from './list.ts';
import { commentShape, type GithubComment, type Pull } from './shapes.ts';

const commentList = listOf(commentShape);

/** Pull requests that changed after the cursor. Where nothing did, every page is a 304 and costs no quota. */
export async function changedSince(
  context: GithubContext,
  cursor: string | undefined,
): Promise<{ numbers: number[]; cursor: string }> {
  return changedIn(
    {
      pulls: async (from) => (await pullsSince(context.api, from)).map(changedPull),
      comments: async (from) => (await commentsSince(context, from)).flatMap(changedComment),
      reviews: async (number) =>
        (await reviewsAt(context, number)).map(({ id, state, commit_id, submitted_at }) => [
          ...[id, state, commit_id, submitted_at],
        ]),
      now: context.api.now,
    },
    cursor,
  );
}

/** Comments of pull requests and issues that were written or edited at or after a moment, in the order of that. */
export async function commentsSince({ api }: GithubContext, from: number): Promise<GithubComment[]> {
  // Without a beginning it would be every comment there ever was.
  const asked = { since: isoTime(from), sort: 'updated' as const, direction: 'asc' as const };
  return api.all('GET /repos/{owner}/{repo}/issues/comments', asked, commentList);
}

function changedPull(pull: Pull): Changed {
  const { number, title, body, state, merged_at, head, base, draft, updated_at, labels } = pull;
  const look = [title, body, state, merged_at, head.sha, base.ref, draft, updated_at, labels.map(({ name }) => name)];
  return { number, at: Date.parse(updated_at), look };
}

/** An edited comment need not change its pull request. */
function changedComment(comment: GithubComment): Changed[] {
  const { id, body, updated_at } = comment;
  if (!isOnPull(comment)) return [];
  return [{ number: numberOf(comment), at: Date.parse(updated_at), look: [id, body, updated_at] }];
}

/** Of the pull request or issue that it stands under. */
export function numberOf({ issue_url }: Pick<GithubComment, 'issue_url'>): number {
  return Number(/\/issues\/(\d+)$/.exec(issue_url)?.[1] ?? Number.NaN);
}

/** `…/pull/7#issuecomment-1` or `…/issues/7#issuecomment-1` */
export function isOnPull({ html_url }: Pick<GithubComment, 'html_url'>): boolean {
  return /\/pull\/\d+#/.test(html_url);
}
