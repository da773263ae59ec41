import { find, type GiteaContext, pathOf } from './context.ts';
import { branchShape } from './shapes.ts';

/** What the default branch demands before it takes a merge; readable without being an administrator. */
export async function protection(
  context: GiteaContext,
): Promise<{ requiredStatuses: string[]; requiredApprovals: number; styles: [] }> {
  const branch = await find(context, pathOf(context, 'branches', context.defaultBranch), branchShape);
  const demands = branch?.protected === true && branch.enable_status_check;
  return {
    requiredStatuses: demands ? (branch.status_check_contexts ?? []) : [],
    requiredApprovals: branch?.protected === true ? branch.required_approvals : 0,
    styles: [],
  };
}
