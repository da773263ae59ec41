import { type ProxmoxClient, readGuest } from '../../clients/proxmox/index.ts';
import { GitmendError, isGitmendError, unless } from '../../core/errors.ts';
import type { LiveGuest } from '../../core/guest.ts';
import type { Preview } from '../../core/plan.ts';
import type { Step, TerraformAction } from '../../core/step.ts';
import { parseGuestTarget } from '../../core/target.ts';
import { actionsOf, against, linesOf, type TerraformPlan } from '../../terraform/index.ts';
import type { Applier, Observed } from '../applier.ts';
import { applyExactly } from './exact.ts';
import { revertLeftover, rootDiskWaits } from './leftover.ts';
import type { Terraform } from './terraform.ts';

export { initWith, layOutStack, type StackFolder } from './folder.ts';
export { holderAt } from './holder.ts';
export { inTurn } from './turn.ts';
export { takeNotice, type Notice } from './notice.ts';
export { programVersion, type Terraform, terraformOn, type TerraformSetting } from './terraform.ts';

/** Terraform on one stack, initialized, and where its plan goes. */
export interface PreparedStack {
  terraform: Terraform;
  /** The plan that was shown, where this process made it. Whoever may only read plans for nobody who may write. */
  reviewed?: string;
  /** The plan that is made now. */
  again: string;
}

/** Does something with the stack of a step, while nobody else works in its folder. */
export type OnStack = <T>(step: Step, work: (stack: PreparedStack) => Promise<T>) => Promise<T>;

/**
 * Guests by Terraform: what Proxmox VE's own API does not do in one write. Everything is judged by the addresses of the
 * step alone (`-target`); what else differs in the stack is left.
 */
export function terraformApplier(onStack: OnStack, clients: (cluster: string) => ProxmoxClient): Applier {
  return {
    name: 'terraform',
    read: async (target) => readGuest(clients(target.cluster), target),
    preview: async (step) => previewedStep(step, await planNow(step, onStack), 'Terraform plans the same again'),
    async apply(step, { live }) {
      const action = actionOf(step);
      const guest = parseGuestTarget(step.target);
      const container = live === undefined || guest?.type !== 'lxc' ? undefined : guest;
      const waited = container === undefined || (await rootDiskWaits(clients(container.cluster), container));
      const done = await onStack(step, ({ terraform, reviewed, again }) =>
        applyExactly(terraform, {
          approved: action.plan,
          ...(reviewed === undefined ? {} : { file: reviewed }),
          again,
          targets: action.addresses,
          purpose: purposeOf(action),
        }),
      );
      if (!done.applied) throw new GitmendError('TERRAFORM_PLAN_CHANGED', done.reasons.join('; '));
      if (container !== undefined && !waited) await revertLeftover(clients(container.cluster), container, done.plan);
      return effectOf(step, clients);
    },
    async observe(step) {
      const seen = observed(step, await planNow(step, onStack));
      const live = await liveOf(step, clients);
      return live === undefined ? seen : { ...seen, live };
    },
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

async function planNow(step: Step, onStack: OnStack): Promise<TerraformPlan> {
  const { addresses } = actionOf(step);
  return onStack(step, ({ terraform, again }) => terraform.plan(addresses, again));
}

/** What the pull request itself took out of the code may go, and nothing else; nothing is ever replaced. */
function purposeOf({ touches }: TerraformAction) {
  return { destroys: touches?.destroys ?? [], replaces: [] };
}

/** Whether a step may go by this plan of its addresses: it is what the step says, and destroys nothing that it does not. */
export function previewedStep(step: Step, now: TerraformPlan, note: string): Preview {
  const action = actionOf(step);
  const reasons = against(now, { ...purposeOf(action), targets: action.addresses });
  if (reasons.length > 0) return { accepted: false, notes: reasons };
  if (actionsOf(now) === action.plan) return { accepted: true, notes: [note] };
  return { accepted: false, notes: [otherwise(now)] };
}

function observed(step: Step, now: TerraformPlan): Observed {
  // A guest that is only imported is as it shall be, and its state has lost it: one that was created half-way, too.
  if (against(now, purposeOf(actionOf(step))).length === 0 && now.changes.every(onlyImports))
    return { state: 'done', saw: 'Terraform plans no change at the addresses of this step' };
  if (actionsOf(now) === actionOf(step).plan)
    return { state: 'not-done', saw: 'Terraform still plans what was approved' };
  return { state: 'unknown', saw: otherwise(now) };
}

function onlyImports({ kind, movedFrom }: TerraformPlan['changes'][number]): boolean {
  return kind === 'read' || (kind === 'no-op' && movedFrom === undefined);
}

function otherwise(now: TerraformPlan): string {
  const lines = linesOf(now);
  return `Terraform would now do something else than was shown: ${lines.join('; ') || 'nothing at all'}`;
}

/** The guest's configuration digest after it, as for every effect without a task; the plan's own where no guest is left. */
async function effectOf(step: Step, clients: (cluster: string) => ProxmoxClient): Promise<string> {
  try {
    return (await liveOf(step, clients))?.digest ?? actionOf(step).plan;
  } catch (error) {
    // It was applied: not being able to look must not read as a failure of the write. Verification looks again.
    if (isGitmendError(error)) return actionOf(step).plan;
    throw error;
  }
}

async function liveOf(step: Step, clients: (cluster: string) => ProxmoxClient): Promise<LiveGuest | undefined> {
  const target = parseGuestTarget(step.target);
  if (target === undefined) return undefined;
  return (await unless('PVE_NOT_FOUND', readGuest(clients(target.cluster), target)))?.guest;
}
