import { userOf } from '../present.ts';
import { GiteaError, type World } from '../world.ts';
import { type Asked, ok, paged, type Reply, type Route } from './route.ts';

export const peopleRoutes: Route[] = [
  { method: 'GET', pattern: /^collaborators\/([^/]+)\/permission$/, answer: permission },
  {
    method: 'GET',
    pattern: /^assignees$/,
    answer: ({ world }) => ok(world.users.filter(({ login }) => isAssignable(world, login)).map(userOf)),
  },
  { method: 'GET', pattern: /^teams$/, answer: ({ world }) => repositoryTeams(world) },
];

/** What lies outside the repository: accounts and teams. Their patterns are below /api/v1. */
export const outsideRoutes: Route[] = [
  { method: 'GET', pattern: /^users\/([^/]+)$/, answer: ({ world, parts }) => ok(userOf(accountOf(world, parts[0]))) },
  {
    method: 'GET',
    pattern: /^orgs\/([^/]+)\/teams$/,
    answer: ({ world, parts, query }) => {
      if (world.teams.length === 0 || parts[0] !== world.owner) throw new GiteaError(404, 'not an organization');
      return paged(
        world.teams.map(({ id, name }) => ({ id, name, permission: 'write' })),
        query,
      );
    },
  },
  {
    method: 'GET',
    pattern: /^teams\/(\d+)\/members\/([^/]+)$/,
    answer: ({ world, parts }) => {
      const found = world.teams.find(({ id }) => id === Number(parts[0]));
      if (found?.members.includes(parts[1] ?? '') !== true) throw new GiteaError(404, 'not a member');
      return ok(userOf(accountOf(world, parts[1])));
    },
  },
];

/** Only an administrator of the repository is told what others may do; everybody is told what they may do themselves. */
function permission({ world, user, parts }: Asked): Reply {
  const asked = accountOf(world, parts[0]);
  if (permissionOf(world, user.login) !== 'admin' && asked !== user)
    throw new GiteaError(403, 'Only admins can query all permissions, repo admins can query all repo permissions');
  return ok({ permission: permissionOf(world, asked.login), role_name: '', user: userOf(asked) });
}

/** Who may write; on an organization's repository also whose team may only read pull requests. */
function isAssignable(world: World, login: string): boolean {
  const inTeam = world.teams.some(({ members }) => members.includes(login));
  return inTeam || ['write', 'admin'].includes(permissionOf(world, login));
}

/** The repository is an organization's where there are teams. `permission` is `none` beside permissions of units. */
function repositoryTeams({ teams }: World): Reply {
  if (teams.length === 0) throw new GiteaError(405, 'repo is not owned by an organization');
  return ok(
    teams.map(({ id, name, code = 'write' }) => ({
      ...{ id, name, permission: 'none' },
      units_map: { 'repo.code': code, 'repo.issues': 'write', 'repo.pulls': code },
    })),
  );
}

function permissionOf({ permissions }: World, login: string): string {
  return permissions.get(login) ?? 'write';
}

function accountOf({ users }: World, login: string | undefined) {
  const found = users.find((user) => user.login.toLowerCase() === login?.toLowerCase());
  if (found === undefined) throw new GiteaError(404, 'user does not exist');
  return found;
}
