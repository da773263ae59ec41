import { type ListSource, upTo } from '../http/listing.ts';
import { listOf } from '../http/shapes.ts';
import { type GithubApi, pageSize } from './api.ts';
import { type Pull, pullShape } from './shapes.ts';

const pullList = listOf(pullShape);

/** Milliseconds for each page of a hundred: whole lists take a hundred requests an hour, of 5,000, however long they are. */
const perPage = 36_000;

/** Oldest first, so that what is opened meanwhile moves nothing from one page to another. */
export function listSource(api: GithubApi): ListSource<Pull> {
  const sorted = { sort: 'created' as const, direction: 'asc' as const };
  return {
    whole: (state) => api.all('GET /repos/{owner}/{repo}/pulls', { state, ...sorted }, pullList),
    since: (from) => pullsSince(api, from),
    now: api.now,
    ...{ pageSize, perPage },
  };
}

/** Newest change first, until one is older. Where nothing changed the page is a 304 and costs no quota. */
export async function pullsSince(api: Pick<GithubApi, 'pages'>, from: number): Promise<Pull[]> {
  const asked = { state: 'all' as const, sort: 'updated' as const, direction: 'desc' as const };
  return upTo(api.pages('GET /repos/{owner}/{repo}/pulls', asked, pullList), from);
}
