export type { LocalForgeAdmin, PullRequestDetails } from './admin.ts';
export { isAccountName } from './context.ts';
export { createLocalForge, type CreateLocalForge } from './create.ts';
export { openLocalForge, type OpenLocalForge } from './open.ts';
export type { Protection } from './protection.ts';
export type { LocalReview } from './reviews.ts';
