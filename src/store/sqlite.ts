import { closeSync, fstatSync, mkdirSync, openSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';
import type { CompiledQuery as Query, DatabaseConnection, Dialect, Driver, QueryResult } from 'kysely';
import { GitmendError } from '../core/errors.ts';
import { sqliteFailure } from './failures.ts';
import { CompiledQuery, sql, SqliteAdapter, SqliteIntrospector, SqliteQueryCompiler } from './kysely.ts';

const lostMark = '/* may be lost */';
/**
 * The end of a statement whose loss in a power cut costs nothing but doing it again (a take, a done): it is not waited
 * for until it is on the disk, though it survives a kill -9 as everything does. PostgreSQL reads it as a comment.
 */
export const mayBeLost = sql.raw(lostMark);

/** Milliseconds that a writer waits for another process: a transaction takes about two. */
const patience = 5000;

/**
 * Kysely on Node's own SQLite. The file and its folder are created for this user alone. Throws STORE_READ_ONLY,
 * STORE_FULL, STORE_GONE or STORE_FAILED.
 */
export function sqliteDialect(file: string): Dialect {
  return {
    createAdapter: () => new SqliteAdapter(),
    createQueryCompiler: () => new SqliteQueryCompiler(),
    createIntrospector: (db) => new SqliteIntrospector(db),
    createDriver: () => driver(open(file)),
  };
}

interface Opened {
  file: string;
  database: DatabaseSync;
  /** Throws STORE_GONE once the file is no longer the one that was opened. */
  demandFile: () => void;
  line: Line;
}

/** Whose turn it is with a file: resolves when everybody before was served. */
interface Line {
  last: Promise<void>;
}

/**
 * One line for all connections of this thread to one file, by device and inode. Node's SQLite waits for the file's lock
 * without letting anything else run: two connections would each keep the transaction of the other from ending, until the
 * patience is over. Of other processes and threads a connection waits for the lock itself.
 */
const lines = new Map<string, Line>();

function open(file: string): Opened {
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    // Deliveries and hashes are nobody else's business; SQLite gives its -wal and -shm the same mode.
    const made = openSync(file, 'a', 0o600);
    const { dev, ino } = fstatSync(made, { bigint: true });
    closeSync(made);
    const database = new DatabaseSync(file, { timeout: patience });
    // WAL: readers never wait. FULL: what was answered with 2xx is on the disk, and survives a power cut.
    database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON');
    // Pages of 4 KiB. Whoever fills the log copies it into the file, and is answered that much later: in a storm the usual
    // 1000 pages are full every other second.
    database.exec('PRAGMA wal_autocheckpoint = 8000');
    return { file, database, demandFile: () => demandFile(file, { dev, ino }), line: lineOf(`${dev} ${ino}`) };
  } catch (error) {
    if (isFileError(error)) {
      const code = error.code === 'ENOSPC' || error.code === 'EDQUOT' ? 'STORE_FULL' : 'STORE_READ_ONLY';
      throw new GitmendError(code, `${file}: ${error.code}`, { cause: error });
    }
    throw sqliteFailure(error, file);
  }
}

function lineOf(key: string): Line {
  const line = lines.get(key) ?? { last: Promise.resolve() };
  lines.set(key, line);
  return line;
}

/** A file that was deleted or replaced is written all the same, and nobody reads it again. A look costs microseconds. */
function demandFile(file: string, opened: { dev: bigint; ino: bigint }): void {
  const there = statSync(file, { bigint: true, throwIfNoEntry: false });
  if (there?.ino === opened.ino && there.dev === opened.dev) return;
  throw new GitmendError('STORE_GONE', `${file} ${there === undefined ? 'is not there any more' : 'was replaced'}`);
}

function isFileError(error: unknown): error is Error & { code: string } {
  return error instanceof Error && 'syscall' in error && 'code' in error && typeof error.code === 'string';
}

/** SQLite has one connection for each store here: a transaction holds the file's line, everything else waits in it. */
function driver(opened: Opened): Driver {
  const { database, line } = opened;
  const connection = connectionTo(opened);
  const raw = (sql: string) => async (): Promise<void> => {
    await connection.executeQuery(CompiledQuery.raw(sql));
  };
  let leave: () => void = () => undefined;
  return {
    init: () => Promise.resolve(),
    acquireConnection: async () => {
      const before = line.last;
      const { promise, resolve } = Promise.withResolvers<undefined>();
      line.last = promise.then(() => undefined);
      await before;
      leave = () => resolve(undefined);
      return connection;
    },
    releaseConnection: async () => leave(),
    // IMMEDIATE: a transaction that reads first and writes later cannot fail half-way for want of the lock.
    beginTransaction: raw('BEGIN IMMEDIATE'),
    commitTransaction: raw('COMMIT'),
    // A full disk may have rolled it back already.
    rollbackTransaction: async () => {
      if (database.isTransaction) await raw('ROLLBACK')();
    },
    destroy: async () => {
      if (database.isOpen) database.close();
    },
  };
}

function connectionTo({ file, database, demandFile }: Opened): DatabaseConnection {
  // In WAL mode NORMAL only leaves out the wait for the disk; the next durable commit brings everything before it along.
  const unhurried = <T>(work: () => T): T => {
    database.exec('PRAGMA synchronous = NORMAL');
    try {
      return work();
    } finally {
      database.exec('PRAGMA synchronous = FULL');
    }
  };
  const statements = new Map<string, StatementSync>();
  const prepared = (sql: string): StatementSync => {
    const known = statements.get(sql);
    if (known !== undefined) return known;
    const statement = database.prepare(sql);
    // The queries are few and fixed; the cap only keeps a mistake from growing for ever.
    if (statements.size < 200) statements.set(sql, statement);
    return statement;
  };
  return {
    executeQuery: async <R>({ sql: text, parameters }: Query): Promise<QueryResult<R>> => {
      try {
        const work = (): QueryResult<R> => rowsOf(prepared(text), parameters as SQLInputValue[]);
        const result = text.endsWith(lostMark) ? unhurried(work) : work();
        // Afterwards, so that nothing is said to be kept that is not; within a transaction its end is asked.
        if (!database.isTransaction && !isRead(text)) demandFile();
        return result;
      } catch (error) {
        throw sqliteFailure(error, file);
      }
    },
    streamQuery: () => {
      throw new Error('the store reads no streams');
    },
  };
}

function isRead(text: string): boolean {
  return /^select /i.test(text);
}

function rowsOf<R>(statement: StatementSync, values: SQLInputValue[]): QueryResult<R> {
  if (statement.columns().length > 0) return { rows: statement.all(...values) as R[] };
  const { changes } = statement.run(...values);
  return { rows: [], numAffectedRows: BigInt(changes) };
}
