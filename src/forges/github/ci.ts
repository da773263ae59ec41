import { isGitmendError } from '../../core/errors.ts';
import type { Exposure, ForgeCi } from '../forge.ts';
import { cancelledLongAgo } from '../cancelled.ts';
import { done } from '../http/client.ts';
import { refused } from '../refused.ts';
import type { GithubContext } from './context.ts';
import { listOf } from '../http/shapes.ts';
import { branchPolicyShape, collaboratorShape, environmentShape, workflowRunShape } from './shapes.ts';
import { z } from 'zod';

/** GitHub Actions. Needs "Actions: write" to dispatch and "Actions: read" to look. */
export function githubCi(context: GithubContext): ForgeCi {
  return {
    async dispatch(workflow, inputs) {
      if (!/^[A-Za-z0-9._-]{1,100}\.ya?ml$/.test(workflow))
        throw refused(`${JSON.stringify(workflow.slice(0, 80))} is no workflow file`);
      const route = 'POST /repos/{owner}/{repo}/actions/workflows/{workflow_id}/dispatches';
      const wish = { workflow_id: workflow, ref: context.defaultBranch, inputs: { ...inputs } };
      done(context.name, await context.api.send(route, wish), `a dispatch of ${workflow}`);
    },
    async ended(run) {
      if (!/^\d{1,15}$/.test(run)) return undefined;
      const route = 'GET /repos/{owner}/{repo}/actions/runs/{run_id}';
      const found = await context.api.find(route, { run_id: Number(run) }, workflowRunShape);
      if (found === undefined) return undefined;
      if (found.status !== 'completed' || found.conclusion !== 'cancelled') return found.status === 'completed';
      // Who cancels by force does not wait for the runner.
      return cancelledLongAgo(found.updated_at, context.clock.now());
    },
    exposure: () => exposure(context),
  };
}

/** The environment of the workflows of the template, which the write secret belongs into. */
const environment = 'gitmend';

/**
 * Who may push, and whether the environment `gitmend` is given to jobs of the default branch alone. That the secret lies in
 * it, and not beside it in the repository, GitHub tells to administrators only: docs/forges.md says where to put it.
 */
async function exposure(context: GithubContext): Promise<Exposure> {
  return { pushers: await pushers(context), bound: await isBound(context) };
}

/**
 * Everybody of whom it is not told that they may not push. Asked without GitHub's filter `permission=push`, of which nothing
 * says that it names those who may do more.
 */
async function pushers({ api }: GithubContext): Promise<string[] | undefined> {
  try {
    const all = await api.all('GET /repos/{owner}/{repo}/collaborators', {}, listOf(collaboratorShape));
    return all.filter(({ permissions }) => mayPush(permissions)).map(({ login }) => login);
  } catch (error) {
    if (isGitmendError(error, 'FORGE_REFUSED') && [403, 404].includes(Number(error.details['status'])))
      return undefined;
    throw error;
  }
}

function mayPush(told: z.output<typeof collaboratorShape>['permissions']): boolean {
  return told === undefined || told.push || told.maintain === true || told.admin;
}

const policyPage = z.object({ branch_policies: listOf(branchPolicyShape) }).transform((page) => page.branch_policies);

async function isBound({ api, defaultBranch }: GithubContext): Promise<boolean | undefined> {
  const named = { environment_name: environment };
  const hidden = [403, 404];
  const found = await api.find(
    'GET /repos/{owner}/{repo}/environments/{environment_name}',
    named,
    environmentShape,
    hidden,
  );
  if (found === undefined) return undefined;
  if (found.deployment_branch_policy?.custom_branch_policies !== true) return false;
  const route = 'GET /repos/{owner}/{repo}/environments/{environment_name}/deployment-branch-policies';
  const policies = await api.all(route, named, policyPage);
  return (
    policies.length > 0 && policies.every(({ name, type }) => name === defaultBranch && (type ?? 'branch') === 'branch')
  );
}
