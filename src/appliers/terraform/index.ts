import { type ProxmoxClient, readGuest } from '../../clients/proxmox/index.ts';
import { GitmendError, isGitmendError } from '../../core/errors.ts';
import type { Preview } from '../../core/plan.ts';
import type { Step, TerraformAction } from '../../core/step.ts';
import { parseGuestTarget } from '../../core/target.ts';
import { actionsOf, against, linesOf, type TerraformPlan } from '../../terraform/index.ts';
import type { Applier, Observed } from '../applier.ts';
import { applyExactly } from './exact.ts';
import type { Terraform } from './terraform.ts';

export { layOutStack, type StackFolder } from './folder.ts';
export { takeNotice, type Notice } from './notice.ts';
export { type Terraform, terraformOn, type TerraformSetting } from './terraform.ts';

/** Terraform on one stack, and two plan files of its own. */
export interface PreparedStack {
  terraform: Terraform;
  /** The plan that was shown, where this machine made it. */
  reviewed: string;
  /** The plan that is made now. */
  again: string;
}

/**
 * Guests by Terraform: what Proxmox VE's own API does not do in one write. Everything is judged by the addresses of the
 * step alone (`-target`); what else differs in the stack is left.
 */
export function terraformApplier(
  stacks: (stack: string) => Promise<PreparedStack>,
  clients: (cluster: string) => ProxmoxClient,
): Applier {
  return {
    name: 'terraform',
    read: async (target) => readGuest(clients(target.cluster), target),
    preview: async (step) => previewed(step, await planNow(step, stacks)),
    async apply(step) {
      const action = actionOf(step);
      const { terraform, reviewed, again } = await stacks(action.stack);
      const done = await applyExactly(terraform, {
        approved: action.plan,
        file: reviewed,
        again,
        targets: action.addresses,
        purpose: purposeOf(step, action),
      });
      if (!done.applied) throw new GitmendError('TERRAFORM_PLAN_CHANGED', done.reasons.join('; '));
      return effectOf(step, clients);
    },
    observe: async (step) => observed(step, await planNow(step, stacks)),
    // What the provider wrote is its own to finish: the next plan shows what is left of it.
    revertPending: () => Promise.resolve(),
  };
}

function actionOf({ action, applier }: Step): TerraformAction {
  if (action.kind === 'apply-terraform') return action;
  throw new GitmendError(
    'INTERNAL',
    `a step of ${applier} with the action ${action.kind} came to the applier terraform`,
  );
}

async function planNow(step: Step, stacks: (stack: string) => Promise<PreparedStack>): Promise<TerraformPlan> {
  const { stack, addresses } = actionOf(step);
  const { terraform, again } = await stacks(stack);
  return terraform.plan(addresses, again);
}

/** A step that destroys says so, and was approved as that; any other may neither destroy nor replace. */
function purposeOf({ destroys }: Step, { addresses }: TerraformAction) {
  return destroys ? { destroys: addresses, replaces: addresses } : { destroys: [], replaces: [] };
}

function previewed(step: Step, now: TerraformPlan): Preview {
  const action = actionOf(step);
  const reasons = against(now, { ...purposeOf(step, action), targets: action.addresses });
  if (reasons.length > 0) return { accepted: false, notes: reasons };
  if (actionsOf(now) === action.plan) return { accepted: true, notes: ['Terraform plans the same again'] };
  return { accepted: false, notes: [otherwise(now)] };
}

function observed(step: Step, now: TerraformPlan): Observed {
  if (linesOf(now).length === 0)
    return { state: 'done', saw: 'Terraform plans no change at the addresses of this step' };
  if (actionsOf(now) === actionOf(step).plan)
    return { state: 'not-done', saw: 'Terraform still plans what was approved' };
  return { state: 'unknown', saw: otherwise(now) };
}

function otherwise(now: TerraformPlan): string {
  const lines = linesOf(now);
  return `Terraform would now do something else than was shown: ${lines.join('; ') || 'nothing at all'}`;
}

/** The guest's configuration digest after it, as for every effect without a task; the plan's own where no guest is left. */
async function effectOf(step: Step, clients: (cluster: string) => ProxmoxClient): Promise<string> {
  const target = parseGuestTarget(step.target);
  if (target === undefined) return actionOf(step).plan;
  try {
    return (await readGuest(clients(target.cluster), target)).guest.digest;
  } catch (error) {
    // It was applied: not being able to look must not read as a failure of the write. Verification looks again.
    if (isGitmendError(error)) return actionOf(step).plan;
    throw error;
  }
}
