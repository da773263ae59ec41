import { z } from 'zod';
import { GitmendError } from '../core/errors.ts';
import { canonical, jsonIn } from '../core/json.ts';
import type { Repository } from '../git/repository.ts';

/** What boxes of the dashboard were ticked for, so that it stays so after a restart and on every replica. */
export const boardRef = 'refs/gitmend/board';

const day = 86_400_000;
/** What is listed is at most 7 days old, and one day more costs nothing. Milliseconds. */
const seenFor = 8 * day;
const saidFor = day;
const mostSaid = 30;

/** The number of a pull request, or the digest of a fault. */
const subject = z.string().regex(/^(?:[1-9]\d{0,8}|[0-9a-f]{12})$/);
const moment = z.iso.datetime();
const said = z.strictObject({ of: subject, at: moment, words: z.string().max(400) });
const notes = z.strictObject({
  version: z.literal(1),
  seen: z.record(z.string().regex(/^(?:[1-9]\d{0,8}|[0-9a-f]{40})$/), moment),
  woken: z.record(subject, moment),
  said: z.array(said).max(mostSaid),
});

/** What came of a box. `of`: what its line is about; `at`: ISO 8601 UTC. */
export type BoardSaid = z.infer<typeof said>;

/**
 * `seen`: runs (or numbers of expired proposals) that somebody took off the list, and when. `woken`: by the number of a
 * snoozed proposal the end of the snooze that does not hold any more. `said`: oldest first. Times in ISO 8601 UTC.
 */
export type BoardNotes = Omit<z.infer<typeof notes>, 'version'>;

const nothing: BoardNotes = { seen: {}, woken: {}, said: [] };

/**
 * What was noted so far. Whoever may push can write it, and all that it can do is what whoever may write may do anyway: end
 * a snooze, take a line off the dashboard. What is unreadable was never noted.
 */
export async function readBoardNotes(repo: Pick<Repository, 'tip' | 'tree'>): Promise<BoardNotes> {
  return notesAt(repo, await repo.tip(boardRef));
}

/**
 * Writes what `change` makes of it, by a push that demands the old one; what is over at `now` (milliseconds since the epoch)
 * goes. Throws REF_TAKEN where others write it all the time.
 */
export async function noteOnBoard(
  repo: Repository,
  now: number,
  change: (before: BoardNotes) => BoardNotes,
): Promise<void> {
  for (let attempt = 0; attempt < 5; attempt += 1) {
    const from = await repo.tip(boardRef);
    const next = current(change(await notesAt(repo, from)), now);
    const tree = await repo.writeTree(undefined, new Map([['board.json', `${canonical({ version: 1, ...next })}\n`]]));
    // Without a parent: what was noted before is of no use to anybody.
    const commit = await repo.commit({ tree, parents: [], message: 'board\n', at: now });
    if (commit === from || (await repo.push([{ ref: boardRef, from: from ?? null, to: commit }]))) return;
    await repo.fetch();
  }
  throw new GitmendError('REF_TAKEN', `others write ${boardRef} all the time`);
}

async function notesAt(repo: Pick<Repository, 'tree'>, tip: string | undefined): Promise<BoardNotes> {
  if (tip === undefined) return nothing;
  const read = notes.safeParse(jsonIn((await repo.tree(tip)).get('board.json')));
  if (!read.success) return nothing;
  const { seen, woken, said: lines } = read.data;
  return { seen, woken, said: lines };
}

/** Without what is over; of each line what came last. */
function current({ seen, woken, said: lines }: BoardNotes, now: number): BoardNotes {
  const last = [...new Map(lines.map((one) => [one.of, one])).values()].sort(
    (a, b) => Date.parse(a.at) - Date.parse(b.at),
  );
  return {
    seen: after(seen, now - seenFor),
    woken: after(woken, now),
    said: last.filter(({ at }) => Date.parse(at) > now - saidFor).slice(-mostSaid),
  };
}

function after(moments: { readonly [what: string]: string }, then: number): { [what: string]: string } {
  return Object.fromEntries(Object.entries(moments).filter(([, at]) => Date.parse(at) > then));
}
