import type { Generated, Kysely } from 'kysely';

/** Both boxes in one table: what came in and waits to be looked at, what is to go out and is still to be done. */
export interface WorkTable {
  seq: Generated<number>;
  box: 'in' | 'out';
  /** The door, or the kind. */
  topic: string;
  key: string;
  /** JSON as text: the same on both engines. */
  body: string;
  state: WorkState;
  /** How often it was ever taken: never goes back, so that an old ticket is worth nothing. */
  takes: number;
  /** How often since it was put, or revived. */
  attempts: number;
  received_at: number;
  /** When it may be taken (milliseconds since the epoch): while it is taken, when its lease ends; null once it ended. */
  due_at: number | null;
  holder: string | null;
  /** Why the last attempt failed. */
  why: string | null;
  ended_at: number | null;
}
export type WorkState = 'waiting' | 'taken' | 'done' | 'dead';

export interface AccountTable {
  name: string;
  role: 'approver' | 'reader';
  token_hash: string;
  created_at: number;
}

export interface SessionTable {
  id_hash: string;
  account: string;
  created_at: number;
  expires_at: number;
}

export interface CursorTable {
  name: string;
  value: string;
  updated_at: number;
}

export interface Tables {
  work: WorkTable;
  accounts: AccountTable;
  sessions: SessionTable;
  cursors: CursorTable;
  store_version: { version: number };
}

/** The database, and the one thing that the engines do not share. */
export interface StoreContext {
  db: Kysely<Tables>;
  engine: 'sqlite' | 'postgres';
  /** Milliseconds since the epoch. */
  now: () => number;
}
