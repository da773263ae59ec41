import type { Clock } from '../../core/clock.ts';
import type { Listing } from '../http/listing.ts';
import type { OneAtATime } from '../http/one-at-a-time.ts';
import { refused } from '../refused.ts';
import type { GithubApi } from './api.ts';
import type { Pull } from './shapes.ts';

/** What every operation on one repository of GitHub works with. */
export interface GithubContext {
  /** In messages: `GitHub at https://api.github.com`. */
  name: string;
  api: GithubApi;
  owner: string;
  defaultBranch: string;
  /** The account of the token, or `slug[bot]`. */
  self: string;
  /** The slug of the App that gitmend is, if it is one: then there are check runs. */
  app?: string;
  clock: Clock;
  /** Two writes of this process to the same thing never meet. */
  exclusively: OneAtATime;
  /** Its pull requests, kept up to date by what changed. */
  listing: Listing<Pull>;
  /** Who closed or merged a pull request, by number and moment of its end: known for good. */
  ended: Map<string, { closedBy?: string; mergedBy?: string }>;
}

/** Throws FORGE_REFUSED for what cannot be a number of a pull request. */
export function known(number: number): number {
  if (Number.isSafeInteger(number) && number > 0) return number;
  throw refused(`there is no pull request #${number}`);
}

const objectId = /^([0-9a-f]{40}|[0-9a-f]{64})$/;

export function isObjectId(text: string): boolean {
  return objectId.test(text);
}

/** Throws FORGE_REFUSED for what is no commit's name. */
export function knownCommit(commit: string): string {
  if (isObjectId(commit)) return commit;
  throw refused(`there is no commit ${JSON.stringify(commit.slice(0, 80))}`);
}
