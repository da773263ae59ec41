import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { DatabaseSync } from 'node:sqlite';
import pg from 'pg';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { postgresFailure, sqliteFailure } from '../../src/store/failures.ts';
import { openStore } from '../../src/store/index.ts';
import { placeOf } from '../../src/store/postgres.ts';
import { answers, needs } from '../support/needs.ts';
import { testClock } from '../support/test-clock.ts';
import { delivery, emptyFile, onBothEngines, onPostgres, opened } from './engines.ts';
import { inProcess } from './processes.ts';

const clock = testClock();

function writeGarbage(file: string): void {
  mkdirSync(join(file, '..'));
  writeFileSync(file, 'x'.repeat(8192));
}

describe('a SQLite file', () => {
  test('and its folder are made for this user alone', async () => {
    const { file } = await emptyFile();
    const store = await opened({ file, clock });
    await store.check();
    for (const each of [file, `${file}-wal`, `${file}-shm`]) expect(statSync(each).mode & 0o777).toBe(0o600);
    expect(statSync(join(file, '..')).mode & 0o777).toBe(0o700);
  });

  test.each<[string, (file: string) => void, string]>([
    ['that is a folder', (file) => mkdirSync(file, { recursive: true }), 'STORE_READ_ONLY'],
    ['whose folder is a file', (file) => writeFileSync(join(file, '..'), ''), 'STORE_READ_ONLY'],
    ['that is something else', writeGarbage, 'STORE_FAILED'],
  ])('%s is refused by name', async (_, make, code) => {
    const { file } = await emptyFile();
    make(file);
    await expect(openStore({ file, clock })).rejects.toMatchObject({ code, message: expect.stringContaining(file) });
  });

  test('is not touched where a database is named', async () => {
    const { file } = await emptyFile();
    await expect(openStore({ url: 'postgres://127.0.0.1:1/none', file, clock })).rejects.toMatchObject({
      code: 'STORE_UNREACHABLE',
    });
    expect(existsSync(file)).toBe(false);
  });

  test('that another process writes for too long is an error and loses nothing', { timeout: 20_000 }, async () => {
    const { file } = await emptyFile();
    const store = await opened({ file, clock });
    const other = new DatabaseSync(file);
    other.exec('BEGIN IMMEDIATE');
    await expect(store.inbox.accept(delivery('a'))).rejects.toMatchObject({ code: 'STORE_FAILED' });
    other.exec('ROLLBACK');
    other.close();
    expect(await store.inbox.accept(delivery('a'))).toBe('accepted');
  });
});

describe('a SQLite file that is no longer where it was opened', () => {
  const put = (file: string): void => {
    mkdirSync(join(file, '..'), { recursive: true });
    writeFileSync(file, '');
  };
  const remove = (file: string): void => rmSync(join(file, '..'), { recursive: true });
  const replace = (file: string): void => {
    renameSync(file, `${file}.old`);
    put(file);
  };

  test.each([
    ['deleted with its folder', remove, 'is not there any more'],
    ['replaced', replace, 'was replaced'],
  ])('because it was %s, keeps nothing, and says so', async (_, move, words) => {
    const { file } = await emptyFile();
    const store = await opened({ file, clock });
    expect(await store.inbox.accept(delivery('before'))).toBe('accepted');
    move(file);
    const gone = { code: 'STORE_GONE', message: `${file} ${words}` };
    await expect(store.inbox.accept(delivery('after'))).rejects.toMatchObject(gone);
    await expect(store.check()).rejects.toMatchObject(gone);
    // A transaction, after which the store still answers.
    await expect(store.accounts.create({ name: 'ann', role: 'reader' })).rejects.toMatchObject(gone);
    await expect(store.accounts.create({ name: 'ben', role: 'reader' })).rejects.toMatchObject(gone);
    expect(await store.inbox.open()).toMatchObject({ waiting: 2 });
  });

  test('is opened again by the next start', async () => {
    const { file } = await emptyFile();
    const store = await opened({ file, clock });
    remove(file);
    await expect(store.check()).rejects.toMatchObject({ code: 'STORE_GONE' });
    const next = await opened({ file, clock });
    expect(await next.inbox.accept(delivery('after'))).toBe('accepted');
  });
});

// A disk of one MiB: only root, or who may make namespaces of his own, can mount one.
const apart = process.getuid?.() === 0 ? ['unshare', '-m'] : ['unshare', '-rm'];
const canMount = (): boolean => answers('unshare', [...apart.slice(1), 'mount', '-t', 'tmpfs', 'tmpfs', '/mnt']);

