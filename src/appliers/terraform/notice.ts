import type { TerraformPlan } from '../../terraform/index.ts';
import type { Terraform } from './terraform.ts';

export type Notice =
  | { settled: true }
  /** What Terraform would still do at these addresses: the change did not come to what is declared. */
  | { settled: false; plan: TerraformPlan };

/**
 * After a change that went through the API: the state learns of it, and the plan must then be empty at the addresses of
 * this run. A drifted neighbour is neither read nor touched.
 */
export async function takeNotice(terraform: Terraform, targets: readonly string[], file: string): Promise<Notice> {
  await terraform.refresh(targets);
  const plan = await terraform.plan(targets, file);
  // Whatever is only imported stays as it is: a state that does not know the guest yet has nothing to learn.
  const left = plan.changes.filter(({ kind }) => kind !== 'no-op' && kind !== 'read');
  return left.length === 0 ? { settled: true } : { settled: false, plan };
}
