import type { GithubContext } from './context.ts';
import { listOf } from '../http/shapes.ts';
import { branchShape, repositoryShape, ruleShape } from './shapes.ts';

const ruleList = listOf(ruleShape);

/**
 * What the default branch demands before it takes a merge: of its own protection the statuses, which every reader sees,
 * and of all active rulesets the statuses and the number of approvals. Approvals that classic protection demands are shown
 * to administrators alone, and are not asked for.
 */
export async function protection({ api, defaultBranch }: GithubContext): Promise<{
  requiredStatuses: string[];
  requiredApprovals: number;
  styles: [];
  dismissesStale?: boolean;
}> {
  const branch = await api.find('GET /repos/{owner}/{repo}/branches/{branch}', { branch: defaultBranch }, branchShape);
  const classic = branch?.protection?.required_status_checks?.contexts ?? [];
  const rules = await api.all('GET /repos/{owner}/{repo}/rules/branches/{branch}', { branch: defaultBranch }, ruleList);
  const named = rules
    .flatMap(({ parameters }) => parameters?.required_status_checks ?? [])
    .map(({ context }) => context);
  const reviewing = rules.filter(({ parameters }) => (parameters?.required_approving_review_count ?? 0) > 0);
  const approvals = reviewing.map(({ parameters }) => parameters?.required_approving_review_count ?? 0);
  return {
    requiredStatuses: [...new Set([...classic, ...named])].sort(),
    requiredApprovals: Math.max(0, ...approvals),
    styles: [],
    ...(reviewing.length === 0
      ? {}
      : { dismissesStale: reviewing.some(({ parameters }) => parameters?.dismiss_stale_reviews_on_push === true) }),
  };
}

/** What the account of a token may do here, as GitHub tells it of the repository. */
export async function ownRole({ api }: GithubContext): Promise<'admin' | 'write' | 'read'> {
  const { permissions } = await api.read('GET /repos/{owner}/{repo}', {}, repositoryShape);
  if (permissions?.admin === true) return 'admin';
  return permissions?.push === true ? 'write' : 'read';
}
