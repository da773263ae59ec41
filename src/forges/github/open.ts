import type { Clock } from '../../core/clock.ts';
import type { Forge } from '../forge.ts';
import { defaultBranchOf } from '../http/default-branch.ts';
import { gitCredential } from '../http/git-credential.ts';
import { listing } from '../http/listing.ts';
import { oneAtATime } from '../http/one-at-a-time.ts';
import type { SharedPace } from '../http/pace.ts';
import { persistenceOf } from '../http/persistently.ts';
import { addressesOf } from './address.ts';
import { githubApi } from './api.ts';
import { changedSince } from './changes.ts';
import { listSource } from './list.ts';
import { githubCi } from './ci.ts';
import { close } from './close.ts';
import { comments, ensureComment } from './comments.ts';
import type { GithubContext } from './context.ts';
import { type Credential, type GithubIdentity, openCredential } from './credential.ts';
import { ensureIssue, issue } from './issues.ts';
import { merge } from './merge.ts';
import { longestText } from './limits.ts';
import { inTeam, permission, react } from './people.ts';
import { protection } from './protection.ts';
import * as pulls from './pull-requests.ts';
import { reviews } from './reviews.ts';
import { type Rights, rightsOf } from './rights.ts';
import { saidSince } from './said.ts';
import { repositoryShape } from './shapes.ts';
import { ensureStatus, statuses } from './statuses.ts';
import { openOctokit } from './transport.ts';
import { selfOf } from './self.ts';

export interface OpenGithubForge {
  /** Of a GitHub Enterprise Server: `https://github.home.lan`; absent: github.com. */
  url?: string;
  /** `owner/name` */
  repository: string;
  identity: GithubIdentity;
  clock: Clock;
  tell?: (event: 'forge-waits', facts: { [key: string]: unknown }) => void;
  /** Milliseconds between two writes; a second, as GitHub's best practices ask, unless told. */
  writeInterval?: number;
  /** What it agrees upon with the other processes of the account. */
  shared?: SharedPace;
}

export type GithubForge = Forge & {
  protection: () => ReturnType<typeof protection>;
  /** What the credential may do that it need not, and what it cannot do. */
  rights: () => Promise<Rights>;
};

/**
 * One repository on GitHub, as an App, as the account of a token or as a job. Throws FORGE_NOT_FOUND where there is no such
 * repository for it, FORGE_REFUSED for a credential that is not accepted, FORGE_FAILED where nothing answers.
 */
export async function openGithubForge(options: OpenGithubForge): Promise<GithubForge> {
  const { repository, identity, clock, tell, shared, writeInterval = 1000 } = options;
  const { web, api: base } = addressesOf(options.url);
  const others = { ...(tell === undefined ? {} : { tell }), ...(shared === undefined ? {} : { shared }) };
  const persistence = persistenceOf({ name: `GitHub at ${web}`, clock, ...others });
  const octokit = await openOctokit(base);
  const credential = await openCredential(identity, octokit, repository, persistence);
  const api = githubApi({ ...persistence, octokit, credential, repository, writeInterval });
  const exclusively = oneAtATime();
  const who = await selfOf({ ...persistence, octokit, credential, base });
  const context: GithubContext = {
    name: persistence.name,
    api,
    owner: repository.split('/')[0] ?? '',
    defaultBranch: await defaultBranchOf(persistence.name, repository, () =>
      api.find('GET /repos/{owner}/{repo}', {}, repositoryShape),
    ),
    self: who.login,
    ...(who.slug === undefined ? {} : { app: who.slug }),
    clock,
    exclusively,
    listing: listing(listSource(api), exclusively),
    ended: new Map(),
  };
  const remote = `${web}/${repository}.git`;
  return {
    ...forgeOf(context),
    rights: () => rightsOf(context, { ...persistence, octokit, credential, repository }),
    remote,
    gitEnv: gitEnvOf(remote, credential),
  };
}

/**
 * The account is `x-access-token` whatever the token is. An App's token lasts an hour: git reads the one of now each time
 * it is started.
 */
function gitEnvOf(remote: string, { latest }: Credential): { readonly [name: string]: string } {
  const now = () => gitCredential(remote, 'x-access-token', latest());
  const env = now();
  for (const name of Object.keys(env))
    Object.defineProperty(env, name, { enumerable: true, get: () => now()[name] ?? '' });
  return env;
}

function forgeOf(context: GithubContext): Omit<GithubForge, 'remote' | 'gitEnv' | 'rights'> {
  return {
    kind: 'github',
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
    ci: githubCi(context),
    changedSince: (cursor) => changedSince(context, cursor),
    protection: () => protection(context),
  };
}
