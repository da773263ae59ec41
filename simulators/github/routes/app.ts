import { createPublicKey, verify } from 'node:crypto';
import { time, userOf } from '../present.ts';
import { type App, GithubError, nextId, notFound, type User, type World } from '../world.ts';
import { made, ok, type Reply } from './route.ts';

/** rest/apps: what an App asks with its own signature, and the token of its installation. `undefined`: no such request. */
export function appAnswer(world: World, method: string, path: string, header: string, now: number): Reply | undefined {
  const wanted = /^(app|app\/installations\/\d+\/access_tokens|repos\/[^/]+\/[^/]+\/installation)$/.test(path);
  if (!wanted) return undefined;
  const app = signer(world, header.replace(/^bearer /i, ''));
  if (app === undefined) throw new GithubError(401, 'A JSON web token could not be decoded');
  if (method === 'GET' && path === 'app')
    return ok({ id: app.id, slug: app.slug, name: app.slug, permissions: app.permissions });
  if (method === 'GET' && path === `repos/${world.owner}/${world.name}/installation`)
    return ok({
      id: app.installation,
      app_id: app.id,
      app_slug: app.slug,
      permissions: app.permissions,
      repository_selection: 'selected',
    });
  if (method === 'POST' && path === `app/installations/${app.installation}/access_tokens`)
    return made(tokenFor(world, app, now));
  throw notFound();
}

/** RS256 over header and claims, for at most ten minutes (generating-a-json-web-token-jwt-for-a-github-app). */
function signer(world: World, jwt: string): App | undefined {
  const [head = '', claims = '', signature = ''] = jwt.split('.');
  const { iss, iat, exp } = JSON.parse(Buffer.from(claims, 'base64url').toString('utf8') || '{}') as {
    iss?: unknown;
    iat?: number;
    exp?: number;
  };
  const app = world.apps.find(({ id }) => String(id) === String(iss));
  if (app === undefined || iat === undefined || exp === undefined || exp - iat > 660) return undefined;
  const key = createPublicKey(app.publicKey);
  const signed = verify('RSA-SHA256', Buffer.from(`${head}.${claims}`), key, Buffer.from(signature, 'base64url'));
  return signed ? app : undefined;
}

/** It lasts an hour. */
function tokenFor(world: World, { slug, permissions }: App, now: number) {
  const login = `${slug}[bot]`;
  const id = nextId(world);
  const until = now + 3_600_000;
  const before = world.users.find((one) => one.login === login);
  const token = `ghs_${String(id).padStart(36, '0')}`;
  // One account, whichever token it writes by: the last one is known, and the one before it until its end.
  const bot: User = before ?? { id, login, token, kind: 'app', until };
  if (before === undefined) world.users.push(bot);
  Object.assign(bot, { token, until });
  return { token, expires_at: time(until), permissions, repository_selection: 'selected' };
}

/** `GET user`: an installation, and so a job, is no user. */
export function ownUser(user: User): Reply {
  if (user.kind !== 'person') throw new GithubError(403, 'Resource not accessible by integration');
  return ok(userOf(user));
}

/** rest/teams: 404 for a team that is not shown, and for whoever is not in one. */
export function teamAnswer(world: World, path: string): Reply | undefined {
  const [, org, slug, login] = /^orgs\/([^/]+)\/teams\/([^/]+)(?:\/memberships\/([^/]+))?$/.exec(path) ?? [];
  if (org === undefined) return undefined;
  const team = world.teams.find((one) => one.org === org && one.slug === slug);
  if (team === undefined || (login !== undefined && !team.members.includes(login))) throw notFound();
  return ok(
    login === undefined ? { id: 1, slug: team.slug, name: team.slug } : { state: 'active', role: 'member', url: '' },
  );
}
