import { isoTime } from '../../core/clock.ts';
import { type Changed, changedIn } from '../http/changes.ts';
import { allPages } from '../http/pages.ts';
import { type GiteaContext, pathOf } from './context.ts';
import { pullsSince } from './list.ts';
import { reviewsAt } from './reviews.ts';
import { commentShape, type GiteaComment, type Pull } from './shapes.ts';

/** Pull requests that changed after the cursor. Gitea has no ETags: everything is listed by its last change. */
export async function changedSince(
  context: GiteaContext,
  cursor: string | undefined,
): Promise<{ numbers: number[]; cursor: string }> {
  return changedIn(
    {
      pulls: async (from) => (await pullsSince(context, from)).map(changedPull),
      comments: (from) => commentsSince(context, from),
      reviews: async (number) =>
        (await reviewsAt(context, number)).map(({ id, state, dismissed, updated_at }) => [
          ...[id, state, dismissed, updated_at],
        ]),
      now: context.http.now,
    },
    cursor,
  );
}

function changedPull(pull: Pull): Changed {
  const { number, title, body, state, merged, head, base, updated_at, comments, labels } = pull;
  const ids = labels?.map(({ id }) => id);
  return {
    number,
    at: Date.parse(updated_at),
    look: [title, body, state, merged, head.sha, base.label, updated_at, comments, ids],
  };
}

/** An edited comment changes only itself, not its pull request. */
async function commentsSince(context: GiteaContext, from: number): Promise<Changed[]> {
  const query = { since: isoTime(from) };
  const all = await allPages(context.http, { path: pathOf(context, 'issues', 'comments'), query }, commentShape);
  return all
    .map((comment) => ({
      number: numberOf(comment),
      at: Date.parse(comment.updated_at),
      look: [comment.id, comment.body, comment.updated_at],
    }))
    .filter(({ number }) => !Number.isNaN(number));
}

function numberOf({ pull_request_url }: GiteaComment): number {
  return Number(/\/pulls\/(\d+)$/.exec(pull_request_url)?.[1] ?? Number.NaN);
}
