import type { ExpressionBuilder, Selectable, Updateable } from 'kysely';
import { gather } from './gather.ts';
import { type Counts, countsOf, deadOf, openOf } from './counts.ts';
import { mayBeLost } from './sqlite.ts';
import type { StoreContext, Tables, WorkTable } from './tables.ts';

export type WorkRow = Selectable<WorkTable>;

/** Work as it is put: times in milliseconds since the epoch. */
export interface NewWork {
  topic: string;
  key: string;
  body: string;
  receivedAt: number;
  dueAt: number;
}

/** Proof of one take: it is worth nothing once the lease ran out and somebody else took the work. */
export interface Ticket {
  seq: number;
  /** How often it was ever taken. */
  take: number;
  /** 1 for the first try; begins anew when the work is put again or revived. */
  attempt: number;
}

/** What became of failed work: tried again, given up for a person to see, or already somebody else's. */
export type Failure = 'waiting' | 'dead' | 'lost';

/** Work that survives: put once, taken under a lease by one holder at a time, never deleted before it is done. */
export interface Queue {
  /** false: the key is known. */
  put: (work: NewWork) => Promise<boolean>;
  /** As `put`; and where the same key ended before, it waits again. */
  putAgain: (work: NewWork) => Promise<boolean>;
  take: (seconds: number, holder: string, topics?: readonly string[]) => Promise<WorkRow | undefined>;
  /** Up to that many at once of what nobody suspects, the oldest first. */
  takeTogether: (seconds: number, holder: string, most: number) => Promise<WorkRow[]>;
  renew: (ticket: Ticket, seconds: number) => Promise<boolean>;
  /** As `renew`, for many at once. Returns how many of them are still this taker's. */
  renewAll: (tickets: readonly Ticket[], seconds: number) => Promise<number>;
  done: (ticket: Ticket) => Promise<boolean>;
  /** As `done`, for many at once. Returns how many of them were still this taker's. */
  allDone: (tickets: readonly Ticket[]) => Promise<number>;
  failed: (ticket: Ticket, why: string, retryAt: number) => Promise<Failure>;
  /** Everyone who has taken something that has not ended. */
  holders: () => Promise<string[]>;
  /** Lets everything wait again that this holder has taken: for a holder that is gone. Returns how much that was. */
  release: (holder: string) => Promise<number>;
  counts: () => Promise<Counts>;
  /** As `counts`, without what was done: cheap however much of that is kept. */
  open: () => Promise<Omit<Counts, 'done'>>;
  /** The latest first. */
  dead: (most: number) => Promise<WorkRow[]>;
  revive: (seq: number) => Promise<boolean>;
}

/** Rows of one durable write. */
const mostTogether = 64;

/** One box of the table `work`. After `mostAttempts` takes that did not end well, work is dead: kept, and shown. */
export function openQueue(store: StoreContext, box: WorkTable['box'], mostAttempts: number): Queue {
  const { now } = store;
  const end = async (ticket: Ticket, state: 'done' | 'dead', why: string | null): Promise<boolean> =>
    changed(held(store, ticket).set({ state, due_at: null, holder: null, why, ended_at: now() }));
  return {
    put: gather((works) => insert(store, box, works, 'once'), mostTogether),
    putAgain: gather((works) => insert(store, box, works, 'again'), mostTogether),
    take: async (seconds, holder, topics) => {
      for (;;) {
        const [row] = await takeDue(store, { box, seconds, holder, topics, most: 1, together: false });
        if (row === undefined || row.attempts <= mostAttempts) return row;
        // Whoever took it never came back, again and again: it may be what ends them.
        await end(ticketOf(row), 'dead', row.why ?? 'whoever took it never came back');
      }
    },
    takeTogether: (seconds, holder, most) =>
      takeDue(store, { box, seconds, holder, topics: undefined, most, together: true }),
    renew: (ticket, seconds) => changed(held(store, ticket).set({ due_at: now() + seconds * 1000 })),
    done: (ticket) => end(ticket, 'done', null),
    allDone: (tickets) =>
      heldTogether(store, tickets, { state: 'done', due_at: null, holder: null, why: null, ended_at: now() }),
    renewAll: (tickets, seconds) => heldTogether(store, tickets, { due_at: now() + seconds * 1000 }),
    failed: async (ticket, why, retryAt) => {
      const reason = storable(why.slice(0, longestReason));
      if (ticket.attempt >= mostAttempts) return (await end(ticket, 'dead', reason)) ? 'dead' : 'lost';
      const again = held(store, ticket).set({ state: 'waiting', due_at: retryAt, holder: null, why: reason });
      return (await changed(again)) ? 'waiting' : 'lost';
    },
    holders: () => holdersOf(store, box),
    release: (holder) => release(store, box, holder),
    counts: () => countsOf(store, box),
    open: () => openOf(store, box),
    dead: (most) => deadOf(store, box, most),
    revive: (seq) => revive(store, box, seq),
  };
}

