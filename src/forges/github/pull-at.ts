import type { PullRequest } from '../forge.ts';
import { refused } from '../refused.ts';
import { type GithubContext, known } from './context.ts';
import { issueShape, type Pull, pullShape } from './shapes.ts';

/** As GitHub holds it now, with what it tells of a single one alone. Throws FORGE_REFUSED where there is none. */
export async function pullAt({ api, listing }: GithubContext, number: number): Promise<Pull> {
  const route = 'GET /repos/{owner}/{repo}/pulls/{pull_number}';
  const found = await api.find(route, { pull_number: known(number) }, pullShape);
  if (found === undefined) {
    listing.forget(number);
    throw refused(`there is no pull request #${number}`);
  }
  listing.note(found);
  return found;
}

/**
 * A pull request in gitmend's words. `ender`: whether to ask who merged or closed it, where a list does not say, which is
 * a request of its own.
 */
export async function pullRequestOf(context: GithubContext, pull: Pull, ender = true): Promise<PullRequest> {
  const state = pull.merged_at ? 'merged' : pull.state;
  const by = state !== 'open' && ender ? await enderOf(context, pull) : {};
  return {
    number: pull.number,
    title: pull.title,
    body: pull.body ?? '',
    author: pull.user,
    branch: pull.head.ref,
    base: pull.base.ref,
    // Stays what it was at the end, whatever is pushed to the branch afterwards.
    head: pull.head.sha,
    state,
    createdAt: pull.created_at,
    updatedAt: pull.updated_at,
    ...(pull.merged_at ? { mergedAt: pull.merged_at } : {}),
    ...(state === 'merged' && pull.merge_commit_sha ? { mergeCommit: pull.merge_commit_sha } : {}),
    ...by,
    ...(state === 'closed' && pull.closed_at ? { closedAt: pull.closed_at } : {}),
    fork: isFork(pull),
    ...(pull.draft === true ? { draft: true } : {}),
  };
}

/** From another repository, also one that is gone. */
export function isFork({ head, base }: Pull): boolean {
  return head.repo?.id === undefined || head.repo.id !== base.repo?.id;
}

/** Who merged it stands in the pull request alone, who closed it in its issue. Known once, it is known for good. */
async function enderOf(context: GithubContext, pull: Pull): Promise<{ closedBy?: string; mergedBy?: string }> {
  const { api, ended } = context;
  const key = `${pull.number} ${pull.merged_at ?? pull.closed_at ?? ''}`;
  const found = ended.get(key) ?? (pull.merged_at ? await merger() : await closer());
  ended.set(key, found);
  return found;

  async function merger(): Promise<{ mergedBy?: string }> {
    const whole = pull.merged_by === undefined ? await pullAt(context, pull.number) : pull;
    return whole.merged_by ? { mergedBy: whole.merged_by.login } : {};
  }
  async function closer(): Promise<{ closedBy?: string }> {
    const route = 'GET /repos/{owner}/{repo}/issues/{issue_number}';
    const issue = await api.find(route, { issue_number: pull.number }, issueShape);
    return issue?.closed_by ? { closedBy: issue.closed_by.login } : {};
  }
}