describe.skipIf(!needs('unshare and mount', canMount))('a SQLite file on a small disk', () => {
  const mounted = (script: string, folder: string): string[] => [
    ...apart,
    'sh',
    '-ec',
    `${script}; shift; exec "$@"`,
    'sh',
    folder,
  ];
  const smallDisk = (): string => {
    const folder = mkdtempSync(join(tmpdir(), 'gitmend-disk-'));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    return folder;
  };

  test('that is full refuses, keeps what it accepted, and accepts again once there is room', async () => {
    const folder = smallDisk();
    const ballast = join(folder, 'ballast');
    const through = mounted('mount -t tmpfs -o size=1m tmpfs "$1"; head -c 300000 /dev/zero > "$1/ballast"', folder);
    expect(await inProcess({ file: join(folder, 's.sqlite') }, 'fill', { name: ballast, through })).toEqual([
      'accept: STORE_FULL',
      'accept: STORE_FULL',
      'check: STORE_FULL',
      'kept: all',
      'with room: accepted',
    ]);
  });

  test('that is full from the beginning, or read-only, is refused at the start', async () => {
    const folder = smallDisk();
    const full = mounted('mount -t tmpfs -o size=64k tmpfs "$1"; head -c 65536 /dev/zero > "$1/ballast"', folder);
    const readOnly = mounted('mount -t tmpfs -o ro tmpfs "$1"', folder);
    const where = { file: join(folder, 's.sqlite') };
    expect(await inProcess(where, 'open', { through: full })).toEqual(['failed: STORE_FULL']);
    expect(await inProcess(where, 'open', { through: readOnly })).toEqual(['failed: STORE_READ_ONLY']);
  });
});

onPostgres('a database', (engine) => {
  const asked = async (url: string, statement: string): Promise<void> => {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    await client.query(statement);
    await client.end();
  };

  test('that may not be written refuses by name', async () => {
    const { url = '' } = await engine.empty();
    const name = new URL(url).pathname.slice(1);
    await (await opened({ url, file: '', clock })).check();
    await asked(url, `ALTER DATABASE ${name} SET default_transaction_read_only = on`);
    const standby = await opened({ url, file: '', clock });
    await expect(standby.inbox.accept(delivery('a'))).rejects.toMatchObject({ code: 'STORE_READ_ONLY' });
  });

  test('that is not there, or not for us, is unreachable', async () => {
    const { url = '' } = await engine.empty();
    for (const wrong of [url.replace(/\/test_.*/, '/missing'), url.replace('gitmend@', 'stranger@')]) {
      await expect(openStore({ url: wrong, file: '', clock })).rejects.toMatchObject({ code: 'STORE_UNREACHABLE' });
    }
  });

  test('whose address is none is unreachable, and the address is not shown', async () => {
    for (const url of [
      'postgres://[::bad:s3cret',
      'postgres://bot:s3cret@host:99999/x',
      'postgres://bot:s3cret?@host/x',
    ]) {
      const failure = await openStore({ url, file: '', clock }).catch((error: unknown) => error);
      expect(failure).toMatchObject({ code: 'STORE_UNREACHABLE' });
      expect(inspect(failure, { depth: 10 })).not.toContain('s3cret');
    }
  });

  test('waits for its disk before it answers, whatever the server is set to', async () => {
    const where = await engine.empty();
    const asked = vi.spyOn(pg.Client.prototype, 'query');
    onTestFinished(() => asked.mockRestore());
    await opened({ ...where, clock });
    const first = new Map(
      asked.mock.contexts.map((client, at) => [client, asked.mock.calls[at]?.[0]] as const).reverse(),
    );
    expect(new Set(first.values())).toEqual(new Set(['SET synchronous_commit = on']));
  });

  test('that breaks off in the middle of a statement fails that statement, and nothing else', async () => {
    const { url = '' } = await engine.empty();
    const line = await breakable(url);
    const store = await opened({ url: line.url, file: '', clock });
    const holder = new pg.Client({ connectionString: url });
    await holder.connect();
    await holder.query('BEGIN; LOCK TABLE work IN ACCESS EXCLUSIVE MODE');
    const accepting = store.inbox.accept(delivery('a'));
    const failed = expect(accepting).rejects.toMatchObject({ code: 'STORE_UNREACHABLE' });
    const waiting = "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()";
    while ((await holder.query(waiting)).rowCount === 0);
    line.breakOff();
    await failed;
    await holder.query('ROLLBACK');
    await holder.end();
    await expect(store.inbox.accept(delivery('b'))).resolves.toBe('accepted');
  });

  test('keeps the schema that its address names', async () => {
    const { url = '' } = await engine.empty();
    await asked(url, 'CREATE SCHEMA ours');
    const store = await opened({ url: `${url}?options=-c%20search_path%3Dours`, file: '', clock });
    await store.check();
    await expect(asked(url, 'SELECT * FROM ours.cursors')).resolves.toBeUndefined();
  });
});

