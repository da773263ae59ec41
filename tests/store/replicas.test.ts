import { expect, test } from 'vitest';
import type { Store } from '../../src/store/index.ts';
import { testClock } from '../support/test-clock.ts';
import { delivery, onBothEngines, onPostgres, opened } from './engines.ts';
import { inProcess } from './processes.ts';
import { runIn, storeOfVersion1 } from './version-1.ts';

/** Takes and finishes until nothing waits; every third fails at its first attempt. */
async function drain(store: Store, holder: string, processed: string[]): Promise<void> {
  for (let mine = await store.inbox.take(60, holder); mine !== undefined; mine = await store.inbox.take(60, holder)) {
    if (mine.attempt === 1 && Number(mine.id) % 3 === 0) {
      expect(await store.inbox.failed(mine, 'not yet', mine.receivedAt)).toBe('waiting');
    } else {
      processed.push(mine.id);
      expect(await store.inbox.done(mine)).toBe(true);
    }
  }
}

onPostgres('two replicas on one database', (engine) => {
  test('process every delivery once and lose none, while others are accepted twice', async () => {
    const where = { ...(await engine.empty()), clock: testClock() };
    const [first, second] = [await opened(where), await opened(where)];
    const ids = Array.from({ length: 200 }, (_, at) => `${at}`);
    const accept = (store: Store) => Promise.all(ids.map((id) => store.inbox.accept(delivery(id))));
    const answers = (await Promise.all([accept(first), accept(second)])).flat();
    expect(answers.filter((answer) => answer === 'accepted')).toHaveLength(ids.length);

    const processed: string[] = [];
    const replicas = [first, second, first, second].map((store, at) => drain(store, `replica-${at}`, processed));
    await Promise.all(replicas);
    // A taker that found nothing may have left before another one put something back.
    await drain(first, 'replica-last', processed);
    expect(processed.toSorted()).toEqual(ids.toSorted());
    expect(await second.inbox.counts()).toEqual({ waiting: 0, taken: 0, done: ids.length, dead: 0 });
  });

  test('a session of one is a session of the other', async () => {
    const where = { ...(await engine.empty()), clock: testClock() };
    const [first, second] = [await opened(where), await opened(where)];
    await first.accounts.create({ name: 'maintainer', role: 'approver' });
    const session = await first.sessions.create('maintainer', 60);
    expect(await second.sessions.verify(session)).toMatchObject({ name: 'maintainer' });
    await second.sessions.revoke(session);
    expect(await first.sessions.verify(session)).toBeUndefined();
  });

  test('a cursor is swapped by one of them', async () => {
    const where = { ...(await engine.empty()), clock: testClock() };
    const replicas = [await opened(where), await opened(where)];
    const won = await Promise.all(replicas.map(({ cursors }, at) => cursors.swap('turn', undefined, `${at}`)));
    expect(won.filter((one) => one)).toHaveLength(1);
    expect(await replicas[0]?.cursors.get('turn')).toBe(String(won.indexOf(true)));
  });

  test('an older store is upgraded once, though they open it at once', async () => {
    const { where, clock } = await storeOfVersion1(engine);
    const replicas = await Promise.all([1, 2, 3].map(() => opened({ ...where, clock })));
    for (const { inbox } of replicas) expect(await inbox.open()).toMatchObject({ waiting: 1, taken: 1, dead: 2 });
    expect(await runIn(where, 'SELECT version FROM store_version')).toEqual([{ version: 4 }]);
  });
});

onBothEngines('processes that start at once', (engine) => {
  test('create the tables once', async () => {
    const where = await engine.empty();
    const told = await Promise.all(Array.from({ length: 4 }, () => inProcess(where, 'open')));
    expect(told).toEqual(Array.from({ length: 4 }, () => ['opened']));
  });
});
