import type { PullRequest } from '../forge.ts';
import { closerOf, endedHead } from './ended.ts';
import type { GiteaContext } from './context.ts';
import type { Pull } from './shapes.ts';

/** A pull request in gitmend's words. `closer`: whether to ask who closed it, which is a request of its own. */
export async function pullRequestOf(context: GiteaContext, pull: Pull, closer = true): Promise<PullRequest> {
  const state = pull.merged ? 'merged' : pull.state;
  const head = state === 'open' ? pull.head.sha : await endedHead(context, pull);
  const closedBy = state === 'closed' && closer ? await closerOf(context, pull) : undefined;
  return {
    number: pull.number,
    title: pull.title,
    body: pull.body ?? '',
    author: pull.user,
    branch: pull.head.label || pull.head.ref,
    base: pull.base.label || pull.base.ref,
    head,
    state,
    createdAt: pull.created_at,
    updatedAt: pull.updated_at,
    ...(state === 'merged' && pull.merged_at ? { mergedAt: pull.merged_at } : {}),
    ...(state === 'merged' && pull.merged_by ? { mergedBy: pull.merged_by.login } : {}),
    ...(state === 'merged' && pull.merge_commit_sha ? { mergeCommit: pull.merge_commit_sha } : {}),
    ...(closedBy === undefined ? {} : { closedBy }),
    ...(state === 'closed' && pull.closed_at ? { closedAt: pull.closed_at } : {}),
    fork: isFork(pull),
    ...(pull.draft === true ? { draft: true } : {}),
  };
}

/**
 * From another repository, also one that is gone; or pushed to `refs/for/…` (AGit), which whoever may read may do:
 * both are strangers' code.
 */
export function isFork({ head, base }: Pull): boolean {
  return head.repo_id !== base.repo_id || head.label === '';
}
