import { join } from 'node:path';
import { commitAt, git } from '../../forge/git.ts';
import { repositoryOf, statusJson } from '../present.ts';
import { GiteaError, nextId } from '../world.ts';
import { type Asked, made, ok, paged, type Reply, type Route, textIn } from './route.ts';

export const repositoryRoutes: Route[] = [
  { method: 'GET', pattern: /^$/, answer: ({ world }) => ok(repositoryOf(world)) },
  { method: 'PUT', pattern: /^collaborators\/([^/]+)$/, answer: () => ({ status: 204 }) },
  { method: 'GET', pattern: /^branches\/(.+)$/, answer: branch },
  { method: 'GET', pattern: /^git\/refs\/(.+)$/, answer: refs },
  { method: 'GET', pattern: /^git\/commits\/([0-9a-f]+)$/, answer: commit },
  { method: 'GET', pattern: /^commits\/([0-9a-f]+)\/statuses$/, answer: statuses },
  { method: 'POST', pattern: /^statuses\/([0-9a-f]+)$/, answer: addStatus },
];

function branch({ world, parts }: Asked): Reply {
  const name = parts[0] ?? '';
  if (!world.branches.has(name)) throw notThere();
  const { protection } = world;
  return ok({
    name,
    protected: protection !== undefined,
    required_approvals: protection?.approvals ?? 0,
    enable_status_check: (protection?.statuses.length ?? 0) > 0,
    status_check_contexts: protection?.statuses ?? [],
    user_can_push: true,
    user_can_merge: true,
  });
}

/** `POST user/repos`: an empty repository of whoever asks. This stand-in has one at most. */
export async function makeOwn({ world, user, body }: Pick<Asked, 'world' | 'user' | 'body'>): Promise<Reply> {
  if (world.name !== '') throw new GiteaError(409, 'The repository with the same name already exists.');
  world.owner = user.login;
  world.name = textIn(body, 'name') ?? '';
  world.defaultBranch = textIn(body, 'default_branch') ?? 'main';
  world.repository = join(world.folder, `${world.name}.git`);
  await git(world.folder, ['init', '--quiet', '--bare', `--initial-branch=${world.defaultBranch}`, world.repository]);
  return made(repositoryOf(world));
}

/** Everything whose name begins so; a single one of exactly that name comes as an object. */
async function refs({ world, parts }: Asked): Promise<Reply> {
  const wanted = `refs/${parts[0] ?? ''}`;
  const text = await git(world.repository, ['for-each-ref', '--format=%(refname) %(objectname) %(objecttype)']);
  const found = text.split('\n').flatMap((line) => {
    const [ref = '', sha = '', type = ''] = line.split(' ');
    return ref.startsWith(wanted) ? [{ ref, object: { sha, type } }] : [];
  });
  if (found.length === 0) throw notThere();
  return ok(found.length === 1 && found[0]?.ref === wanted ? found[0] : found);
}

async function commit({ world, parts }: Asked): Promise<Reply> {
  const sha = await commitAt(world.repository, parts[0] ?? '');
  if (sha === undefined) throw notThere();
  return ok({ sha });
}

async function statuses({ world, parts, query }: Asked): Promise<Reply> {
  const found = world.statuses.filter(({ sha }) => sha === parts[0]);
  const newest = query.get('sort') === 'recentupdate' ? found.reverse() : found;
  return paged(newest.map(statusJson), query);
}

async function addStatus({ world, user, now, parts, body }: Asked): Promise<Reply> {
  const sha = await commitAt(world.repository, parts[0] ?? '');
  // A real one fails here and does not refuse (routers/api/v1/repo/status.go).
  if (sha === undefined) throw new GiteaError(500, 'object does not exist');
  const [state, context] = [textIn(body, 'state') ?? '', textIn(body, 'context') ?? 'default'];
  const status = {
    id: nextId(world),
    sha,
    context,
    state,
    description: textIn(body, 'description') ?? '',
    user,
    at: now,
  };
  world.statuses.push(status);
  return made(statusJson(status));
}

function notThere(): GiteaError {
  return new GiteaError(404, "The target couldn't be found.");
}
