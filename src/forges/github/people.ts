import type { Permission, Reaction } from '../forge.ts';
import { done, isUnknown } from '../http/client.ts';
import { refused } from '../refused.ts';
import type { GithubContext } from './context.ts';
import { membershipShape, permissionShape, teamShape } from './shapes.ts';

/** What GitHub says that an account may do here: `maintain` counts as write, `triage` as read, as GitHub itself has it. */
export async function permission({ api, self }: GithubContext, account: string): Promise<Permission> {
  if (!isAccount(account)) return 'none';
  // An App and a job are no collaborators: what they may do stands in their permissions, and they do write.
  if (account === self && self.endsWith('[bot]')) return 'write';
  const route = 'GET /repos/{owner}/{repo}/collaborators/{username}/permission';
  const found = await api.find(route, { username: account }, permissionShape);
  return permissions.find((one) => one === found?.permission) ?? 'none';
}

const permissions: readonly Permission[] = ['admin', 'write', 'read'];

/**
 * Whether an account is in `organisation/team`. `undefined` where GitHub does not show the team to this account: a token
 * without "Members: read", a job's token, or no such team.
 */
export async function inTeam({ api }: GithubContext, team: string, account: string): Promise<boolean | undefined> {
  const [, org, slug] = /^([A-Za-z0-9-]+)\/([A-Za-z0-9._-]+)$/.exec(team) ?? [];
  if (org === undefined || slug === undefined || !isAccount(account)) return undefined;
  const hidden = [403, 404];
  // A membership that is not there and a team that is not shown are both 404, so the team is asked for first.
  const shown = await api.find('GET /orgs/{org}/teams/{team_slug}', { org, team_slug: slug }, teamShape, hidden);
  if (shown === undefined) return undefined;
  const route = 'GET /orgs/{org}/teams/{team_slug}/memberships/{username}';
  const found = await api.find(route, { org, team_slug: slug, username: account }, membershipShape);
  return found?.state === 'active';
}

/** The same reaction again is the same one (200 in place of 201), so one whose end is not known is simply sent again. */
export async function react(context: GithubContext, comment: string, content: Reaction): Promise<void> {
  if (!/^\d{1,15}$/.test(comment)) throw refused(`there is no comment ${JSON.stringify(comment.slice(0, 40))}`);
  const route = 'POST /repos/{owner}/{repo}/issues/comments/{comment_id}/reactions';
  const send = () => context.api.send(route, { comment_id: Number(comment), content });
  const answer = await send().catch((error: unknown) => {
    if (!isUnknown(error)) throw error;
    return send();
  });
  if (answer.status === 404) throw refused(`there is no comment ${comment}`);
  done(context.name, answer, `a reaction to comment ${comment}`);
}

/** GitHub's names of accounts; an App's ends with `[bot]`. */
function isAccount(account: string): boolean {
  return /^[A-Za-z0-9][A-Za-z0-9_-]{0,99}(\[bot\])?$/.test(account);
}
