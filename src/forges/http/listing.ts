import { newestUntil, overlap } from './cursor.ts';
import type { OneAtATime } from './one-at-a-time.ts';

/** What is listed: as much of a pull request as its place in the list needs. */
export interface Listed {
  number: number;
  state: string;
  /** ISO 8601. */
  updated_at: string;
}

/** How a forge lists its pull requests. Moments in milliseconds, by its own clock. */
export interface ListSource<P extends Listed> {
  /** All of them, page by page. */
  whole: (state: 'open' | 'all') => Promise<P[]>;
  /** Whatever was changed at or after a moment, open or not. */
  since: (from: number) => Promise<P[]>;
  now: () => number;
  /** Entries of one page. */
  pageSize: number;
  /** Milliseconds between two whole lists, for each of their pages: what they cost is the same however many are open. */
  perPage: number;
}

/** The pull requests of one repository, kept up to date by what changed. */
export interface Listing<P extends Listed> {
  /** As the forge has them now, by number. `all`: those too that have ended. */
  of: (state: 'open' | 'all') => Promise<P[]>;
  /** One that was just read by itself, or written. */
  note: (pull: P) => void;
  /** The forge says that there is no such one. */
  forget: (number: number) => void;
}

interface Kept<P> {
  state: 'open' | 'all';
  pulls: Map<number, P>;
  /** Up to which moment everything is known. */
  newest: number;
  /** When it is listed as a whole again. */
  due: number;
}

/**
 * A list that is read once, and from then on costs one request for what changed since, which on GitHub is free where nothing
 * did. What changed shortly before the newest moment is read again, as in every poll (`overlap`); should a change still have
 * told no moment, the next whole list has it. A list of the open ones is not kept beside one of all.
 */
export function listing<P extends Listed>(source: ListSource<P>, exclusively: OneAtATime): Listing<P> {
  let kept: Kept<P> | undefined;
  /** Read while a whole list was under way, whose pages may be older. */
  let meanwhile: P[] = [];
  const begin = async (state: 'open' | 'all'): Promise<Kept<P>> => {
    meanwhile = [];
    const begun = source.now();
    const listed = await source.whole(state);
    const pulls = new Map(listed.map((pull) => [pull.number, pull]));
    const pages = Math.ceil((listed.length + 1) / source.pageSize);
    // What changed while it was listed is asked for again.
    const newest = Math.min(begun, newestUntil(begun, 0, listed.map(movedAt)));
    const next: Kept<P> = { state, pulls, newest, due: begun + pages * source.perPage };
    for (const pull of meanwhile) put(next, pull);
    return next;
  };
  const refresh = async (list: Kept<P>): Promise<void> => {
    const changed = await source.since(Math.max(0, list.newest - overlap));
    for (const pull of changed) put(list, pull);
    list.newest = newestUntil(source.now(), list.newest, changed.map(movedAt));
  };
  return {
    of: (state) =>
      exclusively('the list of pull requests', async () => {
        const wide = kept?.state === 'all' ? 'all' : state;
        if (kept?.state === wide && source.now() < kept.due) await refresh(kept);
        else kept = await begin(wide);
        const found = [...kept.pulls.values()].filter((pull) => state === 'all' || pull.state === 'open');
        return found.sort((a, b) => a.number - b.number);
      }),
    note: (pull) => {
      meanwhile.push(pull);
      if (meanwhile.length > mostMeanwhile) meanwhile.shift();
      if (kept !== undefined) put(kept, pull);
    },
    forget: (number) => {
      kept?.pulls.delete(number);
    },
  };
}

/** More than are read by themselves while a list is. */
const mostMeanwhile = 1000;

/** The later state of one stays; of two of the same second the one that was read last. */
function put<P extends Listed>({ state, pulls }: Kept<P>, pull: P): void {
  const known = pulls.get(pull.number);
  if (known !== undefined && movedAt(known) > movedAt(pull)) return;
  if (state === 'open' && pull.state !== 'open') pulls.delete(pull.number);
  else pulls.set(pull.number, pull);
}

/** Of pages that begin with the newest change: what was changed at or after that moment (milliseconds), and no page behind it. */
export async function upTo<P extends Pick<Listed, 'updated_at'>>(
  pages: AsyncIterable<readonly P[]>,
  from: number,
): Promise<P[]> {
  const found: P[] = [];
  for await (const page of pages) {
    found.push(...page.filter((one) => movedAt(one) >= from));
    if (page.some((one) => movedAt(one) < from)) break;
  }
  return found;
}

function movedAt({ updated_at }: Pick<Listed, 'updated_at'>): number {
  return Date.parse(updated_at);
}
