import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { freePort } from './free-port.ts';
import { needs } from './needs.ts';

export interface TestPostgres {
  /** The folder with this server's programs: `postgres`, `psql` … */
  programs: string;
  /** Creates an empty database and returns its `postgres://` address. */
  database(): Promise<string>;
  /** Ends it at once, as a power cut would (`kill -9` of nothing less than every process of it). */
  crash(): Promise<void>;
  /** Starts it again on the same data and port. */
  start(): Promise<void>;
  /** Stops it and removes its data. */
  stop(): Promise<void>;
}

/** Whether this machine has a PostgreSQL server to start; a file without it skips by name. */
export function hasPostgres(): boolean {
  return needs('postgres', () => programsFolder() !== undefined);
}

/**
 * A real PostgreSQL of its own, on a free port of 127.0.0.1 and a folder in /tmp: started once per test file, stopped in
 * `afterAll`. It refuses to run as root, so it runs as nobody then.
 */
export async function startPostgres(): Promise<TestPostgres> {
  const programs = programsFolder();
  if (programs === undefined) throw new Error('there is no PostgreSQL on this machine: ask hasPostgres() first');
  const folder = mkdtempSync(join(tmpdir(), 'gitmend-postgres-'));
  const user = unprivileged();
  if (user !== undefined) chownSync(folder, user.uid, user.gid);
  const data = join(folder, 'data');
  const made = spawnSync(
    join(programs, 'initdb'),
    ['-D', data, '-U', 'gitmend', '-A', 'trust', '-E', 'UTF8', '--locale=C', '--no-sync', '--no-instructions'],
    { ...user, cwd: folder, encoding: 'utf8' },
  );
  if (made.status !== 0) throw new Error(`initdb: ${made.stderr}`);
  const port = await freePort();
  const address = (database: string): string => `postgres://gitmend@127.0.0.1:${port}/${database}`;

  let server: ChildProcess | undefined;
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    if (server === undefined || server.exitCode !== null || server.signalCode !== null) return;
    const ended = once(server, 'exit');
    server.kill(signal);
    await ended;
  };
  process.once('exit', () => server?.kill('SIGKILL'));
  let databases = 0;
  const postgres: TestPostgres = {
    programs,
    database: async () => {
      databases += 1;
      const name = `test_${databases}`;
      await ask(address('postgres'), `CREATE DATABASE ${name}`);
      return address(name);
    },
    // SIGQUIT is PostgreSQL's own crash: every process ends without a checkpoint, and the next start recovers.
    crash: () => end('SIGQUIT'),
    start: async () => {
      const settings = [`port=${port}`, 'listen_addresses=127.0.0.1', `unix_socket_directories=${folder}`];
      server = spawn(
        join(programs, 'postgres'),
        ['-D', data, ...settings.flatMap((setting) => ['-c', setting]), '-c', 'shared_buffers=16MB'],
        { ...user, cwd: folder, stdio: ['ignore', 'ignore', 'ignore'] },
      );
      await ready(server, address('postgres'));
    },
    stop: async () => {
      await end('SIGINT');
      rmSync(folder, { recursive: true, force: true });
    },
  };
  await postgres.start();
  return postgres;
}

/** Debian keeps the server's programs out of PATH; elsewhere they are in it, or pg_config knows. */
function programsFolder(): string | undefined {
  const debian = '/usr/lib/postgresql';
  const versions = existsSync(debian) ? readdirSync(debian).toSorted((a, b) => Number(b) - Number(a)) : [];
  const told = spawnSync('pg_config', ['--bindir'], { encoding: 'utf8' });
  const folders = [
    ...versions.map((version) => join(debian, version, 'bin')),
    ...(told.status === 0 ? [told.stdout.trim()] : []),
    ...(process.env.PATH ?? '').split(':'),
  ];
  return folders.find((folder) => existsSync(join(folder, 'initdb')) && existsSync(join(folder, 'postgres')));
}

/** nobody's ids where this process is root; else it runs as the caller. */
function unprivileged(): { uid: number; gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const id = (flag: string): number => Number(spawnSync('id', [flag, 'nobody'], { encoding: 'utf8' }).stdout);
  return { uid: id('-u'), gid: id('-g') };
}

async function ready(server: ChildProcess, address: string): Promise<void> {
  for (let tries = 0; tries < 600; tries += 1) {
    if (server.exitCode !== null) throw new Error(`postgres ended with ${server.exitCode}`);
    try {
      await ask(address, 'SELECT 1');
      return;
    } catch {
      await sleep(50);
    }
  }
  throw new Error('postgres did not accept connections within 30 seconds');
}

async function ask(address: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: address });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
