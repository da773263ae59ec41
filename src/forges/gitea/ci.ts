import { z } from 'zod';
import { GitmendError } from '../../core/errors.ts';
import type { Exposure, ForgeCi } from '../forge.ts';
import { cancelledLongAgo } from '../cancelled.ts';
import { done, readAs } from '../http/client.ts';
import { find, type GiteaContext, pathOf } from './context.ts';
import { time } from '../http/shapes.ts';
import { userShape } from './shapes.ts';

const runShape = z.object({ status: z.string(), conclusion: z.string().nullish(), completed_at: time.nullish() });

/** What a run is called that is over (services/convert, ToActionsStatus: Gitea 1.25). */
const over = 'completed';

/** Gitea Actions, as the account of this token may use it. */
export function giteaCi(context: GiteaContext): ForgeCi {
  return {
    dispatch: (workflow, inputs) => dispatch(context, workflow, inputs),
    ended: (run) => ended(context, run),
    exposure: () => exposure(context),
  };
}

/** `POST actions/workflows/{file}/dispatches` on the default branch; sent once, since a second one is a second run. */
async function dispatch(
  context: GiteaContext,
  workflow: string,
  inputs: { readonly [name: string]: string },
): Promise<void> {
  if (!/^[A-Za-z0-9._-]{1,100}\.ya?ml$/.test(workflow))
    throw new GitmendError('INTERNAL', `${JSON.stringify(workflow.slice(0, 100))} is not the file of a workflow`);
  const path = pathOf(context, 'actions', 'workflows', workflow, 'dispatches');
  const body = { ref: `refs/heads/${context.defaultBranch}`, inputs };
  done(context.name, await context.http.send('POST', { path, body }), path);
}

/** A run that Gitea does not know (deleted, or of another repository) is no proof of anything. */
async function ended(context: GiteaContext, run: string): Promise<boolean | undefined> {
  if (!/^[1-9]\d{0,19}$/.test(run)) return undefined;
  const found = await find(context, pathOf(context, 'actions', 'runs', run), runShape);
  if (found === undefined) return undefined;
  if (found.status !== over || found.conclusion !== 'cancelled') return found.status === over;
  return cancelledLongAgo(found.completed_at, context.clock.now());
}

/**
 * Who can be assigned is who may write: owner, collaborators and teams, told to whoever may read (collaborators are told to
 * administrators alone). On an organization's repository also who may only read pull requests: too many here is the safe
 * side. Not among them: administrators of the server, and deploy keys. Gitea binds no secret to a branch.
 */
async function exposure(context: GiteaContext): Promise<Exposure> {
  const path = pathOf(context, 'assignees');
  const answer = await context.http.get({ path, accept: [403, 404] });
  if (answer.status !== 200) return { pushers: undefined, bound: false };
  const listed = readAs(z.array(userShape.nullable()).nullable(), answer, path) ?? [];
  return { pushers: listed.flatMap((one) => one?.login ?? []), bound: false };
}
