import { DatabaseSync, type SQLInputValue, type SQLOutputValue } from 'node:sqlite';
import { GitmendError } from '../../core/errors.ts';
import { schema, schemaVersion, upgrades } from './schema.ts';
import type { Trace } from './context.ts';

export type Row = { [column: string]: SQLOutputValue };

/** The forge's database: short, synchronous transactions, shared by any number of processes. */
export interface Database {
  all(sql: string, ...values: SQLInputValue[]): Row[];
  first(sql: string, ...values: SQLInputValue[]): Row | undefined;
  /** The id of the inserted row. Only inside `write`. */
  run(sql: string, ...values: SQLInputValue[]): number;
  /** All or nothing, one writer at a time across all processes. Never nested, never waits for anything inside. */
  write<T>(work: () => T): T;
  close(): void;
}

/** Milliseconds that a writer waits for another one: a transaction takes about one. */
const patience = 15_000;

/** Opens forge.sqlite, and creates or upgrades its tables. Every failure of SQLite is FORGE_FAILED. */
export function openDatabase(file: string, trace: Trace): Database {
  const connection = guarded(file, () => new DatabaseSync(file, { timeout: patience }));
  const database: Database = {
    all: (sql, ...values) => guarded(file, () => connection.prepare(sql).all(...values)),
    first: (sql, ...values) => guarded(file, () => connection.prepare(sql).get(...values)),
    run: (sql, ...values) => guarded(file, () => Number(connection.prepare(sql).run(...values).lastInsertRowid)),
    write: (work) => guarded(file, () => transaction(connection, trace, work)),
    close: () => {
      if (connection.isOpen) connection.close();
    },
  };
  // FULL: a commit that was answered survives a power cut, as the ref that it announces does.
  guarded(file, () => connection.exec('PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON'));
  migrate(file, database, connection);
  return database;
}

function transaction<T>(connection: DatabaseSync, trace: Trace, work: () => T): T {
  trace('database begin');
  connection.exec('BEGIN IMMEDIATE');
  try {
    const result = work();
    trace('database commit');
    connection.exec('COMMIT');
    trace('database committed');
    return result;
  } catch (error) {
    if (connection.isTransaction) connection.exec('ROLLBACK');
    throw error;
  }
}

function migrate(file: string, database: Database, connection: DatabaseSync): void {
  const version = (): number => Number(database.first('PRAGMA user_version')?.['user_version']);
  if (version() > schemaVersion) {
    database.close();
    throw new GitmendError('FORGE_FAILED', `${file} was written by a newer gitmend: install that one`);
  }
  if (version() === schemaVersion) return;
  guarded(file, () => connection.exec('PRAGMA journal_mode = WAL'));
  database.write(() => {
    // Another process may have done it while this one waited.
    const steps = version() === 0 ? [schema] : upgrades.slice(version());
    for (const step of steps) connection.exec(step);
    connection.exec(`PRAGMA user_version = ${schemaVersion}`);
  });
}

function guarded<T>(file: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!isSqliteError(error)) throw error;
    throw new GitmendError('FORGE_FAILED', `${file}: ${error.message}`, { cause: error });
  }
}

function isSqliteError(error: unknown): error is Error {
  return error instanceof Error && (error as { code?: unknown }).code === 'ERR_SQLITE_ERROR';
}
