import { createHash } from 'node:crypto';
import type { StoreContext } from './tables.ts';
import { mayBeLost } from './sqlite.ts';

/** Which events of a forge were taken already, on whichever replica; nothing of their content. */
export interface Heard {
  /**
   * Remembers a delivery. `id` is the forge's own number of it, `proof` what its signature was: the number is not signed, so
   * somebody who sends a recorded event again under another's number makes nobody deaf for the other. `known`: it was taken
   * within the last three days. Throws STORE_… : whoever cannot ask looks once too often, and that is all.
   */
  take(delivery: { door: string; id: string; proof: string }): Promise<'new' | 'known'>;
  /** Forgets what is older than three days, and of the rest all but the latest 20,000. Returns how many went. */
  forget(): Promise<number>;
}

/** Milliseconds: as long as GitHub lets people send one again (viewing-webhook-deliveries). */
const kept = 3 * 86_400_000;
/** Deliveries that are remembered at most, about 2 MB: a month of a busy repository, or an hour of a hook gone mad. */
const most = 20_000;
/** New ones after which a process forgets by itself, so that the number is bounded between two sweeps too. */
const often = 1000;

export function openHeard(store: StoreContext): Heard {
  const { db, now } = store;
  let taken = 0;
  return {
    async take({ door, id, proof }) {
      const key = createHash('sha256').update(`${door}\n${id}\n${proof}`).digest('hex');
      const { numInsertedOrUpdatedRows } = await db
        .insertInto('heard')
        .values({ key, at: now() })
        .onConflict((conflict) => conflict.column('key').doNothing())
        // After a power cut one is taken twice: nobody waits for the disk because of that.
        .modifyEnd(mayBeLost)
        .executeTakeFirst();
      if (Number(numInsertedOrUpdatedRows ?? 0) === 0) return 'known';
      taken += 1;
      if (taken % often === 0) await forget(store);
      return 'new';
    },
    forget: () => forget(store),
  };
}

async function forget({ db, now }: StoreContext): Promise<number> {
  const newest = db.selectFrom('heard').select('at').orderBy('at', 'desc').offset(most).limit(1);
  // Of those that came in the same millisecond as the first one too many, all go.
  const tooMany = (await newest.executeTakeFirst())?.at ?? 0;
  const { numDeletedRows } = await db
    .deleteFrom('heard')
    .where('at', '<=', Math.max(now() - kept, tooMany))
    .executeTakeFirst();
  return Number(numDeletedRows);
}
