import type { ExpressionBuilder, Selectable, SelectQueryBuilder } from 'kysely';
import { gather } from './gather.ts';
import { sql } from './kysely.ts';
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

export interface Counts {
  waiting: number;
  taken: number;
  done: number;
  dead: number;
  /** When the oldest piece of work that has not ended was accepted, in milliseconds since the epoch. */
  oldest?: number;
}

/** Work that survives: put once, taken under a lease by one holder at a time, never deleted before it is done. */
export interface Queue {
  /** false: the key is known. */
  put: (work: NewWork) => Promise<boolean>;
  /** As `put`; and where the same key ended before, it waits again. */
  putAgain: (work: NewWork) => Promise<boolean>;
  take: (seconds: number, holder: string, topics?: readonly string[]) => Promise<WorkRow | undefined>;
  /** Up to that many at once of what was never tried, the oldest first. */
  takeFresh: (seconds: number, holder: string, most: number) => Promise<WorkRow[]>;
  renew: (ticket: Ticket, seconds: number) => Promise<boolean>;
  done: (ticket: Ticket) => Promise<boolean>;
  /** As `done`, for many at once. Returns how many of them were still this taker's. */
  allDone: (tickets: readonly Ticket[]) => Promise<number>;
  failed: (ticket: Ticket, why: string, retryAt: number) => Promise<Failure>;
  /** Everyone who has taken something that has not ended. */
  holders: () => Promise<string[]>;
  /** Lets everything wait again that this holder has taken: for a holder that is gone. Returns how much that was. */
  release: (holder: string) => Promise<number>;
  counts: () => Promise<Counts>;
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
        const [row] = await takeDue(store, { box, seconds, holder, topics, most: 1, fresh: false });
        if (row === undefined || row.attempts <= mostAttempts) return row;
        // Whoever took it never came back, again and again: it may be what ends them.
        await end(ticketOf(row), 'dead', row.why ?? 'whoever took it never came back');
      }
    },
    takeFresh: (seconds, holder, most) =>
      takeDue(store, { box, seconds, holder, topics: undefined, most, fresh: true }),
    renew: (ticket, seconds) => changed(held(store, ticket).set({ due_at: now() + seconds * 1000 })),
    done: (ticket) => end(ticket, 'done', null),
    allDone: (tickets) => allDone(store, tickets),
    failed: async (ticket, why, retryAt) => {
      const reason = storable(why.slice(0, longestReason));
      if (ticket.attempt >= mostAttempts) return (await end(ticket, 'dead', reason)) ? 'dead' : 'lost';
      const again = held(store, ticket).set({ state: 'waiting', due_at: retryAt, holder: null, why: reason });
      return (await changed(again)) ? 'waiting' : 'lost';
    },
    holders: () => holdersOf(store, box),
    release: (holder) => release(store, box, holder),
    counts: () => countsOf(store, box),
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
  /** Only what was never tried. */
  fresh: boolean;
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
    .$if(want.fresh, (query) => query.where('attempts', '=', 0))
    .orderBy('due_at')
    .orderBy('seq')
    .limit(want.most)
    // Replicas step over what another one is just taking, instead of waiting for it.
    .$if(engine === 'postgres', (query) => query.forUpdate().skipLocked());
  const rows = await db
    .updateTable('work')
    .set(({ eb }) => ({
      ...{ state: 'taken' as const, holder: storable(want.holder), due_at: at + want.seconds * 1000 },
      ...{ takes: eb('takes', '+', 1), attempts: eb('attempts', '+', 1) },
    }))
    .where('seq', 'in', due)
    .returningAll()
    .modifyEnd(mayBeLost)
    .execute();
  return rows.toSorted((a, b) => a.received_at - b.received_at || a.seq - b.seq);
}

/** Most pairs in one statement, about a millisecond; between two of them others are heard. */
const mostTickets = 50;

async function allDone({ db, now }: StoreContext, tickets: readonly Ticket[]): Promise<number> {
  let ended = 0;
  for (let from = 0; from < tickets.length; from += mostTickets) {
    const some = tickets.slice(from, from + mostTickets);
    const { numUpdatedRows } = await db
      .updateTable('work')
      .set({ state: 'done', due_at: null, holder: null, why: null, ended_at: now() })
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
    ended += Number(numUpdatedRows);
    await new Promise(setImmediate);
  }
  return ended;
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

/** Each by an index of its own: what was done and is still kept is not read. */
async function countsOf({ db }: StoreContext, box: WorkTable['box']): Promise<Counts> {
  const open = await db
    .selectFrom('work')
    .select(({ fn }) => ['state', fn.countAll<number>().as('amount'), fn.min('received_at').as('oldest')])
    .where('box', '=', box)
    .where('due_at', 'is not', null)
    .groupBy('state')
    .execute();
  const [dead] = await isDead(db.selectFrom('work').select(amount), box).execute();
  const [all] = await db.selectFrom('work').select(amount).where('box', '=', box).execute();
  const counts: Counts = { waiting: 0, taken: 0, done: 0, dead: dead?.amount ?? 0 };
  for (const { state, amount } of open) counts[state] = amount;
  counts.done = (all?.amount ?? 0) - counts.waiting - counts.taken - counts.dead;
  return open.length === 0 ? counts : { ...counts, oldest: Math.min(...open.map(({ oldest }) => oldest)) };
}

function amount({ fn }: ExpressionBuilder<Tables, 'work'>) {
  return fn.countAll<number>().as('amount');
}

/** The word itself stands in the statement: only so does SQLite take the index of the dead. */
function isDead<O>(query: SelectQueryBuilder<Tables, 'work', O>, box: WorkTable['box']) {
  return query.where('box', '=', box).where('state', '=', sql.lit('dead' as const));
}

function deadOf({ db }: StoreContext, box: WorkTable['box'], most: number): Promise<WorkRow[]> {
  return isDead(db.selectFrom('work').selectAll(), box)
    .orderBy('ended_at', 'desc')
    .orderBy('seq', 'desc')
    .limit(most)
    .execute();
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
