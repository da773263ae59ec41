import { z } from 'zod';
import { accountShape, listOf, objectId, time } from '../http/shapes.ts';

/**
 * The parts of GitHub's REST API that are read, as its own description (`@octokit/openapi`) has them; what else it says is
 * dropped here. A test holds that nothing is demanded that GitHub does not promise. Everything in it was written by others.
 */

const account = accountShape('ghost');

const side = z.object({
  ref: z.string(),
  sha: objectId,
  /** Nothing where the fork is gone. */
  repo: z.object({ id: z.int() }).nullish(),
});

/** In a list, and alone: who merged it, whether it can be merged and how many commits it has is told only alone. */
export const pullShape = z.object({
  number: z.int().positive(),
  title: z.string(),
  body: z.string().nullish(),
  user: account,
  state: z.enum(['open', 'closed']),
  head: side,
  base: side,
  labels: listOf(z.object({ name: z.string().nullish() })),
  draft: z.boolean().nullish(),
  merged_at: time.nullish(),
  merge_commit_sha: objectId.nullish(),
  created_at: time,
  updated_at: time,
  closed_at: time.nullish(),
  merged_by: z.object({ login: z.string() }).nullish(),
  /** `null` while it is being computed. */
  mergeable: z.boolean().nullish(),
  commits: z.int().nullish(),
});
export type Pull = z.infer<typeof pullShape>;

export const commentShape = z.object({
  id: z.int(),
  body: z
    .string()
    .nullish()
    .transform((body) => body ?? ''),
  user: account,
  /** Of the issue that it stands under; every pull request is one. */
  issue_url: z.string(),
  html_url: z.string(),
  created_at: time,
  updated_at: time,
});
export type GithubComment = z.infer<typeof commentShape>;

export const reviewShape = z.object({
  id: z.int(),
  user: account,
  /** APPROVED, CHANGES_REQUESTED, COMMENTED, DISMISSED; PENDING is not a review yet. */
  state: z.string(),
  commit_id: z.string().nullish(),
  submitted_at: time.nullish(),
});
export type GithubReview = z.infer<typeof reviewShape>;

export const statusShape = z.object({
  context: z.string(),
  state: z.string(),
  description: z.string().nullish(),
});

export const checkShape = z.object({
  id: z.int(),
  name: z.string(),
  status: z.string(),
  conclusion: z.string().nullish(),
  output: z.object({ title: z.string().nullish() }),
  app: z.object({ slug: z.string().nullish() }).nullish(),
});
export type GithubCheck = z.infer<typeof checkShape>;

export const workflowRunShape = z.object({
  id: z.int(),
  name: z.string().nullish(),
  status: z.string().nullish(),
  conclusion: z.string().nullish(),
  updated_at: time.nullish(),
});

export const issueShape = z.object({
  number: z.int().positive(),
  title: z.string(),
  body: z
    .string()
    .nullish()
    .transform((body) => body ?? ''),
  user: account,
  state: z.string(),
  labels: listOf(z.union([z.string(), z.object({ name: z.string().nullish() })])),
  /** There: it is a pull request. */
  pull_request: z.looseObject({}).nullish(),
  closed_by: z.object({ login: z.string() }).nullish(),
  created_at: time,
  updated_at: time,
});
export type GithubIssue = z.infer<typeof issueShape>;

export const repositoryShape = z.object({
  full_name: z.string(),
  default_branch: z.string(),
  archived: z.boolean(),
  permissions: z.object({ admin: z.boolean(), push: z.boolean() }).nullish(),
});

export const branchShape = z.object({
  protected: z.boolean(),
  protection: z
    .object({
      required_status_checks: z.object({ contexts: z.array(z.string()) }).nullish(),
    })
    .nullish(),
});

/** One rule of the rulesets that are active for a branch. */
export const ruleShape = z.object({
  type: z.string(),
  parameters: z
    .looseObject({
      required_status_checks: z.array(z.looseObject({ context: z.string() })).nullish(),
      required_approving_review_count: z.int().nullish(),
      dismiss_stale_reviews_on_push: z.boolean().nullish(),
    })
    .nullish(),
});

export const environmentShape = z.object({
  deployment_branch_policy: z.object({ custom_branch_policies: z.boolean() }).nullish(),
});
export const branchPolicyShape = z.object({ name: z.string().optional(), type: z.string().optional() });

export const userShape = z.object({ login: z.string().min(1) });
export const collaboratorShape = userShape.extend({
  permissions: z.object({ push: z.boolean(), maintain: z.boolean().optional(), admin: z.boolean() }).optional(),
});
export const permissionShape = z.object({ permission: z.string() });
export const membershipShape = z.object({ state: z.string() });
export const teamShape = z.object({ slug: z.string() });