export function ticketOf(row: WorkRow): Ticket {
  return { seq: row.seq, take: row.takes, attempt: row.attempts };
}

const longestReason = 2000;

/** One statement for all of them. Answers for each whether it is new (or, `again`, waits once more). */
async function insert(
  { db }: StoreContext,
  box: WorkTable['box'],
  works: NewWork[],
  how: 'once' | 'again',
): Promise<boolean[]> {
  const rows = new Map(works.map((work) => [identity(work), rowOf(box, work)]));
  const inserted = await db
    .insertInto('work')
    .values([...rows.values()])
    .onConflict((conflict) => {
      const same = conflict.columns(['box', 'topic', 'key']);
      if (how === 'once') return same.doNothing();
      return same
        .doUpdateSet((eb) => ({
          ...{ state: 'waiting' as const, attempts: 0, why: null, ended_at: null },
          body: eb.ref('excluded.body'),
          received_at: eb.ref('excluded.received_at'),
          due_at: eb.ref('excluded.due_at'),
        }))
        .where('work.due_at', 'is', null);
    })
    .returning(['topic', 'key'])
    .execute();
  const fresh = new Set(inserted.map((row) => identity(row)));
  // Of two equal ones in one batch the first is new and the second is known, as if they had come one by one.
  return works.map((work) => fresh.delete(identity(work)));
}

function identity({ topic, key }: { topic: string; key: string }): string {
  return JSON.stringify([storable(topic), storable(key)]);
}

function rowOf(box: WorkTable['box'], { topic, key, body, receivedAt, dueAt }: NewWork) {
  return {
    ...{ box, topic: storable(topic), key: storable(key), body },
    ...{ state: 'waiting' as const, takes: 0, attempts: 0, received_at: receivedAt, due_at: dueAt },
  };
}

interface Want {
  box: WorkTable['box'];
  seconds: number;
  holder: string;
  topics: readonly string[] | undefined;
  most: number;
  /** Only what may be looked at beside others. */
  together: boolean;
}

/** The oldest work that is due, in one statement: no two holders get the same. */
async function takeDue({ db, engine, now }: StoreContext, want: Want): Promise<WorkRow[]> {
  const at = now();
  const due = db
    .selectFrom('work')
    .select('seq')
    .where('box', '=', want.box)
    .where('due_at', '<=', at)
    .$if(want.topics !== undefined, (query) => query.where('topic', 'in', [...(want.topics ?? [])]))
    .$if(want.together, (query) => query.where(nobodySuspects))
    .orderBy('due_at')
    .orderBy('seq')
    .limit(want.most)
    // Replicas step over what another one is just taking, instead of waiting for it.
    .$if(engine === 'postgres', (query) => query.forUpdate().skipLocked());
  const rows = await db
    .updateTable('work')
    .set(({ eb }) => ({
      // Why it failed before is told again if it fails again: what has no reason after this never came back.
      ...{ state: 'taken' as const, holder: storable(want.holder), due_at: at + want.seconds * 1000, why: null },
      ...{ takes: eb('takes', '+', 1), attempts: eb('attempts', '+', 1) },
    }))
    .where('seq', 'in', due)
    .returningAll()
    .modifyEnd(mayBeLost)
    .execute();
  return rows.toSorted((a, b) => a.received_at - b.received_at || a.seq - b.seq);
}

