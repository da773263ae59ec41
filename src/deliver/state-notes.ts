import { isGitmendError } from '../core/errors.ts';
import type { PlanRecord } from '../core/plan.ts';
import type { StackBasis } from './terraform.ts';
import type { World } from './world.ts';

/** One note of a run's comment is short: the state is Terraform's own, and the step is done whatever it says. */
const longest = 400;

/**
 * After steps that went through the API: Terraform's state learns of each guest, and what Terraform would still do at its
 * address is a note of the run, no failure of the step. Nothing where no Terraform is set up.
 */
export async function stateNotes(world: World, basis: StackBasis, { steps }: PlanRecord): Promise<string[]> {
  if (world.terraform === undefined) return [];
  const changed = new Map(steps.filter(isNoticed).map(({ target, name }) => [target, name]));
  if (changed.size === 0) return [];
  // As it is declared now, sizes too: it is those that the state is to come to.
  const engine = world.terraform({ ...basis, guests: new Map() });
  const notes: string[] = [];
  for (const [target, name] of changed) {
    try {
      const left = await engine.notice(target);
      if (left.length > 0) notes.push(`Terraform would still change ${name}: ${left.join('; ')}`.slice(0, longest));
    } catch (error) {
      if (!isGitmendError(error)) throw error;
      notes.push(`Terraform took no notice of ${name} (${error.code}): ${error.message}`.slice(0, longest));
    }
  }
  return notes;
}

function isNoticed({ applier, destroys }: PlanRecord['steps'][number]): boolean {
  return applier === 'proxmox' && !destroys;
}