onBothEngines('a store of a newer gitmend', (engine) => {
  test('is left alone', async () => {
    const where = await engine.empty();
    await (await openStore({ ...where, clock })).close();
    const raise = 'UPDATE store_version SET version = 99';
    if (where.url === undefined) {
      const database = new DatabaseSync(where.file);
      database.exec(raise);
      database.close();
    } else {
      const client = new pg.Client({ connectionString: where.url });
      await client.connect();
      await client.query(raise);
      await client.end();
    }
    await expect(openStore({ ...where, clock })).rejects.toMatchObject({
      code: 'STORE_NEWER',
      message: 'the store is at version 99; this gitmend knows versions up to 4',
    });
  });
});

describe('what a message says', () => {
  test.each([
    ['postgres://bot:s3cret@db.home.lan:5432/gitmend?sslmode=require', 'PostgreSQL at db.home.lan:5432/gitmend'],
    ['postgres://bot:s3cret@db.home.lan/gitmend?password=s3cret', 'PostgreSQL at db.home.lan/gitmend'],
    ['postgres://bot:s3cret?@db.home.lan/gitmend', 'PostgreSQL at DATABASE_URL'],
    ['postgres://bot:s3cret@/gitmend?host=/run/postgresql', 'PostgreSQL at DATABASE_URL'],
    ['s3cret', 'PostgreSQL at DATABASE_URL'],
  ])('of %s is the place, never a password', (url, place) => {
    expect(placeOf(url)).toBe(place);
  });

  test.each([
    ['53100', 'STORE_FULL'],
    ['25006', 'STORE_READ_ONLY'],
    ['42501', 'STORE_READ_ONLY'],
    ['08006', 'STORE_UNREACHABLE'],
    ['28P01', 'STORE_UNREACHABLE'],
    ['57P01', 'STORE_UNREACHABLE'],
    ['23505', 'STORE_FAILED'],
    ['57014', 'STORE_FAILED'],
    ['ECONNREFUSED', 'STORE_UNREACHABLE'],
    [undefined, 'STORE_UNREACHABLE'],
  ])('of PostgreSQL %s is %s', (state, code) => {
    const error = Object.assign(new Error('what it said'), { code: state });
    expect(postgresFailure(error, 'PostgreSQL at db')).toMatchObject({
      code,
      message: 'PostgreSQL at db: what it said',
    });
  });

  test.each([
    [13, 'STORE_FULL'],
    [8, 'STORE_READ_ONLY'],
    [1032, 'STORE_READ_ONLY'],
    [14, 'STORE_READ_ONLY'],
    [5, 'STORE_FAILED'],
    [undefined, 'STORE_FAILED'],
  ])('of SQLite %s is %s', (errcode, code) => {
    const error = Object.assign(new Error('what it said'), { code: 'ERR_SQLITE_ERROR', errcode });
    expect(sqliteFailure(error, '/s.sqlite')).toMatchObject({ code, message: '/s.sqlite: what it said' });
  });

  test('of our own mistakes stays as it is', () => {
    const mistake = new TypeError('a mistake');
    expect(sqliteFailure(mistake, '/s.sqlite')).toBe(mistake);
  });
});

/** The same database behind a line that can be cut: no word of the server comes before its end. */
async function breakable(url: string): Promise<{ url: string; breakOff: () => void }> {
  const { hostname, port } = new URL(url);
  const ends = new Set<Socket>();
  const line = createServer((near) => {
    const far = connect(Number(port), hostname);
    for (const end of [near, far]) ends.add(end.on('error', () => undefined));
    near.pipe(far).pipe(near);
  }).listen(0, '127.0.0.1');
  await once(line, 'listening');
  const breakOff = (): void => ends.forEach((end) => end.destroy());
  onTestFinished(() => {
    breakOff();
    line.close();
  });
  const near = new URL(url);
  near.host = `127.0.0.1:${(line.address() as AddressInfo).port}`;
  return { url: near.href, breakOff };
}
