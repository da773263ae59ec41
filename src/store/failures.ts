import { GitmendError, type ErrorCode } from '../core/errors.ts';

/** Why SQLite failed, by the primary half of its result code (sqlite.org/rescode.html). */
const sqliteCodes: { readonly [code: number]: ErrorCode } = {
  8: 'STORE_READ_ONLY',
  13: 'STORE_FULL',
  14: 'STORE_READ_ONLY',
};

/** Why PostgreSQL failed, by SQLSTATE (Appendix A of its manual): the whole code, or its class. */
const sqlStates: { readonly [state: string]: ErrorCode } = {
  '53100': 'STORE_FULL',
  '25006': 'STORE_READ_ONLY',
  '42501': 'STORE_READ_ONLY',
  '53300': 'STORE_UNREACHABLE',
  '57P01': 'STORE_UNREACHABLE',
  '57P02': 'STORE_UNREACHABLE',
  '57P03': 'STORE_UNREACHABLE',
  '3D000': 'STORE_UNREACHABLE',
  '08': 'STORE_UNREACHABLE',
  '28': 'STORE_UNREACHABLE',
};

/** An error of `node:sqlite` as a coded one, naming the file; what is none of its errors comes back as it is. */
export function sqliteFailure(error: unknown, file: string): unknown {
  if (!(error instanceof Error) || (error as { code?: unknown }).code !== 'ERR_SQLITE_ERROR') return error;
  const { errcode } = error as { errcode?: unknown };
  const code = typeof errcode === 'number' ? sqliteCodes[errcode & 0xff] : undefined;
  return new GitmendError(code ?? 'STORE_FAILED', `${file}: ${error.message}`, { cause: error, details: { errcode } });
}

/** An error of pg or of its socket as a coded one. `where` is host and database: never the whole address, it may hold a password. */
export function postgresFailure(error: unknown, where: string): GitmendError {
  const { code } = error as { code?: unknown };
  const state = typeof code === 'string' ? code : '';
  const known = sqlStates[state] ?? sqlStates[state.slice(0, 2)];
  const message = `${where}: ${error instanceof Error && error.message !== '' ? error.message : state}`;
  // No SQLSTATE at all: the failure is the connection's (a socket's errno, or pg's own words without any code).
  const fallback = /^[0-9A-Z]{5}$/.test(state) ? 'STORE_FAILED' : 'STORE_UNREACHABLE';
  return new GitmendError(known ?? fallback, message, { cause: error, details: { state } });
}
