import { z } from 'zod';
import { part, readAs } from '../http/client.ts';
import { type GiteaContext, pathOf } from './context.ts';
import { repositoryTeamShape, userShape } from './shapes.ts';

type Team = z.infer<typeof repositoryTeamShape>;

/**
 * Whether Gitea shows that an account may push, to an account that may only write. On a person's repository whoever can be
 * assigned may push. On an organization's, those too who may only read pull requests: there a team that may push has to
 * have the account in it, or no team may less than push. What Gitea does not tell proves nothing. `told`: an administrator
 * was told already that it may not, which on a person's repository is exact.
 */
export async function isWriter(context: GiteaContext, account: string, told: boolean): Promise<boolean> {
  const path = pathOf(context, 'teams');
  const answer = await context.http.get({ path, accept: [403, 404, 405] });
  if (answer.status === 405) return !told && (await isAssignable(context, account));
  if (answer.status !== 200) return false;
  const teams = readAs(z.array(repositoryTeamShape.nullable()).nullable(), answer, path) ?? [];
  const pushing = teams.filter((team) => team !== null).filter(mayPush);
  if (pushing.length > 0 && pushing.length === teams.length) return isAssignable(context, account);
  for (const { id } of pushing) if (await isMember(context, id, account)) return true;
  return false;
}

function mayPush({ permission, units_map: units }: Team): boolean {
  return (
    [permission, units?.['repo.code']].some((mode) => mode === 'admin' || mode === 'owner') ||
    units?.['repo.code'] === 'write'
  );
}

async function isAssignable(context: GiteaContext, account: string): Promise<boolean> {
  const path = pathOf(context, 'assignees');
  const answer = await context.http.get({ path, accept: [403, 404] });
  if (answer.status !== 200) return false;
  const listed = readAs(z.array(userShape.nullable()).nullable(), answer, path) ?? [];
  return listed.some((one) => one?.login.toLowerCase() === account.toLowerCase());
}

/** 403: the token lacks `read:organization`, or its account is not in that team. */
async function isMember({ http }: GiteaContext, team: number, account: string): Promise<boolean> {
  const answer = await http.get({ path: `teams/${team}/members/${part(account)}`, accept: [403, 404] });
  return answer.status === 200;
}
