import { isGitmendError } from '../core/errors.ts';
import type { Forge } from '../forges/forge.ts';
import type { CliContext } from './context.ts';

/**
 * Starts the next workflow, because what a job's token does starts none. Where the forge does not let it, the scheduled
 * reconcile finds the same a little later, so that is said and fails nothing.
 */
export async function dispatch(
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
