import { digestOf } from '../../core/json.ts';
import type { SaidComment } from '../forge.ts';
import { newestUntil, overlap, parseCursor, printCursor } from './cursor.ts';

/** Where the comments of a whole repository are listed by the moment of their last change. */
export interface SaidSource {
  /** Milliseconds, by the forge's own clock, at or shortly before now: everything said from here on is after it. 0: unknown. */
  newest: () => Promise<number>;
  /** Those written or edited at or after that moment. `edited` as far as the moments of the comment itself tell. */
  since: (from: number) => Promise<SaidComment[]>;
  /** Milliseconds: what time it is on the forge. */
  now: () => number;
}

/**
 * Comments that were written or edited after the cursor, oldest first; none without one. Only the forge's own moments
 * are compared with each other and with its clock, never with this machine's.
 */
export async function saidIn(
  { newest: newestOf, since, now }: SaidSource,
  text: string | undefined,
): Promise<{ comments: SaidComment[]; cursor: string }> {
  const before = parseCursor(text);
  const begin = newestUntil(now(), before?.newest ?? (await newestOf()), []);
  const found = uniquely(await since(Math.max(0, begin - overlap)));
  const newest = newestUntil(now(), begin, found.map(movedAt));
  const late = found.filter((comment) => movedAt(comment) >= newest - overlap);
  const cursor = printCursor({ newest, seen: new Map(late.map((one) => [Number(one.id), fingerprint(one)])) });
  if (before === undefined) return { comments: [], cursor };
  const fresh = found.filter((one) => before.seen.get(Number(one.id)) !== fingerprint(one));
  // Known by its number already: it was edited, even if that was within the second in which it was written.
  const said = fresh.map((one) => ({ ...one, edited: one.edited || before.seen.has(Number(one.id)) }));
  return { comments: said, cursor };
}

function uniquely(comments: readonly SaidComment[]): SaidComment[] {
  return [...new Map(comments.map((one) => [one.id, one])).values()].sort((a, b) => Number(a.id) - Number(b.id));
}

function movedAt({ updatedAt }: SaidComment): number {
  return Date.parse(updatedAt);
}

function fingerprint({ body, updatedAt }: SaidComment): string {
  return digestOf([body, updatedAt]).slice('sha256:'.length, 'sha256:'.length + 12);
}
