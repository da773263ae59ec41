import { DatabaseSync } from 'node:sqlite';
import { expect, test } from 'vitest';
import { testClock } from '../support/test-clock.ts';
import { delivery, emptyFile, opened } from './engines.ts';

test('a transaction keeps others out until it ends, and one that fails leaves nothing behind', async () => {
  const { file } = await emptyFile();
  const store = await opened({ file, clock: testClock() });
  const people = Array.from({ length: 20 }, (_, at) => ({ name: `person-${at}`, role: 'reader' as const }));
  const wrong = { name: 'wrong', role: Symbol('no value of a database') as unknown as 'reader' };
  const results = await Promise.allSettled([
    ...people.flatMap((person, at) => [store.accounts.create(person), store.inbox.accept(delivery(`${at}`))]),
    store.accounts.create(wrong),
    store.accounts.create({ name: 'last', role: 'reader' }),
  ]);
  expect(results.filter(({ status }) => status === 'rejected')).toHaveLength(1);
  expect((await store.accounts.list()).map(({ name }) => name).toSorted()).toEqual(
    [...people.map(({ name }) => name), 'last'].toSorted(),
  );
  expect(await store.inbox.counts()).toMatchObject({ waiting: 20 });
});

test('what is accepted waits for the disk, and so does what comes after a take', async () => {
  const { file } = await emptyFile();
  const asked: string[] = [];
  const original = Object.getOwnPropertyDescriptor(DatabaseSync.prototype, 'exec')!;
  DatabaseSync.prototype.exec = function (this: DatabaseSync, sql: string) {
    asked.push(sql);
    (original.value as (this: DatabaseSync, sql: string) => void).call(this, sql);
  };
  try {
    const store = await opened({ file, clock: testClock() });
    expect(asked.join()).toContain('synchronous = FULL');
    asked.length = 0;
    await store.inbox.accept(delivery('a'));
    expect(asked).toEqual([]);
    await store.inbox.take(60, 'test');
    expect(asked).toEqual(['PRAGMA synchronous = NORMAL', 'PRAGMA synchronous = FULL']);
  } finally {
    Object.defineProperty(DatabaseSync.prototype, 'exec', original);
  }
});

test('two stores of one process on one file wait in one line: neither keeps the other’s transaction from ending', async () => {
  const { file } = await emptyFile();
  const clock = testClock();
  // Each brings the tables to its version in a transaction, and the second one begins within that of the first.
  const [one, other] = await Promise.all([opened({ file, clock }), opened({ file, clock })]);
  const people = ['ann', 'bob', 'cid'];
  await Promise.all([
    ...people.map(async (name) => one.accounts.create({ name, role: 'reader' })),
    ...['a', 'b', 'c'].flatMap((id) => [other.inbox.accept(delivery(id)), other.check()]),
  ]);
  expect((await other.accounts.list()).map(({ name }) => name)).toEqual(people);
  expect(await one.inbox.counts()).toMatchObject({ waiting: 3 });
  await other.close();
  await one.accounts.create({ name: 'dan', role: 'reader' });
  expect(await one.accounts.list()).toHaveLength(4);
});
