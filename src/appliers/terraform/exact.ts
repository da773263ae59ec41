import { isGitmendError } from '../../core/errors.ts';
import type { Digest } from '../../core/json.ts';
import { actionsOf, against, linesOf, type Purpose, type TerraformPlan, widerThan } from '../../terraform/index.ts';
import type { Terraform } from './terraform.ts';

export type Exact =
  { applied: true; plan: TerraformPlan; by: 'reviewed-file' | 'same-again' } | { applied: false; reasons: string[] };

export interface ExactInput {
  /** The digest of the actions that were shown and approved. */
  approved: Digest;
  /** The file that they were shown from, where this machine still has it. */
  file?: string;
  /** A file for the plan that is made again. */
  again: string;
  targets: readonly string[];
  purpose: Omit<Purpose, 'targets'>;
}

/**
 * Applies what was shown and nothing else. `terraform apply FILE` notices a changed state only, so it is planned again
 * first, with everything read anew, and compared action by action: anything wider or other stops, before any effect.
 * Then the reviewed file itself is applied; where the state has moved since (which Terraform notices before it does
 * anything), the new plan with the same actions.
 */
export async function applyExactly(terraform: Terraform, input: ExactInput): Promise<Exact> {
  const { approved, file, again, targets, purpose } = input;
  const shown = file === undefined ? undefined : await shownIn(terraform, file, approved);
  const now = await terraform.plan(targets, again);
  const reasons = [...different(approved, shown, now), ...against(now, { ...purpose, targets })];
  if (reasons.length > 0) return { applied: false, reasons };
  if (file !== undefined && shown !== undefined) {
    try {
      await terraform.apply(file);
      return { applied: true, plan: now, by: 'reviewed-file' };
    } catch (error) {
      if (!isGitmendError(error, 'TERRAFORM_STATE_CHANGED')) throw error;
    }
  }
  await terraform.apply(again);
  return { applied: true, plan: now, by: 'same-again' };
}

function different(approved: Digest, shown: TerraformPlan | undefined, now: TerraformPlan): string[] {
  if (actionsOf(now) === approved) return [];
  if (shown !== undefined) return widerThan(shown, now);
  return [`Terraform would now do something else than was approved: ${linesOf(now).join('; ') || 'nothing at all'}`];
}

/** A file is what it holds, not what it is called. */
async function shownIn(terraform: Terraform, file: string, approved: Digest): Promise<TerraformPlan | undefined> {
  try {
    const plan = await terraform.show(file);
    return actionsOf(plan) === approved ? plan : undefined;
  } catch (error) {
    // Gone, or written by another version: the plan made again stands in.
    if (isGitmendError(error, 'TERRAFORM_FAILED', 'TERRAFORM_PLAN_UNREADABLE')) return undefined;
    throw error;
  }
}
