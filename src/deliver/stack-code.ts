import { refusal } from '../core/change-set.ts';
import { errorCatalogue } from '../core/errors.ts';
import type { TerraformShown } from '../core/plan.ts';
import type { Step } from '../core/step.ts';
import { printStackTarget, type Target } from '../core/target.ts';
import { isEffect, type StackCodePlan } from '../terraform/index.ts';
import { counted, listed } from '../texts/words.ts';
import type { Difference } from './difference.ts';
import { isTerraformError, type StackBasis } from './terraform.ts';
import type { Engines } from './world.ts';

/** What a change of stack code comes to. */
export interface StackOutcome {
  /** One for each stack that differs, by name. */
  plans: readonly StackCodePlan[];
  /** Names of those that do not: nothing of them is planned. */
  untouched: readonly string[];
  /** How the synthesized stacks differ, line by line. */
  lines: readonly string[];
}

const nothing: StackOutcome = { plans: [], untouched: [], lines: [] };

/** Asks for the stacks of a basis. Throws TERRAFORM_, SYNTH_ and SANDBOX_ errors where there is no answer. */
export async function stackOutcome(
  { terraform }: Pick<Engines, 'terraform'>,
  basis: StackBasis,
  done: ReadonlyMap<Target, Step> = new Map(),
): Promise<StackOutcome> {
  return terraform === undefined || basis.change === undefined ? nothing : terraform(basis).stacks(done);
}

/** The same for a pull request that is being planned: what keeps it from being planned refuses it by name. */
export async function stackOutcomeOrWhy(engines: Pick<Engines, 'terraform'>, basis: StackBasis): Promise<StackOutcome> {
  try {
    return await stackOutcome(engines, basis);
  } catch (error) {
    if (!isTerraformError(error)) throw error;
    const { next } = errorCatalogue[error.code];
    const refused = refusal(error.code.toLowerCase().replaceAll('_', '-'), error.message, next);
    return { ...nothing, plans: [{ state: 'refused', stack: '', refusal: refused }] };
  }
}

/** What Terraform plans, for the comment: also where it is refused, because then it says why. */
export function shownStacks({ plans }: StackOutcome): TerraformShown[] {
  return plans.flatMap((one) =>
    one.state === 'planned'
      ? [{ target: printStackTarget(one.reach.stack), stack: one.reach.stack, plan: one.plan }]
      : [],
  );
}

/** What there is to say of the stacks beside the steps. */
export function stackNotes(difference: Difference, basis: StackBasis, outcome: StackOutcome): string[] {
  if (basis.change === undefined) return [];
  const { plans, untouched } = outcome;
  const { stacks } = difference.areas;
  const code = stacks.slice(0, 8).join(', ') + (stacks.length > 8 ? ` and ${stacks.length - 8} more` : '');
  if (plans.length === 0)
    return stacks.length === 0 ? [] : [`Stack code changes, and the stacks are the same, byte for byte: ${code}`];
  const planned = plans.flatMap((one) => (one.state === 'planned' ? [one] : []));
  const quiet = planned.filter(({ plan }) => !plan.changes.some(isEffect));
  return [
    ...(stacks.length === 0 ? [] : [`Stack code changes, and was run in a sandbox: ${code}`]),
    ...planned.map(({ reach: { stack, addresses, parts } }) => {
      const all = parts.length === 0 ? '' : `, all that it has, because ${listed(parts)} of it changes`;
      return `Planned of stack ${stack}: ${counted(addresses.length, 'address', 'addresses')} that this can reach${all}`;
    }),
    ...quiet.map(({ reach, plan }) => {
      const outputs =
        plan.outputs.length === 0 ? '' : `; its outputs change with its next step (${listed(plan.outputs)})`;
      return `Terraform plans no change there in stack ${reach.stack}${outputs}`;
    }),
    ...(untouched.length === 0 ? [] : [`Not planned, because nothing of it differs: ${listed(untouched)}`]),
  ];
}
