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

/** One delivery of a forge's web hook that was taken, by a digest alone. */
export interface HeardTable {
  key: string;
  /** Milliseconds since the epoch. */
  at: number;
}

/** One version of a stack's state in Terraform, sealed. */
export interface StateVersionTable {
  stack: string;
  /** 1, 2, 3 … */
  number: number;
  serial: number;
  lineage: string;
  /** Bytes of the state. */
  size: number;
  /** Who wrote it, as Terraform says. */
  who: string;
  /** Which key opens it. */
  key_id: string;
  /** null: the state was taken away. */
  body: string | null;
  created_at: number;
}

export interface StateLockTable {
  stack: string;
  id: string;
  role: 'read' | 'write';
  /** What the holder said of itself, as it came: JSON. */
  info: string;
  locked_at: number;
}

export interface Tables {
  work: WorkTable;
  accounts: AccountTable;
  sessions: SessionTable;
  cursors: CursorTable;
  heard: HeardTable;
  state_versions: StateVersionTable;
  state_locks: StateLockTable;
  store_version: { version: number };
}

/** The database, and the one thing that the engines do not share. */
export interface StoreContext {
  db: Kysely<Tables>;
  engine: 'sqlite' | 'postgres';
  /** Milliseconds since the epoch. */
  now: () => number;
}
