import { join } from 'node:path';
import { commitAt, git } from '../../forge/git.ts';
import { checkJson, repositoryOf, statusJson, userOf } from '../present.ts';
import { type CheckRun, GithubError, invalid, nextId, notFound, permissionOf, type World } from '../world.ts';
import { type Asked, made, ok, paged, type Reply, type Route, textIn } from './route.ts';

/** rest/repos, rest/branches, rest/commits/statuses, rest/checks/runs and rest/collaborators */
export const repositoryRoutes: Route[] = [
  {
    method: 'GET',
    pattern: /^$/,
    answer: ({ world, user }) => ok(repositoryOf(world, user, permissionOf(world, user))),
  },
  { method: 'PUT', pattern: /^collaborators\/([^/]+)$/, answer: () => ({ status: 204 }) },
  { method: 'GET', pattern: /^collaborators\/([^/]+)\/permission$/, answer: permission },
  { method: 'GET', pattern: /^collaborators$/, answer: collaborators },
  { method: 'GET', pattern: /^branches\/(.+)$/, answer: branch },
  { method: 'GET', pattern: /^rules\/branches\/(.+)$/, answer: rules },
  { method: 'GET', pattern: /^commits\/([0-9a-f]+)\/status$/, answer: combined },
  { method: 'POST', pattern: /^statuses\/([0-9a-f]+)$/, answer: addStatus },
  { method: 'GET', pattern: /^commits\/([0-9a-f]+)\/check-runs$/, answer: checks },
  { method: 'POST', pattern: /^check-runs$/, answer: addCheck },
  { method: 'PATCH', pattern: /^check-runs\/(\d+)$/, answer: editCheck },
];

/** `POST user/repos`: an empty repository of whoever asks. This stand-in has one at most. */
export async function makeOwn({ world, user, body }: Pick<Asked, 'world' | 'user' | 'body'>): Promise<Reply> {
  if (world.name !== '')
    throw invalid({ resource: 'Repository', code: 'custom', message: 'name already exists on this account' });
  world.owner = user.login;
  world.name = textIn(body, 'name') ?? '';
  world.repository = join(world.folder, `${world.name}.git`);
  await git(world.folder, ['init', '--quiet', '--bare', `--initial-branch=${world.defaultBranch}`, world.repository]);
  return made(repositoryOf(world, user, 'admin'));
}

/** `maintain` is told as write and `triage` as read; an account that there is none of is 404. */
function permission({ world, parts }: Asked): Reply {
  const user = world.users.find(({ login }) => login.toLowerCase() === parts[0]?.toLowerCase());
  if (user?.kind !== 'person') throw notFound();
  const role = permissionOf(world, user);
  return ok({ permission: role, role_name: role, user: userOf(user) });
}

/** Everybody with what they may do, readers too; told to whoever may push. The filter `permission` is not kept to. */
function collaborators({ world, user, query }: Asked): Reply {
  if (permissionOf(world, user) === 'read')
    throw new GithubError(403, 'Must have push access to view repository collaborators.');
  const people = world.users.filter((one) => one.kind === 'person' && permissionOf(world, one) !== 'none');
  return paged(
    people.map((one) => ({ ...userOf(one), ...rightsOf(permissionOf(world, one)) })),
    query,
  );
}

function rightsOf(role: string) {
  const [admin, push] = [role === 'admin', role === 'admin' || role === 'write'];
  return { permissions: { pull: true, triage: push, push, maintain: admin, admin }, role_name: role };
}

function branch({ world, parts }: Asked): Reply {
  const name = parts[0] ?? '';
  const sha = world.branches.get(name);
  if (sha === undefined) throw new GithubError(404, 'Branch not found');
  const contexts = world.protection?.statuses ?? [];
  const level = world.protection === undefined ? 'off' : 'non_admins';
  return ok({
    name,
    commit: { sha },
    protected: world.protection !== undefined,
    protection: {
      enabled: world.protection !== undefined,
      required_status_checks: {
        enforcement_level: level,
        contexts,
        checks: contexts.map((context) => ({ context, app_id: null })),
      },
    },
  });
}

