import { workflows } from '../ci/job.ts';
import { isGitmendError } from '../core/errors.ts';
import type { Forge } from '../forges/forge.ts';
import type { CliContext } from './context.ts';

/**
 * Starts the next workflow, because what a job's token does starts none. Where the forge does not let it, the scheduled
 * reconcile finds the same a little later, so that is said and fails nothing.
 */
async function dispatch(
  { print, warn }: Pick<CliContext, 'print' | 'warn'>,
  { ci }: Pick<Forge, 'ci'>,
  workflow: string,
  inputs: { readonly [name: string]: string },
  why: string,
): Promise<void> {
  try {
    if (ci === undefined) return;
    await ci.dispatch(workflow, inputs);
    print(`${why}: ${workflow} is started`);
  } catch (error) {
    if (!isGitmendError(error)) throw error;
    warn(`${why}, and ${workflow} could not be started (${error.message}); the next schedule does it`);
  }
}

/**
 * Has these pull requests planned, by one dispatch: of several one that names none, which plans all that are open. Gitea
 * (1.25) cancels a dispatched run when the same workflow is dispatched again, so of one dispatch each only the last is left.
 */
export async function dispatchPlans(
  context: Pick<CliContext, 'print' | 'warn'>,
  forge: Pick<Forge, 'ci'>,
  numbers: readonly number[],
): Promise<void> {
  const [first] = numbers;
  if (first === undefined) return;
  const inputs: { [name: string]: string } = numbers.length === 1 ? { pull_request: String(first) } : {};
  const have = numbers.length === 1 ? 'has no plan yet' : 'have no plan yet';
  const who = numbers.map((number) => `#${number}`).join(', ');
  await dispatch(context, forge, workflows.plan, inputs, `${who} ${have}`);
}