/**
 * Never tried; or failed for a reason that blames no single piece of work (a cluster or a forge that is away); or whoever took it
 * did not come back, once: a process is killed for many reasons, and twice is no chance.
 */
function nobodySuspects(eb: ExpressionBuilder<Tables, 'work'>) {
  const blaming = blames.map((code) => eb('why', 'not like', `${code}:%`));
  return eb.or([
    eb('attempts', '=', 0),
    eb.and([eb('why', 'is', null), eb('attempts', '=', 1)]),
    eb.and([eb('why', 'is not', null), ...blaming]),
  ]);
}

/** Codes with which a reason begins that may lie in the work itself. */
const blames = ['INTERNAL', 'SIGNAL_INVALID'];

/** Most pairs in one statement, about a millisecond; between two of them others are heard. */
const mostTickets = 50;

/** The same change of many that are held. Returns of how many. */
async function heldTogether(
  { db }: StoreContext,
  tickets: readonly Ticket[],
  change: Updateable<WorkTable>,
): Promise<number> {
  let changed = 0;
  for (let from = 0; from < tickets.length; from += mostTickets) {
    const some = tickets.slice(from, from + mostTickets);
    const { numUpdatedRows } = await db
      .updateTable('work')
      .set(change)
      .where('state', '=', 'taken')
      .where((eb) =>
        eb(
          eb.refTuple('seq', 'takes'),
          'in',
          some.map(({ seq, take }) => eb.tuple(seq, take)),
        ),
      )
      .modifyEnd(mayBeLost)
      .executeTakeFirst();
    changed += Number(numUpdatedRows);
    await new Promise(setImmediate);
  }
  return changed;
}

/** What is held by this very take. A lease that ran out still counts as long as nobody else took the work. */
function held({ db }: StoreContext, { seq, take }: Ticket) {
  return db
    .updateTable('work')
    .where('seq', '=', seq)
    .where('takes', '=', take)
    .where('state', '=', 'taken')
    .modifyEnd(mayBeLost);
}

async function changed(update: { executeTakeFirst(): Promise<{ numUpdatedRows: bigint }> }): Promise<boolean> {
  const { numUpdatedRows } = await update.executeTakeFirst();
  return numUpdatedRows > 0n;
}

async function holdersOf({ db }: StoreContext, box: WorkTable['box']): Promise<string[]> {
  const taken = db.selectFrom('work').select('holder').distinct().where('box', '=', box).where('state', '=', 'taken');
  return (await taken.orderBy('holder').execute()).flatMap(({ holder }) => holder ?? []);
}

async function release({ db, now }: StoreContext, box: WorkTable['box'], holder: string): Promise<number> {
  const { numUpdatedRows } = await db
    .updateTable('work')
    .set({ state: 'waiting', due_at: now(), holder: null })
    .where('box', '=', box)
    .where('state', '=', 'taken')
    .where('holder', '=', holder)
    .executeTakeFirst();
  return Number(numUpdatedRows);
}

function revive({ db, now }: StoreContext, box: WorkTable['box'], seq: number): Promise<boolean> {
  return changed(
    db
      .updateTable('work')
      .set({ state: 'waiting', attempts: 0, due_at: now(), ended_at: null })
      .where('box', '=', box)
      .where('seq', '=', seq)
      .where('state', '=', 'dead'),
  );
}

/** Outside text as both engines can keep it: PostgreSQL takes no NUL, and neither half of a surrogate pair. */
function storable(text: string): string {
  return text.toWellFormed().replaceAll('\0', '\ufffd');
}
