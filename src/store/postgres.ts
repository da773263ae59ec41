import type { Dialect, PostgresPoolClient } from 'kysely';
import type { Pool, PoolClient, PoolConfig } from 'pg';
import { GitmendError } from '../core/errors.ts';
import { postgresFailure } from './failures.ts';
import { PostgresDialect } from './kysely.ts';

/** Milliseconds: a server that does not answer in that time counts as gone, so that a door can say 5xx. */
const patience = { connect: 5000, statement: 10_000, silence: 15_000 };

/**
 * Kysely on PostgreSQL through pg, which is loaded only here. Connections are made when needed, so a server that is away
 * is STORE_UNREACHABLE at the first query and forgotten once it is back.
 */
export async function postgresDialect(url: string): Promise<Dialect> {
  const { default: pg } = await import('pg');
  const settings: PoolConfig = {
    connectionString: url,
    application_name: 'gitmend',
    max: 8,
    connectionTimeoutMillis: patience.connect,
    statement_timeout: patience.statement,
    query_timeout: patience.silence,
    keepAlive: true,
    // Every bigint of ours is a count or a time in milliseconds, far below 2^53.
    types: {
      getTypeParser: (oid) => (oid === pg.types.builtins.INT8 ? Number : (pg.types.getTypeParser(oid) as unknown)),
    },
  };
  // A pool would find out only when it connects.
  checkAddress(() => new pg.Client(settings));
  const pool = new pg.Pool(settings);
  // An idle connection that breaks is dropped by the pool; unheard, its error would end the process.
  pool.on('error', () => undefined);
  return new PostgresDialect({ pool: { connect: connections(pool, placeOf(url)), end: () => pool.end() } });
}

/** pg's own words about an address that is none would show it, password and all. */
function checkAddress(read: () => unknown): void {
  try {
    read();
  } catch {
    throw new GitmendError(
      'STORE_UNREACHABLE',
      'DATABASE_URL is no address: write postgres://user:password@host/database',
    );
  }
}

/** Clients whose failures are coded; each is prepared when it is new, and thrown away once its connection failed. */
function connections(pool: Pool, where: string): () => Promise<PostgresPoolClient> {
  // Kysely knows a connection by its client, so one client is always wrapped by the same object.
  const known = new WeakMap<PoolClient, PostgresPoolClient>();
  return async () => {
    const client = await orFailure(pool.connect(), where);
    const wrapped = known.get(client) ?? coded(client, where);
    if (known.has(client)) return wrapped;
    known.set(client, wrapped);
    try {
      // Whatever the server's default: what was answered with 2xx is on its disk.
      await wrapped.query('SET synchronous_commit = on', []);
      return wrapped;
    } catch (error) {
      client.release(true);
      throw error;
    }
  };
}

function coded(client: PoolClient, where: string): PostgresPoolClient {
  let broken = false;
  // The pool hears a client's errors while it holds it. One that breaks in the middle of a statement is ours, and says so
  // beside the statement that fails: unheard, that would end the process.
  client.on('error', () => (broken = true));
  const query = async (sql: string, parameters: readonly unknown[]): Promise<unknown> => {
    try {
      return await client.query(sql, [...parameters]);
    } catch (error) {
      const failure = postgresFailure(error, where);
      broken ||= failure.code === 'STORE_UNREACHABLE';
      throw failure;
    }
  };
  return { query: query as PostgresPoolClient['query'], release: () => client.release(broken) };
}

async function orFailure<T>(work: Promise<T>, where: string): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw postgresFailure(error, where);
  }
}

/** Host, port and database for messages, and nothing else: whatever is no plain address is not shown at all. */
export function placeOf(url: string): string {
  if (!URL.canParse(url)) return 'PostgreSQL at DATABASE_URL';
  const { host, pathname } = new URL(url);
  return `PostgreSQL at ${host}${pathname}`;
}
