import { git } from '../../forge/git.ts';
import { GithubError, nextId, notFound, type World } from '../world.ts';
import { type Asked, ok, paged, type Reply, type Route, textIn } from './route.ts';

/** rest/deployments/environments, rest/deployments/branch-policies and rest/actions */
export const actionsRoutes: Route[] = [
  { method: 'GET', pattern: /^environments\/([^/]+)$/, answer: environment },
  { method: 'GET', pattern: /^environments\/([^/]+)\/deployment-branch-policies$/, answer: policies },
  { method: 'GET', pattern: /^actions\/runs$/, answer: runs },
  { method: 'GET', pattern: /^actions\/runs\/(\d+)$/, answer: run },
  { method: 'POST', pattern: /^actions\/workflows\/([^/]+)\/dispatches$/, answer: dispatch },
];

/** Begins a run, as a server does when an event starts a workflow: it runs none itself. */
export function beginRun(world: World, name: string, sha: string): World['runs'][number] {
  const run = { id: nextId(world), name, sha, status: 'in_progress', conclusion: null };
  world.runs.push(run);
  return run;
}

export function endRun(run: World['runs'][number], conclusion: 'success' | 'failure' | 'cancelled'): void {
  Object.assign(run, { status: 'completed', conclusion });
}

/**
 * The commit at `refs/pull/N/merge`, which a workflow of a pull request is started for: base and head together, on no
 * branch. `undefined` for a conflict: then GitHub starts no workflow of it.
 */
export async function testMerge(
  { repository }: World,
  { number, base, head }: { number: number; base: string; head: string },
): Promise<string | undefined> {
  const merged = await git(repository, ['merge-tree', '--write-tree', `refs/heads/${base}`, head]).catch(() => '');
  const tree = merged.trim();
  if (tree === '') return undefined;
  const parents = ['-p', `refs/heads/${base}`, '-p', head];
  const commit = (await git(repository, ['commit-tree', tree, ...parents, '-m', 'Merge'], 'GitHub')).trim();
  await git(repository, ['update-ref', `refs/pull/${number}/merge`, commit]);
  return commit;
}

function environment({ world, parts }: Asked): Reply {
  const branches = world.environments.get(parts[0] ?? '');
  if (branches === undefined) throw notFound();
  const policy = branches === 'any' ? null : { protected_branches: false, custom_branch_policies: true };
  return ok({ id: 1, name: parts[0], deployment_branch_policy: policy });
}

function policies({ world, parts, query }: Asked): Reply {
  const branches = world.environments.get(parts[0] ?? '');
  const names = branches === undefined || branches === 'any' ? [] : branches;
  return paged(
    names.map((name, id) => ({ id, name, type: 'branch' })),
    query,
    'branch_policies',
  );
}

function runs({ world, user, query }: Asked): Reply {
  if (world.permissions.get(`${user.login} actions`) === 'none')
    throw new GithubError(403, 'Resource not accessible by personal access token');
  const found = world.runs.filter(({ sha }) => query.get('head_sha') === null || sha === query.get('head_sha'));
  return paged(found.map(runJson), query, 'workflow_runs');
}

function run({ world, parts }: Asked): Reply {
  const found = world.runs.find(({ id }) => id === Number(parts[0]));
  if (found === undefined) throw notFound();
  return ok(runJson(found));
}

function runJson({ id, name, sha, status, conclusion, updatedAt }: World['runs'][number]) {
  return { id, name, head_sha: sha, status, conclusion, ...(updatedAt === undefined ? {} : { updated_at: updatedAt }) };
}

function dispatch({ world, parts, body }: Asked): Reply {
  const workflow = parts[0] ?? '';
  const ref = textIn(body, 'ref') ?? '';
  if (!world.workflows.includes(workflow)) throw notFound();
  if (!world.branches.has(ref)) throw new GithubError(422, `No ref found for: ${ref}`);
  world.dispatches.push({ workflow, ref, inputs: body['inputs'] });
  return { status: 204 };
}
