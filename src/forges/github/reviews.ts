import type { Review } from '../forge.ts';
import type { GithubContext } from './context.ts';
import { permission } from './people.ts';
import { pullAt } from './pull-at.ts';
import { listOf } from '../http/shapes.ts';
import { type GithubReview, reviewShape } from './shapes.ts';

const reviewList = listOf(reviewShape);

/**
 * What was said, oldest first. Void is what was dismissed, and what comes from somebody who may not write: GitHub lets
 * whoever may read say "approved", and does not count it.
 */
export async function reviews(context: GithubContext, number: number): Promise<Review[]> {
  const { number: found } = await pullAt(context, number);
  const given = (await reviewsAt(context, found)).flatMap(reviewOf);
  const voices = new Set(given.filter((one) => !one.void && one.state !== 'commented').map(({ author }) => author));
  const counting = new Set<string>();
  for (const author of voices) if (['write', 'admin'].includes(await permission(context, author))) counting.add(author);
  return given.map((one) => ({ ...one, void: one.void || (one.state !== 'commented' && !counting.has(one.author)) }));
}

export async function reviewsAt({ api }: GithubContext, number: number): Promise<GithubReview[]> {
  const route = 'GET /repos/{owner}/{repo}/pulls/{pull_number}/reviews';
  return (await api.all(route, { pull_number: number }, reviewList)).sort((a, b) => a.id - b.id);
}

function reviewOf({ id, user, state: said, commit_id, submitted_at }: GithubReview): Review[] {
  const state = states[said];
  // A review that is not sent yet has no time.
  if (state === undefined || !submitted_at) return [];
  return [
    {
      id: String(id),
      author: user,
      state,
      void: said === 'DISMISSED',
      commit: commit_id ?? '',
      submittedAt: submitted_at,
    },
  ];
}

/** A dismissed one does not tell any more what it was. */
const states: { readonly [state: string]: Review['state'] | undefined } = {
  APPROVED: 'approved',
  CHANGES_REQUESTED: 'changes-requested',
  COMMENTED: 'commented',
  DISMISSED: 'commented',
};
