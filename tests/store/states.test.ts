import { expect, test } from 'vitest';
import { keptVersions, type NewStateVersion } from '../../src/store/index.ts';
import { freshStore, onBothEngines, opened } from './engines.ts';
import { testClock } from '../support/test-clock.ts';

const version = (serial: number, body: string | undefined = `sealed ${serial}`): NewStateVersion => ({
  ...{ serial, lineage: 'one', size: 10, who: 'alice@desk', key: 'ab12cd34', body },
});

onBothEngines('states of Terraform', (engine) => {
  test('are kept by stack with the newest first, and only the last fifty', async () => {
    const { store, clock } = await freshStore(engine);
    for (let serial = 1; serial <= keptVersions + 3; serial += 1) {
      await store.states.inTurn('guests', (state) => state.add(version(serial)));
      clock.advance(1000);
    }
    await store.states.inTurn('others', (state) => state.add(version(1)));
    const { versions } = await store.states.list();
    const guests = versions.filter(({ stack }) => stack === 'guests');
    expect(guests.map(({ serial }) => serial)).toEqual(Array.from({ length: keptVersions }, (_, at) => 53 - at));
    expect(guests[0]).toEqual({
      ...{ stack: 'guests', serial: 53, lineage: 'one', size: 10, who: 'alice@desk', key: 'ab12cd34' },
      ...{ deleted: false, at: Date.parse('2026-11-20T03:34:52Z') },
    });
    expect(versions.filter(({ stack }) => stack === 'others')).toHaveLength(1);
    expect(await store.states.version('guests', 40)).toMatchObject({ body: 'sealed 40' });
    expect(await store.states.version('guests', 3)).toBeUndefined();
  });

  test('of one serial the newest that holds something is found', async () => {
    const { states } = (await freshStore(engine)).store;
    for (const body of ['first', 'second', undefined])
      await states.inTurn('guests', (state) => state.add({ ...version(4), body }));
    expect(await states.version('guests', 4)).toMatchObject({ body: 'second', deleted: false });
    expect(await states.newest('guests')).toMatchObject({ deleted: true, body: undefined });
  });

  test('are changed one after the other for each stack, whoever asks', async () => {
    const where = { ...(await engine.empty()), clock: testClock() };
    const one = await opened(where);
    // A second connection to one file waits with its whole process, so that the first could not go on.
    const stores = [one, where.url === undefined ? one : await opened(where)];
    const next = (at: number) =>
      (stores[at % 2] ?? one).states.inTurn('guests', async (state) => {
        const serial = ((await state.newest())?.serial ?? 0) + 1;
        await state.add(version(serial));
      });
    await Promise.all(Array.from({ length: 12 }, (_, at) => next(at)));
    expect((await one.states.list()).versions.map(({ serial }) => serial)).toEqual(
      Array.from({ length: 12 }, (_, at) => 12 - at),
    );
  });

  test('of a turn that throws nothing is kept', async () => {
    const { states } = (await freshStore(engine)).store;
    const turn = states.inTurn('guests', async (state) => {
      await state.add(version(1));
      await state.setLock({ id: 'a', role: 'write', info: '{}' });
      throw new Error('killed');
    });
    await expect(turn).rejects.toThrow('killed');
    expect(await states.list()).toEqual({ versions: [], locks: [] });
  });

  test('and their locks are there after the store was closed and opened again', async () => {
    const where = { ...(await engine.empty()), clock: testClock() };
    const before = await opened(where);
    await before.states.inTurn('guests', async (state) => {
      await state.add(version(1));
      await state.setLock({ id: 'a', role: 'read', info: '{"ID":"a"}' });
    });
    const { states } = await opened(where);
    const lock = { stack: 'guests', id: 'a', role: 'read', info: '{"ID":"a"}', at: where.clock.now() };
    expect(await states.lock('guests')).toEqual(lock);
    expect(await states.list()).toMatchObject({ versions: [{ serial: 1 }], locks: [lock] });
    await states.inTurn('guests', (state) => state.unlock());
    expect(await states.lock('guests')).toBeUndefined();
  });
});
