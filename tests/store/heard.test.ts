import { expect, test } from 'vitest';
import { testClock } from '../support/test-clock.ts';
import { freshStore, onBothEngines, onPostgres, opened } from './engines.ts';
import { runIn } from './version-1.ts';

const event = { door: 'github', id: '72d3162e-cc78-11e3-81ab-4c9367dc0958', proof: 'ab'.repeat(32) };
const day = 86_400_000;

async function amountIn(where: Parameters<typeof runIn>[0]): Promise<number> {
  const [row] = (await runIn(where, 'SELECT count(*) AS amount FROM heard')) as { amount: number | string }[];
  return Number(row?.amount);
}

onBothEngines('what a forge said', (engine) => {
  test('is known from the second time on, by door, number and proof together', async () => {
    const { heard } = (await freshStore(engine)).store;
    expect([await heard.take(event), await heard.take(event)]).toEqual(['new', 'known']);
    expect(await heard.take({ ...event, door: 'gitea' })).toBe('new');
    expect(await heard.take({ ...event, id: 'another' })).toBe('new');
    expect(await heard.take({ ...event, proof: 'cd'.repeat(32) })).toBe('new');
  });

  test('is new to one of many that take it at once', async () => {
    const { heard } = (await freshStore(engine)).store;
    const told = await Promise.all(Array.from({ length: 8 }, () => heard.take(event)));
    expect(told.filter((one) => one === 'new')).toHaveLength(1);
  });

  test('is forgotten by the sweep after three days, and not before', async () => {
    const { store, clock } = await freshStore(engine);
    await store.heard.take(event);
    clock.advance(3 * day - 1);
    expect([await store.sweep(), await store.heard.take(event)]).toEqual([0, 'known']);
    clock.advance(1);
    expect([await store.sweep(), await store.heard.take(event)]).toEqual([1, 'new']);
  });

  test('is kept by a digest alone, at most 20,000 of them, the latest', async () => {
    const where = await engine.empty();
    const clock = testClock();
    const { heard } = await opened({ ...where, clock });
    await heard.take(event);
    const rows = (await runIn(where, 'SELECT key, at FROM heard')) as { key: string }[];
    expect(rows.map(({ key }) => key)).toEqual([expect.stringMatching(/^[0-9a-f]{64}$/)]);
    const older = Array.from({ length: 20_010 }, (_, at) => `('old-${at}', ${clock.now() - 1 - at})`);
    await runIn(where, `INSERT INTO heard VALUES ${older.join(',')}`);
    expect(await heard.forget()).toBe(11);
    expect(await amountIn(where)).toBe(20_000);
    expect(await heard.take(event)).toBe('known');
    expect(await heard.forget()).toBe(0);
  });

  test('does not grow without end between two sweeps', async () => {
    const where = await engine.empty();
    const clock = testClock();
    const { heard } = await opened({ ...where, clock });
    const before = Array.from({ length: 20_500 }, (_, at) => `('old-${at}', ${clock.now() - 1 - at})`);
    await runIn(where, `INSERT INTO heard VALUES ${before.join(',')}`);
    for (let at = 0; at < 1000; at += 1) await heard.take({ ...event, id: `${at}` });
    expect(await amountIn(where)).toBe(20_000);
  });
});

onPostgres('two replicas that hear the same event', (engine) => {
  test('take it once', async () => {
    const where = { ...(await engine.empty()), clock: testClock() };
    const replicas = [await opened(where), await opened(where)];
    const told = await Promise.all([...replicas, ...replicas].map(({ heard }) => heard.take(event)));
    expect(told.toSorted()).toEqual(['known', 'known', 'known', 'new']);
  });
});
