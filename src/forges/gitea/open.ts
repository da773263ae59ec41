import type { Clock } from '../../core/clock.ts';
import { GitmendError } from '../../core/errors.ts';
import type { Forge } from '../forge.ts';
import { type ForgeHttp, forgeHttp, readAs } from '../http/client.ts';
import { defaultBranchOf } from '../http/default-branch.ts';
import { gitCredential } from '../http/git-credential.ts';
import { listing } from '../http/listing.ts';
import { oneAtATime } from '../http/one-at-a-time.ts';
import { changedSince } from './changes.ts';
import { listSource } from './list.ts';
import { giteaCi } from './ci.ts';
import { close } from './close.ts';
import { comments, ensureComment, react } from './comments.ts';
import { find, type GiteaContext } from './context.ts';
import { nothingKnown } from './ended.ts';
import { ensureIssue, issue } from './issues.ts';
import { merge } from './merge.ts';
import { inTeam, permission } from './people.ts';
import { protection } from './protection.ts';
import * as pulls from './pull-requests.ts';
import { reviews } from './reviews.ts';
import { saidSince } from './said.ts';
import { repositoryShape, userShape } from './shapes.ts';
import { ensureStatus, statuses } from './statuses.ts';
import { longestText } from '../texts.ts';

export interface OpenGiteaForge {
  /** `https://git.home.lan`, with a path where Gitea lies below one. */
  url: string;
  /** `owner/name` */
  repository: string;
  token: string;
  clock: Clock;
  tell?: (event: 'forge-waits', facts: { [key: string]: unknown }) => void;
}

export type GiteaForge = Forge & { protection: () => ReturnType<typeof protection> };

/**
 * One repository on a Gitea or Forgejo, as the account of a token. Throws FORGE_NOT_FOUND where there is no such
 * repository for that account, FORGE_REFUSED for a token that is not accepted, FORGE_FAILED where nothing answers.
 */
export async function openGiteaForge({ url, repository, token, clock, tell }: OpenGiteaForge): Promise<GiteaForge> {
  const root = url.replace(/\/+$/, '');
  const name = `Gitea at ${root}`;
  const http = forgeHttp({
    name,
    base: new URL(`${root}/api/v1/`),
    headers: { authorization: `token ${token}` },
    clock,
    // Gitea sets no limits of its own; where a proxy before it does, its 429 is heeded.
    writeInterval: 0,
    ...(tell === undefined ? {} : { tell }),
  });
  const exclusively = oneAtATime();
  const { login } = readAs(userShape, await http.get({ path: 'user' }), 'user');
  const context: GiteaContext = {
    name,
    http,
    repository: `repos/${repository}`,
    defaultBranch: await defaultBranchOf(name, repository, () => repositoryAt(http, name, repository)),
    self: login,
    clock,
    exclusively,
    listing: listing(listSource({ name, http, repository: `repos/${repository}` }), exclusively),
    ended: nothingKnown(),
  };
  const remote = `${root}/${repository}.git`;
  return { ...forgeOf(context), remote, gitEnv: gitCredential(remote, login, token) };
}

async function repositoryAt(http: ForgeHttp, name: string, repository: string) {
  const path = `repos/${repository}`;
  const found = await find({ http, name, repository: path }, path, repositoryShape);
  // Gitea takes notice of the first push a moment after it, and until then has no pull requests to speak of.
  if (found?.empty === true && !found.archived)
    throw new GitmendError('FORGE_FAILED', `${repository} on ${name} is empty: push to it first`);
  return found;
}

function forgeOf(context: GiteaContext): Omit<GiteaForge, 'remote' | 'gitEnv'> {
  return {
    kind: 'gitea',
    commentLimit: longestText,
    defaultBranch: context.defaultBranch,
    self: context.self,
    ensurePullRequest: (wanted) => pulls.ensurePullRequest(context, wanted),
    pullRequest: (number) => pulls.pullRequest(context, number),
    pullRequests: (filter) => pulls.pullRequests(context, filter),
    pullRequestOfMerge: (commit) => pulls.pullRequestOfMerge(context, commit),
    commitCount: (number) => pulls.commitCount(context, number),
    ensureComment: (number, marker, body) => ensureComment(context, number, marker, body),
    comments: (number) => comments(context, number),
    ensureStatus: (commit, status) => ensureStatus(context, commit, status),
    statuses: (commit) => statuses(context, commit),
    reviews: (number) => reviews(context, number),
    merge: (number, options) => merge(context, number, options),
    close: (number, reason) => close(context, number, reason),
    permission: (account) => permission(context, account),
    inTeam: (team, account) => inTeam(context, team, account),
    react: (comment, reaction) => react(context, comment, reaction),
    saidSince: (cursor) => saidSince(context, cursor),
    ensureIssue: (wanted) => ensureIssue(context, wanted),
    issue: (number) => issue(context, number),
    changedSince: (cursor) => changedSince(context, cursor),
    ci: giteaCi(context),
    protection: () => protection(context),
  };
}
