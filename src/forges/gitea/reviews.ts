import type { Review } from '../forge.ts';
import { allPages } from '../http/pages.ts';
import { type GiteaContext, pathOf } from './context.ts';
import { pullAt } from './pull-at.ts';
import { type GiteaReview, reviewShape } from './shapes.ts';

/**
 * What was said, oldest first. Void is what was dismissed, and what comes from somebody without a say (not official).
 * `stale` alone voids nothing: whether an approval saw these actions is told by its commit.
 */
export async function reviews(context: GiteaContext, number: number): Promise<Review[]> {
  const { number: found } = await pullAt(context, number);
  return (await reviewsAt(context, found)).flatMap(reviewOf);
}

export async function reviewsAt(context: GiteaContext, number: number): Promise<GiteaReview[]> {
  const path = pathOf(context, 'pulls', number, 'reviews');
  return (await allPages(context.http, { path }, reviewShape)).sort((a, b) => a.id - b.id);
}

function reviewOf(review: GiteaReview): Review[] {
  const state = states[review.state];
  if (state === undefined) return [];
  const { id, user, commit_id, dismissed, official, submitted_at } = review;
  return [
    {
      id: String(id),
      author: user,
      state,
      void: dismissed || (!official && state !== 'commented'),
      commit: commit_id,
      submittedAt: submitted_at,
    },
  ];
}

/** What is pending is seen by its author alone, and a request for a review is none. */
const states: { readonly [state: string]: Review['state'] | undefined } = {
  APPROVED: 'approved',
  REQUEST_CHANGES: 'changes-requested',
  COMMENT: 'commented',
};
