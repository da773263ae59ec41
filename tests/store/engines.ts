import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, onTestFinished } from 'vitest';
import { openStore, type Store, type StoreOptions } from '../../src/store/index.ts';
import { hasPostgres, startPostgres, type TestPostgres } from '../support/postgres.ts';
import { testClock, type TestClock } from '../support/test-clock.ts';

/** One engine under test. */
export interface Engine {
  /** Where an empty store is: another one with each call. */
  empty: () => Promise<Pick<StoreOptions, 'url' | 'file'>>;
  /** The server, where there is one. */
  server: () => TestPostgres;
}

/** The same suite on SQLite and on a real PostgreSQL: skipped by name where the machine has none. */
export function onBothEngines(title: string, suite: (engine: Engine) => void): void {
  describe(`${title}, on SQLite`, () => {
    suite({ empty: emptyFile, server: noServer });
  });
  onPostgres(title, suite);
}

export function onPostgres(title: string, suite: (engine: Engine) => void): void {
  describe.skipIf(!hasPostgres())(`${title}, on PostgreSQL`, () => {
    let server: TestPostgres | undefined;
    beforeAll(async () => {
      server = await startPostgres();
    });
    afterAll(() => server?.stop());
    const running = (): TestPostgres => server ?? noServer();
    suite({ empty: async () => ({ url: await running().database(), file: '/nowhere' }), server: running });
  });
}

/** A store of its own for this test, and the clock that it goes by. */
export async function freshStore(engine: Engine): Promise<{ store: Store; clock: TestClock }> {
  const clock = testClock();
  return { store: await opened({ ...(await engine.empty()), clock }), clock };
}

/** Closed at the end of the test. */
export async function opened(options: StoreOptions): Promise<Store> {
  const store = await openStore(options);
  onTestFinished(() => store.close());
  return store;
}

export async function emptyFile(): Promise<{ file: string }> {
  const folder = mkdtempSync(join(tmpdir(), 'gitmend-store-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return { file: join(folder, 'state', 'gitmend.sqlite') };
}

function noServer(): TestPostgres {
  throw new Error('this engine has no server');
}

/** A delivery with everything about it named. */
export function delivery(id: string, receivedAt = testClock().now()) {
  return { door: 'alertmanager', id, payload: { alert: id }, receivedAt };
}
