import { GitmendError } from '../core/errors.ts';
import type { PlanRecord } from '../core/plan.ts';
import { standingOf, type StandingInput } from './view/merging.ts';
import type { PersonsForge } from './person.ts';

/** What the form says was on the page when the button was pressed. */
export interface Pressed {
  head: string;
  actions: string;
}

/** Merges as the person who pressed: exactly the head and the plan that they saw. Throws FORGE_REFUSED with why not. */
export async function pressMerge(forge: PersonsForge, pressed: Pressed, standing: StandingInput): Promise<void> {
  refuseUnseen(pressed, standing.plan, standing.pr.head);
  const { merge } = standingOf(standing);
  if (!merge.may) throw refused(standing, merge.why);
  await forge.merge(standing.pr.number, { style: 'merge', head: pressed.head });
}

/** Approves as the person who pressed. Throws FORGE_REFUSED with why not. */
export async function pressApprove(forge: PersonsForge, pressed: Pressed, standing: StandingInput): Promise<void> {
  refuseUnseen(pressed, standing.plan, standing.pr.head);
  const { approve } = standingOf(standing);
  if (!approve.may) throw refused(standing, approve.why);
  await forge.review(standing.pr.number, 'approved');
}

/** A page may be old by the time its button is pressed. */
function refuseUnseen({ head, actions }: Pressed, plan: PlanRecord | undefined, now: string): void {
  if (plan === undefined || head !== now || actions !== plan.actions)
    throw new GitmendError(
      'FORGE_REFUSED',
      'this is not what the page showed when you pressed: it changed meanwhile, and nothing was done',
    );
}

function refused({ pr }: StandingInput, why: string): GitmendError {
  return new GitmendError('FORGE_REFUSED', `nothing was done with #${pr.number}: ${why}`);
}
