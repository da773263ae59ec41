import { z } from 'zod';
import { accountShape, listOf, objectId, time } from '../http/shapes.ts';

/**
 * The parts of Gitea's API v1 that are read, as `/swagger.v1.json` of a server describes them; what else it says is
 * dropped here. Everything in it was written by others.
 */

const account = accountShape('Ghost');

const side = z.object({
  /** The name of the branch; empty for one that was pushed to `refs/for/…` (AGit). */
  label: z.string(),
  /** The branch, or `refs/pull/N/head` once the branch is gone. */
  ref: z.string(),
  /** Empty where nothing can be found. */
  sha: z.string(),
  repo_id: z.int(),
});

export const pullShape = z.object({
  number: z.int().positive(),
  title: z.string(),
  body: z.string().nullish(),
  user: account,
  state: z.enum(['open', 'closed']),
  head: side,
  base: side,
  labels: listOf(z.object({ id: z.int(), name: z.string() })).nullish(),
  comments: z.int(),
  mergeable: z.boolean(),
  merged: z.boolean(),
  draft: z.boolean().nullish(),
  merged_at: time.nullish(),
  merged_by: z.object({ login: z.string() }).nullish(),
  merge_commit_sha: objectId.nullish(),
  created_at: time,
  updated_at: time,
  closed_at: time.nullish(),
});
export type Pull = z.infer<typeof pullShape>;

export const commentShape = z.object({
  id: z.int(),
  body: z.string(),
  user: account,
  /** Address of the pull request's page; empty for a comment on an issue. */
  pull_request_url: z.string(),
  /** Address of the issue's page; empty for a comment on a pull request. */
  issue_url: z.string().nullish(),
  created_at: time,
  updated_at: time,
});
export type GiteaComment = z.infer<typeof commentShape>;

export const reviewShape = z.object({
  id: z.int(),
  user: account,
  /** APPROVED, REQUEST_CHANGES, COMMENT; PENDING and REQUEST_REVIEW are not reviews yet. */
  state: z.string(),
  commit_id: z.string(),
  dismissed: z.boolean(),
  official: z.boolean(),
  submitted_at: time,
  updated_at: time,
});
export type GiteaReview = z.infer<typeof reviewShape>;

export const statusShape = z.object({
  id: z.int(),
  context: z.string(),
  status: z.string(),
  description: z.string().nullish(),
});
export type GiteaStatus = z.infer<typeof statusShape>;

export const labelShape = z.object({ id: z.int(), name: z.string() });

export const referenceShape = z.object({ ref: z.string(), object: z.object({ sha: objectId }) });

export const timelineShape = z.object({ type: z.string(), user: account });

export const repositoryShape = z.object({
  full_name: z.string(),
  default_branch: z.string(),
  empty: z.boolean(),
  archived: z.boolean(),
});

export const branchShape = z.object({
  name: z.string(),
  protected: z.boolean(),
  required_approvals: z.int(),
  enable_status_check: z.boolean(),
  status_check_contexts: z.array(z.string()).nullish(),
  effective_branch_protection_name: z.string().nullish(),
});

export const branchProtectionShape = z.object({
  dismiss_stale_approvals: z.boolean().nullish(),
  ignore_stale_approvals: z.boolean().nullish(),
});

export const userShape = z.object({ login: z.string().min(1) });

export const comparisonShape = z.object({ total_commits: z.int() });

export const issueShape = z.object({
  number: z.int().positive(),
  title: z.string(),
  body: z.string().nullish(),
  user: account,
  state: z.enum(['open', 'closed']),
  labels: listOf(labelShape).nullish(),
  /** Absent for an issue: pull requests are in the same lists. */
  pull_request: z.object({}).nullish(),
  created_at: time,
  updated_at: time,
});
export type GiteaIssue = z.infer<typeof issueShape>;

export const permissionShape = z.object({ permission: z.string() });

export const reactionShape = z.object({ content: z.string() });

export const teamShape = z.object({ id: z.int(), name: z.string() });

/** A team with access to the repository. `permission` is `none` where its units have permissions of their own. */
export const repositoryTeamShape = z.object({
  id: z.int(),
  permission: z.string(),
  units_map: z.record(z.string(), z.string()).nullish(),
});
