import type { Kysely, Transaction } from 'kysely';
import { GitmendError, isGitmendError } from '../core/errors.ts';
import { sql } from './kysely.ts';
import type { StoreContext, Tables } from './tables.ts';

/**
 * The steps that lead from an empty database to this version, in order; what was released is never edited, only added
 * to. `id` stands for each engine's own growing number.
 */
const migrations: readonly (readonly string[])[] = [
  [
    `CREATE TABLE work (
      seq $id,
      box text NOT NULL,
      topic text NOT NULL,
      key text NOT NULL,
      body text NOT NULL,
      state text NOT NULL,
      takes integer NOT NULL,
      attempts integer NOT NULL,
      received_at bigint NOT NULL,
      due_at bigint,
      holder text,
      why text,
      ended_at bigint,
      UNIQUE (box, topic, key)
    )`,
    'CREATE INDEX work_due ON work (box, due_at, seq) WHERE due_at IS NOT NULL',
    'CREATE INDEX work_ended ON work (ended_at) WHERE ended_at IS NOT NULL',
    `CREATE TABLE accounts (
      name text PRIMARY KEY,
      role text NOT NULL,
      token_hash text NOT NULL,
      created_at bigint NOT NULL
    )`,
    `CREATE TABLE sessions (
      id_hash text PRIMARY KEY,
      account text NOT NULL REFERENCES accounts (name) ON DELETE CASCADE,
      created_at bigint NOT NULL,
      expires_at bigint NOT NULL
    )`,
    `CREATE TABLE cursors (
      name text PRIMARY KEY,
      value text NOT NULL,
      updated_at bigint NOT NULL
    )`,
  ],
  // The page names the dead every second, however much was done and is still kept.
  ["CREATE INDEX work_dead ON work (box, ended_at, seq) WHERE state = 'dead'"],
  [
    // `number` counts the versions of one stack; `body` is null where the state was taken away.
    `CREATE TABLE state_versions (
      stack text NOT NULL,
      number integer NOT NULL,
      serial bigint NOT NULL,
      lineage text NOT NULL,
      size integer NOT NULL,
      who text NOT NULL,
      key_id text NOT NULL,
      body text,
      created_at bigint NOT NULL,
      PRIMARY KEY (stack, number)
    )`,
    `CREATE TABLE state_locks (
      stack text PRIMARY KEY,
      id text NOT NULL,
      role text NOT NULL,
      info text NOT NULL,
      locked_at bigint NOT NULL
    )`,
  ],
  ['CREATE TABLE heard (key text PRIMARY KEY, at bigint NOT NULL)', 'CREATE INDEX heard_at ON heard (at)'],
];

/** `gitmend` in ASCII: the advisory lock under which replicas that start at once migrate one after the other. */
const lockNumber = 0x67_69_74_6d;

const idColumn = {
  sqlite: 'integer PRIMARY KEY AUTOINCREMENT',
  postgres: 'bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY',
};

/**
 * Creates or upgrades the tables, once however many replicas start together; again, it changes nothing. Throws
 * STORE_NEWER where a newer gitmend wrote them.
 */
export async function migrate({ db, engine }: Pick<StoreContext, 'db' | 'engine'>): Promise<void> {
  if ((await versionOf(db).catch(noTable)) === migrations.length) return;
  await db.transaction().execute(async (transaction) => {
    // On SQLite the transaction itself is the lock (BEGIN IMMEDIATE).
    if (engine === 'postgres') await sql`SELECT pg_advisory_xact_lock(${lockNumber})`.execute(transaction);
    await run(transaction, 'CREATE TABLE IF NOT EXISTS store_version (version integer NOT NULL)');
    const version = await versionOf(transaction);
    if (version > migrations.length) {
      throw new GitmendError(
        'STORE_NEWER',
        `the store is at version ${version}; this gitmend knows versions up to ${migrations.length}`,
      );
    }
    for (const statement of migrations.slice(version).flat()) {
      await run(transaction, statement.replace('$id', idColumn[engine]));
    }
    if (version === migrations.length) return;
    await transaction.deleteFrom('store_version').execute();
    await transaction.insertInto('store_version').values({ version: migrations.length }).execute();
  });
}

/** An empty database has no version; whatever else was wrong is met again at once, and told then. */
function noTable(error: unknown): undefined {
  if (!isGitmendError(error, 'STORE_FAILED')) throw error;
}

async function versionOf(db: Kysely<Tables>): Promise<number> {
  const row = await db.selectFrom('store_version').select('version').executeTakeFirst();
  return row?.version ?? 0;
}

async function run(transaction: Transaction<Tables>, statement: string): Promise<void> {
  await sql.raw(statement).execute(transaction);
}