function rules({ world, query }: Asked): Reply {
  const { ruleset } = world;
  if (ruleset === undefined) return paged([], query);
  const required_status_checks = ruleset.statuses.map((context) => ({ context }));
  const parameters = { required_status_checks, strict_required_status_checks_policy: false };
  const pull = {
    ...{
      required_approving_review_count: ruleset.approvals,
      dismiss_stale_reviews_on_push: ruleset.dismissesStale ?? false,
    },
    ...{
      require_code_owner_review: false,
      require_last_push_approval: false,
      required_review_thread_resolution: false,
    },
  };
  return paged(
    [{ type: 'required_status_checks', parameters }, { type: 'pull_request', parameters: pull }, { type: 'deletion' }],
    query,
  );
}

/** The latest of each context. */
function combined({ world, parts, query }: Asked): Reply {
  const found = new Map(world.statuses.filter(({ sha }) => sha === parts[0]).map((one) => [one.context, one]));
  const { json, ...rest } = paged([...found.values()].map(statusJson), query, 'statuses');
  const states = [...found.values()].map(({ state }) => state);
  const state = states.some((one) => one === 'failure' || one === 'error')
    ? 'failure'
    : states.every((one) => one === 'success') && states.length > 0
      ? 'success'
      : 'pending';
  return { ...rest, json: { ...(json as object), state, sha: parts[0] } };
}

/** 1,000 per commit and context; a description of 140 characters. */
async function addStatus({ world, user, now, parts, body, emit }: Asked): Promise<Reply> {
  const sha = await commitOf(world, parts[0] ?? '');
  const [state, context] = [textIn(body, 'state') ?? '', textIn(body, 'context') ?? 'default'];
  const description = textIn(body, 'description') ?? null;
  if (!['error', 'failure', 'pending', 'success'].includes(state))
    throw invalid({ resource: 'Status', field: 'state', code: 'custom' });
  if ((description ?? '').length > 140)
    throw invalid({
      resource: 'Status',
      code: 'custom',
      message: 'description is too long (maximum is 140 characters)',
    });
  if (world.statuses.filter((one) => one.sha === sha && one.context === context).length >= 1000)
    throw invalid('This SHA and context has reached the maximum number of statuses.');
  const status = { id: nextId(world), sha, context, state, description, user, at: now };
  world.statuses.push(status);
  emit('status', { sha, context, state });
  return made(statusJson(status));
}

async function commitOf(world: World, sha: string): Promise<string> {
  const found = await commitAt(world.repository, sha);
  if (found === undefined) throw new GithubError(422, `No commit found for SHA: ${sha}`);
  return found;
}

function checks({ world, user, parts, query }: Asked): Reply {
  if (user.fineGrained === true) throw new GithubError(403, 'Resource not accessible by personal access token');
  const all = world.checks.filter(({ sha }) => sha === parts[0]);
  // `latest`: of each App's runs with one name the last one.
  const latest = [...new Map(all.map((one) => [`${one.app} ${one.name}`, one])).values()];
  return paged((query.get('filter') === 'all' ? all : latest).map(checkJson), query, 'check_runs');
}

/** Only Apps write check runs. */
async function addCheck({ world, user, now, body }: Asked): Promise<Reply> {
  if (user.kind === 'person') throw new GithubError(403, 'You must authenticate via a GitHub App.');
  const sha = await commitOf(world, textIn(body, 'head_sha') ?? '');
  const app = user.login.replace('[bot]', '');
  const run: CheckRun = {
    ...{ id: nextId(world), sha, name: textIn(body, 'name') ?? '', status: 'queued', conclusion: null },
    ...{ title: null, summary: null, app, at: now },
  };
  shown(run, body);
  world.checks.push(run);
  return made(checkJson(run));
}

function editCheck({ world, user, parts, body }: Asked): Reply {
  const run = world.checks.find(({ id }) => id === Number(parts[0]));
  if (run === undefined || `${run.app}[bot]` !== user.login) throw notFound();
  shown(run, body);
  return ok(checkJson(run));
}

/** A conclusion completes it; one that is completed needs a conclusion. */
function shown(run: CheckRun, body: Asked['body']): void {
  const conclusion = textIn(body, 'conclusion');
  const status = conclusion === undefined ? (textIn(body, 'status') ?? run.status) : 'completed';
  if (status === 'completed' && conclusion === undefined && run.conclusion === null)
    throw invalid({ resource: 'CheckRun', field: 'conclusion', code: 'missing_field' });
  const output = (body['output'] ?? {}) as { title?: string; summary?: string };
  run.status = status;
  run.conclusion = conclusion ?? run.conclusion;
  run.title = output.title ?? run.title;
  run.summary = output.summary ?? run.summary;
}
