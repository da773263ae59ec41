import type { Kysely } from 'kysely';
import { sql } from './kysely.ts';
import type { StateVersionTable, StoreContext, Tables } from './tables.ts';

/** Versions of each stack that are kept; older ones go when a new one comes. */
export const keptVersions = 50;

/** One version without its content. Times in milliseconds since the epoch. */
export interface StateVersion {
  stack: string;
  serial: number;
  lineage: string;
  /** Bytes. */
  size: number;
  /** Who wrote it, as Terraform says; '' where it did not. */
  who: string;
  key: string;
  /** Whether the state was taken away with this version. */
  deleted: boolean;
  at: number;
}

export interface StateLock {
  stack: string;
  id: string;
  role: 'read' | 'write';
  /** What the holder said of itself: JSON as it came. */
  info: string;
  at: number;
}

/** What is new: `body` sealed with the key named; `undefined`: taken away. */
export type NewStateVersion = Omit<StateVersion, 'stack' | 'at' | 'deleted'> & { body: string | undefined };
type WithBody = StateVersion & { body: string | undefined };

/** One stack's state, while nobody else changes it. */
export interface StateInTurn {
  lock(): Promise<StateLock | undefined>;
  setLock(lock: Omit<StateLock, 'stack' | 'at'>): Promise<void>;
  unlock(): Promise<void>;
  newest(): Promise<WithBody | undefined>;
  add(version: NewStateVersion): Promise<void>;
}

/** States of Terraform by stack. What is in them is sealed before it comes here. */
export interface States {
  /** One after the other for each stack, on however many replicas; what throws changes nothing. */
  inTurn<T>(stack: string, work: (state: StateInTurn) => Promise<T>): Promise<T>;
  newest(stack: string): Promise<WithBody | undefined>;
  /** The newest with this serial that holds a state. */
  version(stack: string, serial: number): Promise<WithBody | undefined>;
  lock(stack: string): Promise<StateLock | undefined>;
  /** Everything that is kept, by stack, the newest first. */
  list(): Promise<{ versions: StateVersion[]; locks: StateLock[] }>;
}

export function openStates({ db, engine, now }: StoreContext): States {
  return {
    inTurn: (stack, work) =>
      db.transaction().execute(async (transaction) => {
        // On SQLite the transaction itself is the lock (BEGIN IMMEDIATE); it ends with the transaction on both.
        if (engine === 'postgres')
          await sql`SELECT pg_advisory_xact_lock(${turnNumber}, hashtext(${stack}))`.execute(transaction);
        return work(inTurn(transaction, stack, now));
      }),
    newest: (stack) => newestOf(db, stack),
    version: async (stack, serial) => {
      const rows = db.selectFrom('state_versions').selectAll().where('stack', '=', stack).where('serial', '=', serial);
      const row = await rows.where('body', 'is not', null).orderBy('number', 'desc').limit(1).executeTakeFirst();
      return row === undefined ? undefined : versionOf(row);
    },
    lock: (stack) => lockOf(db, stack),
    list: async () => {
      const columns = ['stack', 'number', 'serial', 'lineage', 'size', 'who', 'key_id', 'created_at'] as const;
      const rows = await db
        .selectFrom('state_versions')
        .select([...columns, sql<string | null>`CASE WHEN body IS NULL THEN NULL ELSE '' END`.as('body')])
        .orderBy('stack')
        .orderBy('number', 'desc')
        .execute();
      const locks = await db.selectFrom('state_locks').selectAll().orderBy('stack').execute();
      const versions = rows.map((row) => {
        const { body, ...version } = versionOf(row);
        return { ...version, deleted: body === undefined };
      });
      return { versions, locks: locks.map(({ locked_at: at, ...lock }) => ({ ...lock, at })) };
    },
  };
}

/** `stat` in ASCII: the first half of the advisory lock of a stack. */
const turnNumber = 0x73_74_61_74;

type Database = Pick<Kysely<Tables>, 'selectFrom' | 'insertInto' | 'deleteFrom'>;

function inTurn(db: Database, stack: string, now: () => number): StateInTurn {
  return {
    lock: () => lockOf(db, stack),
    setLock: async (lock) => {
      await db
        .insertInto('state_locks')
        .values({ ...lock, stack, locked_at: now() })
        .execute();
    },
    unlock: async () => {
      await db.deleteFrom('state_locks').where('stack', '=', stack).execute();
    },
    newest: () => newestOf(db, stack),
    add: async ({ serial, lineage, size, who, key, body = null }) => {
      const last = db.selectFrom('state_versions').select('number').where('stack', '=', stack);
      const newest = await last.orderBy('number', 'desc').limit(1).executeTakeFirst();
      const number = (newest?.number ?? 0) + 1;
      await db
        .insertInto('state_versions')
        .values({ stack, number, serial, lineage, size, who, key_id: key, body, created_at: now() })
        .execute();
      const old = db.deleteFrom('state_versions').where('stack', '=', stack);
      await old.where('number', '<=', number - keptVersions).execute();
    },
  };
}

async function newestOf(db: Database, stack: string): Promise<WithBody | undefined> {
  const rows = db.selectFrom('state_versions').selectAll().where('stack', '=', stack);
  const row = await rows.orderBy('number', 'desc').limit(1).executeTakeFirst();
  return row === undefined ? undefined : versionOf(row);
}

async function lockOf(db: Database, stack: string): Promise<StateLock | undefined> {
  const row = await db.selectFrom('state_locks').selectAll().where('stack', '=', stack).executeTakeFirst();
  if (row === undefined) return undefined;
  const { locked_at: at, ...lock } = row;
  return { ...lock, at };
}

function versionOf({ stack, serial, lineage, size, who, key_id, body, created_at }: StateVersionTable): WithBody {
  return {
    ...{ stack, serial, lineage, size, who },
    ...{ key: key_id, deleted: body === null, at: created_at, body: body ?? undefined },
  };
}
