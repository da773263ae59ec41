import { type ListSource, upTo } from '../http/listing.ts';
import { allPages, pages, pageSize } from '../http/pages.ts';
import { pathOf, type Reaching } from './context.ts';
import { type Pull, pullShape } from './shapes.ts';

/** Milliseconds for each page of fifty: Gitea has no quota, and a list of ten thousand keeps it busy for seconds. */
const perPage = 5_000;

/** Oldest first, so that what is opened meanwhile moves nothing from one page to another. */
export function listSource(context: Reaching): ListSource<Pull> {
  const path = pathOf(context, 'pulls');
  return {
    whole: (state) => allPages(context.http, { path, query: { state, sort: 'oldest' } }, pullShape),
    since: (from) => pullsSince(context, from),
    now: context.http.now,
    ...{ pageSize, perPage },
  };
}

/** Newest change first, until one is older. */
export async function pullsSince(context: Reaching, from: number): Promise<Pull[]> {
  const query = { state: 'all', sort: 'recentupdate' };
  return upTo(pages(context.http, { path: pathOf(context, 'pulls'), query }, pullShape), from);
}
