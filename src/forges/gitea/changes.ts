import { isoTime } from '../../core/clock.ts';
import { digestOf } from '../../core/json.ts';
import { allPages, pages } from '../http/pages.ts';
import { type GiteaContext, pathOf } from './context.ts';
import { type Cursor, overlap, parseCursor, printCursor } from './cursor.ts';
import { reviewsAt } from './reviews.ts';
import { commentShape, type GiteaComment, type GiteaReview, type Pull, pullShape } from './shapes.ts';

/** One pull request as a poll finds it. */
interface Found {
  number: number;
  /** Milliseconds of its last change, comments included. */
  at: number;
  pull?: Pull;
  comments: GiteaComment[];
}

/**
 * Pull requests that changed after the cursor. Gitea has no ETags: pull requests and comments are listed by their last
 * change, and what changed within the overlap is told apart by what it looks like.
 */
export async function changedSince(
  context: GiteaContext,
  text: string | undefined,
): Promise<{ numbers: number[]; cursor: string }> {
  const before = parseCursor(text);
  const from = before === undefined ? 0 : Math.max(0, before.newest - overlap);
  const found = await foundSince(context, from);
  const newest = Math.max(before?.newest ?? 0, ...found.map(({ at }) => at));
  const window = before === undefined ? newest - overlap : from;
  const reviews = await reviewsOf(context, found, window);
  const seen = fingerprints(found, newest - overlap, reviews);
  const compared = fingerprints(found, window, reviews);
  const numbers = found
    .map(({ number }) => number)
    .filter((number) => before === undefined || before.seen.get(number) !== compared.get(number));
  const cursor: Cursor = { newest, seen };
  return { numbers: numbers.sort((a, b) => a - b), cursor: printCursor(cursor) };
}

/** Everything from that moment on; of what is older than the newest only what may still be told apart has comments. */
async function foundSince(context: GiteaContext, from: number): Promise<Found[]> {
  const found = new Map<number, Found>();
  const note = (number: number, at: number): Found => {
    const entry = found.get(number) ?? { number, at, comments: [] };
    entry.at = Math.max(entry.at, at);
    found.set(number, entry);
    return entry;
  };
  for (const pull of await pullsSince(context, from)) note(pull.number, Date.parse(pull.updated_at)).pull = pull;
  const newest = Math.max(0, ...[...found.values()].map(({ at }) => at));
  for (const comment of await commentsSince(context, from === 0 ? newest - overlap : from))
    note(numberOf(comment), Date.parse(comment.updated_at)).comments.push(comment);
  return [...found.values()];
}

/** Newest change first, until one is older. */
async function pullsSince(context: GiteaContext, from: number): Promise<Pull[]> {
  const query = { state: 'all', sort: 'recentupdate' };
  const found: Pull[] = [];
  for await (const page of pages(context.http, { path: pathOf(context, 'pulls'), query }, pullShape)) {
    found.push(...page.filter((pull) => Date.parse(pull.updated_at) >= from));
    if (page.some((pull) => Date.parse(pull.updated_at) < from)) break;
  }
  return found;
}

/** An edited comment changes only itself, not its pull request. */
async function commentsSince(context: GiteaContext, from: number): Promise<GiteaComment[]> {
  const query = { since: isoTime(Math.max(0, from)) };
  const all = await allPages(context.http, { path: pathOf(context, 'issues', 'comments'), query }, commentShape);
  return all.filter((comment) => !Number.isNaN(numberOf(comment)));
}

function numberOf({ pull_request_url }: GiteaComment): number {
  return Number(/\/pulls\/(\d+)$/.exec(pull_request_url)?.[1] ?? Number.NaN);
}

/** Reviews are in no list of changes: a dismissal within the second of its approval shows only there. */
async function reviewsOf(
  context: GiteaContext,
  found: readonly Found[],
  from: number,
): Promise<Map<number, GiteaReview[]>> {
  const reviews = new Map<number, GiteaReview[]>();
  for (const { number } of found.filter(({ at }) => at >= from)) reviews.set(number, await reviewsAt(context, number));
  return reviews;
}

/** What those look like that changed at or after a moment. */
function fingerprints(
  found: readonly Found[],
  from: number,
  reviews: ReadonlyMap<number, readonly GiteaReview[]>,
): Map<number, string> {
  const late = found.filter(({ at }) => at >= from);
  return new Map(late.map((entry) => [entry.number, fingerprint(entry, from, reviews.get(entry.number) ?? [])]));
}

function fingerprint({ pull, comments }: Found, from: number, reviews: readonly GiteaReview[]): string {
  const shown = pull !== undefined && Date.parse(pull.updated_at) >= from ? pull : undefined;
  const facts = {
    pull: shown && [
      shown.title,
      shown.body,
      shown.state,
      shown.merged,
      shown.head.sha,
      shown.updated_at,
      shown.comments,
    ],
    labels: shown?.labels?.map(({ id }) => id),
    comments: comments
      .filter(({ updated_at }) => Date.parse(updated_at) >= from)
      .map(({ id, body, updated_at }) => [id, body, updated_at]),
    reviews: reviews.map(({ id, state, dismissed, updated_at }) => [id, state, dismissed, updated_at]),
  };
  return digestOf(JSON.parse(JSON.stringify(facts))).slice('sha256:'.length, 'sha256:'.length + 12);
}
