import { digestOf } from '../../core/json.ts';
import { type Cursor, newestUntil, overlap, parseCursor, printCursor } from './cursor.ts';

/** One thing that changed at a moment, as far as its fingerprint is concerned. */
export interface Changed {
  /** Of the pull request. */
  number: number;
  /** Milliseconds. */
  at: number;
  /** What tells one state from another. */
  look: unknown;
}

/** What a forge can list by its last change. Moments in milliseconds. */
export interface ChangeSource {
  pulls: (from: number) => Promise<Changed[]>;
  comments: (from: number) => Promise<Changed[]>;
  /** Of one pull request: reviews are in no list of changes, and one may change within the second of another change. */
  reviews: (number: number) => Promise<unknown>;
  /** What time it is on the forge. */
  now: () => number;
}

/** One pull request as a poll finds it. */
interface Found {
  number: number;
  /** Of its last change, comments included. */
  at: number;
  pull?: Changed;
  comments: Changed[];
}

/**
 * Pull requests that changed after the cursor: those and their comments by their last change, and what changed within the
 * overlap is told apart by what it looks like.
 */
export async function changedIn(
  source: ChangeSource,
  text: string | undefined,
): Promise<{ numbers: number[]; cursor: string }> {
  const before = parseCursor(text);
  const begin = newestUntil(source.now(), before?.newest ?? 0, []);
  const from = Math.max(0, begin - overlap);
  const found = await foundSince(source, from);
  const newest = newestUntil(source.now(), begin, momentsOf(found));
  const window = before === undefined ? newest - overlap : from;
  const reviews = await reviewsOf(source, found, window);
  const seen = fingerprints(found, newest - overlap, reviews);
  const compared = fingerprints(found, window, reviews);
  const numbers = found
    .map(({ number }) => number)
    .filter((number) => before === undefined || before.seen.get(number) !== compared.get(number));
  const cursor: Cursor = { newest, seen };
  return { numbers: numbers.sort((a, b) => a - b), cursor: printCursor(cursor) };
}

/** Everything from that moment on; of what is older than the newest only what may still be told apart has comments. */
async function foundSince(source: ChangeSource, from: number): Promise<Found[]> {
  const found = new Map<number, Found>();
  const note = ({ number, at }: Changed): Found => {
    const entry = found.get(number) ?? { number, at, comments: [] };
    entry.at = Math.max(entry.at, at);
    found.set(number, entry);
    return entry;
  };
  for (const pull of await source.pulls(from)) note(pull).pull = pull;
  const newest = newestUntil(source.now(), 0, momentsOf([...found.values()]));
  for (const comment of await source.comments(Math.max(0, from === 0 ? newest - overlap : from)))
    note(comment).comments.push(comment);
  return [...found.values()];
}

function momentsOf(found: readonly Found[]): number[] {
  return found.flatMap(({ pull, comments }) =>
    [...(pull === undefined ? [] : [pull]), ...comments].map(({ at }) => at),
  );
}

async function reviewsOf(source: ChangeSource, found: readonly Found[], from: number): Promise<Map<number, unknown>> {
  const reviews = new Map<number, unknown>();
  for (const { number } of found.filter(({ at }) => at >= from)) reviews.set(number, await source.reviews(number));
  return reviews;
}

/** What those look like that changed at or after a moment. */
function fingerprints(
  found: readonly Found[],
  from: number,
  reviews: ReadonlyMap<number, unknown>,
): Map<number, string> {
  const late = found.filter(({ at }) => at >= from);
  return new Map(late.map((entry) => [entry.number, fingerprint(entry, from, reviews.get(entry.number))]));
}

function fingerprint({ pull, comments }: Found, from: number, reviews: unknown): string {
  const facts = {
    pull: pull !== undefined && pull.at >= from ? pull.look : undefined,
    comments: comments.filter(({ at }) => at >= from).map(({ look }) => look),
    reviews,
  };
  return digestOf(JSON.parse(JSON.stringify(facts))).slice('sha256:'.length, 'sha256:'.length + 12);
}
