import type { PullRequestDetails } from './admin.ts';
import { comments } from './comments.ts';
import type { LocalForgeContext } from './context.ts';
import { commitCount, tipOf } from './pull-requests.ts';
import { refresh } from './refresh.ts';
import { headOf, pullRequestOf, pullRow } from './rows.ts';
import { reviewsOf } from './reviews.ts';
import { statusesOf } from './statuses.ts';

export async function show(context: LocalForgeContext, number: number): Promise<PullRequestDetails> {
  const refs = await refresh(context);
  const row = pullRow(context, number);
  const pullRequest = pullRequestOf(row, refs);
  return {
    pullRequest,
    labels: JSON.parse(row.labels) as string[],
    branchGone: row.state === 'open' && !refs.has(`refs/heads/${row.branch}`),
    commits: await commitCount(context, number),
    comments: await comments(context, number),
    reviews: reviewsOf(context, number),
    statuses: statusesOf(context, pullRequest.head),
  };
}

/** Against the point where the branch left its base, as forges show it; of a merged one, against the base of then. */
export async function diff(context: LocalForgeContext, number: number): Promise<string> {
  const refs = await refresh(context);
  const row = pullRow(context, number);
  const base = row.merged_onto ?? tipOf(refs, row.base);
  const args = ['diff', '--no-color', '--no-ext-diff', '--no-textconv', `${base}...${headOf(row, refs)}`];
  return (await context.git(args)).stdout;
}
