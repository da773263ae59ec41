import type { Clock } from '../core/clock.ts';
import { openAccounts, openSessions, type Accounts, type Sessions } from './accounts.ts';
import { openCursors, type Cursors } from './cursors.ts';
import { type Heard, openHeard } from './heard.ts';
import { openInbox, type Inbox } from './inbox.ts';
import { Kysely } from './kysely.ts';
import { migrate } from './migrate.ts';
import { openOutbox, type Outbox } from './outbox.ts';
import { sqliteDialect } from './sqlite.ts';
import { openStates, type States } from './states.ts';
import type { StoreContext, Tables } from './tables.ts';

export type { Account, Accounts, Role, Sessions } from './accounts.ts';
export type { Cursors } from './cursors.ts';
export type { Heard } from './heard.ts';
export { inboxAttempts, type DeadDelivery, type Delivery, type Inbox } from './inbox.ts';
export { outboxAttempts, type DeadOutgoing, type Outbox, type Outgoing } from './outbox.ts';
export type { Counts } from './counts.ts';
export type { Failure, Ticket } from './queue.ts';
export {
  keptVersions,
  type NewStateVersion,
  type StateInTurn,
  type StateLock,
  type States,
  type StateVersion,
} from './states.ts';

export interface StoreOptions {
  /** DATABASE_URL (`postgres://…`); absent or empty: the file. */
  url?: string | undefined;
  /** Path of the SQLite file; its folder is created. Not touched where `url` is set. */
  file: string;
  clock: Pick<Clock, 'now'>;
}

/** What git and the forge do not hold: accepted and not yet processed, still to be sent, and who may log in. */
export interface Store {
  engine: 'sqlite' | 'postgres';
  inbox: Inbox;
  outbox: Outbox;
  accounts: Accounts;
  sessions: Sessions;
  cursors: Cursors;
  heard: Heard;
  /** States of Terraform, sealed. */
  states: States;
  /** Writes a little and throws what a delivery would meet now: for `/readyz`. */
  check(): Promise<void>;
  /** Forgets what was done 7 days ago, sessions that expired and old events; the dead stay. Returns how many rows went. */
  sweep(): Promise<number>;
  close(): Promise<void>;
}

/** Characters that a check writes: a disk that takes a few bytes more may still have no room for a delivery. */
const asADelivery = 12 * 1024;
const retention = 7 * 86_400_000;
/** Rows that are forgotten in one statement. */
const sweepAtOnce = 1000;

/**
 * Opens the store and brings its tables to this version; safe when several replicas start at once. One set of queries
 * for SQLite and PostgreSQL. Throws STORE_FULL, STORE_READ_ONLY, STORE_UNREACHABLE, STORE_NEWER or STORE_FAILED, as
 * every function of the store does; those that write throw STORE_GONE as well.
 */
export async function openStore({ url = '', file, clock }: StoreOptions): Promise<Store> {
  const engine = url === '' ? 'sqlite' : 'postgres';
  const db = new Kysely<Tables>({ dialect: engine === 'sqlite' ? sqliteDialect(file) : await remote(url) });
  const context: StoreContext = { db, engine, now: () => clock.now() };
  try {
    await migrate(context);
  } catch (error) {
    await db.destroy();
    throw error;
  }
  const [cursors, heard] = [openCursors(context), openHeard(context)];
  return {
    engine,
    inbox: openInbox(context),
    outbox: openOutbox(context),
    accounts: openAccounts(context),
    sessions: openSessions(context),
    cursors,
    heard,
    states: openStates(context),
    check: () => cursors.set('store/checked', String(context.now()).padEnd(asADelivery)),
    sweep: async () => (await sweep(context)) + (await heard.forget()),
    close: () => db.destroy(),
  };
}

/** pg is loaded only where it is used. */
async function remote(url: string) {
  const { postgresDialect } = await import('./postgres.ts');
  return postgresDialect(url);
}

async function sweep({ db, now }: StoreContext): Promise<number> {
  let rows = 0;
  for (let portion = sweepAtOnce; portion === sweepAtOnce;) {
    const old = db
      .selectFrom('work')
      .select('seq')
      .where('state', '=', 'done')
      .where('ended_at', '<', now() - retention);
    const { numDeletedRows } = await db
      .deleteFrom('work')
      .where('seq', 'in', old.limit(sweepAtOnce))
      .executeTakeFirst();
    portion = Number(numDeletedRows);
    rows += portion;
    // The door is heard in between.
    await new Promise(setImmediate);
  }
  const sessions = await db.deleteFrom('sessions').where('expires_at', '<=', now()).executeTakeFirst();
  return rows + Number(sessions.numDeletedRows);
}
