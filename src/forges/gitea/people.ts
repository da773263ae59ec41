import type { Permission } from '../forge.ts';
import { isGitmendError } from '../../core/errors.ts';
import { part, readAs } from '../http/client.ts';
import { allPages } from '../http/pages.ts';
import { find, type GiteaContext, pathOf } from './context.ts';
import { permissionShape, teamShape, userShape } from './shapes.ts';
import { isWriter } from './writers.ts';

/** Names that Gitea gives to accounts; anything else would be another path. */
const accountName = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,63}(\[bot\])?$/;

/**
 * What an account may do here. Gitea tells everybody's permission to an administrator of the repository alone, and of who
 * writes by a team with units of its own it says `none` (1.25): what is not told so is asked of assignees and teams.
 */
export async function permission(context: GiteaContext, account: string): Promise<Permission> {
  if (!accountName.test(account)) return 'none';
  const path = pathOf(context, 'collaborators', account, 'permission');
  const answer = await context.http.get({ path, accept: [403, 404] });
  if (answer.status === 404) return 'none';
  const told =
    answer.status === 200 ? (permissions[readAs(permissionShape, answer, path).permission] ?? 'none') : undefined;
  if (told === 'write' || told === 'admin') return told;
  if (await isWriter(context, account, told !== undefined)) return 'write';
  if (told !== undefined) return told;
  // Whoever has an account may have been let in to read; who is not even that may nothing.
  return (await find(context, `users/${part(account)}`, userShape)) === undefined ? 'none' : 'read';
}

const permissions: { readonly [name: string]: Permission | undefined } = {
  read: 'read',
  write: 'write',
  admin: 'admin',
  owner: 'admin',
};

/** `owner/team`. A token without the scope `read:organization`, and an owner that is no organisation, tell nothing. */
export async function inTeam(context: GiteaContext, team: string, account: string): Promise<boolean | undefined> {
  const [owner, name, ...rest] = team.split('/');
  if (owner === undefined || name === undefined || rest.length > 0) return undefined;
  if (!accountName.test(owner) || !accountName.test(account)) return undefined;
  const teams = await teamsOf(context, owner);
  const found = teams?.find((one) => one.name.toLowerCase() === name.toLowerCase());
  if (found === undefined) return undefined;
  const path = `teams/${found.id}/members/${part(account)}`;
  const answer = await context.http.get({ path, accept: [403, 404] });
  return answer.status === 403 ? undefined : answer.status === 200;
}

async function teamsOf(context: GiteaContext, owner: string) {
  try {
    return await allPages(context.http, { path: `orgs/${part(owner)}/teams` }, teamShape);
  } catch (error) {
    const told = isGitmendError(error, 'FORGE_REFUSED') && ['403', '404'].includes(String(error.details['status']));
    if (told) return undefined;
    throw error;
  }
}
