import { createHash } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import pg from 'pg';
import { testClock, type TestClock } from '../support/test-clock.ts';
import type { Engine } from './engines.ts';

/** The tables as version 1 wrote them. Never edited: such stores are out there. `$id` is each engine's growing number. */
const tables = `
  CREATE TABLE store_version (version integer NOT NULL);
  INSERT INTO store_version VALUES (1);
  CREATE TABLE work (
    seq $id, box text NOT NULL, topic text NOT NULL, key text NOT NULL, body text NOT NULL, state text NOT NULL,
    takes integer NOT NULL, attempts integer NOT NULL, received_at bigint NOT NULL, due_at bigint, holder text,
    why text, ended_at bigint, UNIQUE (box, topic, key)
  );
  CREATE INDEX work_due ON work (box, due_at, seq) WHERE due_at IS NOT NULL;
  CREATE INDEX work_ended ON work (ended_at) WHERE ended_at IS NOT NULL;
  CREATE TABLE accounts (
    name text PRIMARY KEY, role text NOT NULL, token_hash text NOT NULL, created_at bigint NOT NULL
  );
  CREATE TABLE sessions (
    id_hash text PRIMARY KEY, account text NOT NULL REFERENCES accounts (name) ON DELETE CASCADE,
    created_at bigint NOT NULL, expires_at bigint NOT NULL
  );
  CREATE TABLE cursors (name text PRIMARY KEY, value text NOT NULL, updated_at bigint NOT NULL);`;

/** One piece of work in each state, in each box; an account, its session, a cursor. Times in milliseconds after `now`. */
function rows(now: number): string {
  const work = (box: string, key: string, state: string, rest: string) =>
    `('${box}', '${box === 'in' ? 'alertmanager' : 'notify'}', '${key}', '{"of":"${key}"}', '${state}', ${rest})`;
  return `
    INSERT INTO work (box, topic, key, body, state, takes, attempts, received_at, due_at, holder, why, ended_at) VALUES
      ${work('in', 'waits', 'waiting', `2, 2, ${now - 90_000}, ${now}, NULL, 'PVE_UNREACHABLE: away', NULL`)},
      ${work('in', 'taken', 'taken', `1, 1, ${now - 60_000}, ${now + 300_000}, 'gone:1', NULL, NULL`)},
      ${work('in', 'done', 'done', `1, 1, ${now - 50_000}, NULL, NULL, NULL, ${now - 40_000}`)},
      ${work('in', 'dead', 'dead', `8, 8, ${now - 80_000}, NULL, NULL, 'INTERNAL: a bug', ${now - 30_000}`)},
      ${work('in', 'dead later', 'dead', `9, 8, ${now - 70_000}, NULL, NULL, 'INTERNAL: another', ${now - 20_000}`)},
      ${work('out', 'waits', 'waiting', `0, 0, ${now - 10_000}, ${now}, NULL, NULL, NULL`)},
      ${work('out', 'dead', 'dead', `12, 12, ${now - 10_000}, NULL, NULL, 'it answered 503', ${now - 5_000}`)};
    INSERT INTO accounts VALUES ('maintainer', 'approver', '${'a'.repeat(64)}', ${now});
    INSERT INTO sessions VALUES ('${createHash('sha256').update('of a name').digest('hex')}', 'maintainer', ${now}, ${now + 1_000});
    INSERT INTO cursors VALUES ('forge/since', '2026-11-20T03:34:00Z', ${now});`;
}

type Where = Awaited<ReturnType<Engine['empty']>>;

/** A store as version 1 left it, and the clock that it went by. */
export async function storeOfVersion1(engine: Engine): Promise<{ where: Where; clock: TestClock }> {
  const clock = testClock();
  const where = await engine.empty();
  const isFile = where.url === undefined;
  if (isFile) mkdirSync(dirname(where.file), { recursive: true });
  const id = isFile ? 'integer PRIMARY KEY AUTOINCREMENT' : 'bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY';
  await runIn(where, tables.replace('$id', id) + rows(clock.now()));
  return { where, clock };
}

/** Statements, run beside gitmend. Returns the rows of a SELECT. */
export async function runIn({ url, file }: Where, statements: string): Promise<unknown[]> {
  if (url === undefined) {
    const database = new DatabaseSync(file);
    try {
      if (statements.startsWith('SELECT'))
        return database
          .prepare(statements)
          .all()
          .map((row) => ({ ...row }));
      database.exec(statements);
      return [];
    } finally {
      database.close();
    }
  }
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<{ [column: string]: unknown }>(statements)).rows;
  } finally {
    await client.end();
  }
}
