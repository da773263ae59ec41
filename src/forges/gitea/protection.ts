import { readAs } from '../http/client.ts';
import { find, type GiteaContext, pathOf } from './context.ts';
import { branchProtectionShape, branchShape } from './shapes.ts';

/**
 * What the default branch demands before it takes a merge; readable without being an administrator. What becomes of stale
 * approvals is told to administrators of the repository alone: the name of the rule is empty for everybody else.
 */
export async function protection(
  context: GiteaContext,
): Promise<{ requiredStatuses: string[]; requiredApprovals: number; styles: []; dismissesStale?: boolean }> {
  const branch = await find(context, pathOf(context, 'branches', context.defaultBranch), branchShape);
  const demands = branch?.protected === true && branch.enable_status_check;
  return {
    requiredStatuses: demands ? (branch.status_check_contexts ?? []) : [],
    requiredApprovals: branch?.protected === true ? branch.required_approvals : 0,
    styles: [],
    ...(await staleApprovals(context, branch?.effective_branch_protection_name ?? '')),
  };
}

async function staleApprovals(context: GiteaContext, rule: string): Promise<{ dismissesStale?: boolean }> {
  if (rule === '') return {};
  const path = pathOf(context, 'branch_protections', rule);
  const answer = await context.http.get({ path, accept: [403, 404] });
  if (answer.status !== 200) return {};
  const { dismiss_stale_approvals: dismissed, ignore_stale_approvals: ignored } = readAs(
    branchProtectionShape,
    answer,
    path,
  );
  return { dismissesStale: dismissed === true || ignored === true };
}
