import { expect, test } from 'vitest';
import { openStore } from '../../src/store/index.ts';
import { delivery, onBothEngines, opened } from './engines.ts';
import { runIn, storeOfVersion1 } from './version-1.ts';

onBothEngines('a store of version 1', (engine) => {
  test('keeps everything in its state, and its counts are right', async () => {
    const { where, clock } = await storeOfVersion1(engine);
    const { inbox, outbox, accounts, sessions, cursors } = await opened({ ...where, clock });
    const oldest = clock.now() - 90_000;
    expect(await inbox.counts()).toEqual({ waiting: 1, taken: 1, done: 1, dead: 2, oldest });
    expect(await inbox.open()).toEqual({ waiting: 1, taken: 1, dead: 2, oldest });
    expect((await inbox.dead()).map(({ id, why, payload }) => [id, why, payload])).toEqual([
      ['dead later', 'INTERNAL: another', { of: 'dead later' }],
      ['dead', 'INTERNAL: a bug', { of: 'dead' }],
    ]);
    expect(await inbox.holders()).toEqual(['gone:1']);
    expect(await outbox.counts()).toMatchObject({ waiting: 1, taken: 0, done: 0, dead: 1 });
    expect(await outbox.dead()).toMatchObject([{ key: 'dead', why: 'it answered 503' }]);
    expect(await accounts.list()).toEqual([{ name: 'maintainer', role: 'approver' }]);
    expect(await sessions.verify('of a name')).toMatchObject({ name: 'maintainer' });
    expect(await cursors.get('forge/since')).toBe('2026-11-20T03:34:00Z');
  });

  test('goes on where it was: what waits is taken, what was done is known, what is dead is revived', async () => {
    const { where, clock } = await storeOfVersion1(engine);
    const { inbox, outbox } = await opened({ ...where, clock });
    expect(await inbox.take(60, 'test')).toMatchObject({ id: 'waits', take: 3, attempt: 3, payload: { of: 'waits' } });
    expect(await inbox.take(60, 'test')).toBeUndefined();
    expect(await inbox.accept(delivery('done'))).toBe('known');
    const [dead] = await inbox.dead();
    expect(await inbox.revive(dead!.seq)).toBe(true);
    expect(await inbox.take(60, 'test')).toMatchObject({ id: 'dead later', take: 10, attempt: 1 });
    expect(await outbox.takeDue(30, 'test')).toMatchObject({ key: 'waits', body: { of: 'waits' } });
    // New numbers come after the old ones.
    expect(await inbox.accept(delivery('new', clock.now()))).toBe('accepted');
    expect((await inbox.take(60, 'test'))!.seq).toBeGreaterThan(7);
  });

  test('is upgraded once, and is one of this version from then on', async () => {
    const { where, clock } = await storeOfVersion1(engine);
    await opened({ ...where, clock });
    expect(await runIn(where, 'SELECT version FROM store_version')).toEqual([{ version: 4 }]);
    const again = await opened({ ...where, clock });
    expect(await again.inbox.counts()).toMatchObject({ waiting: 1, taken: 1, done: 1, dead: 2 });
    // Were the index not there, this would throw.
    await runIn(where, 'DROP INDEX work_dead');
  });

  test('of the next version is refused and left as it is', async () => {
    const { where, clock } = await storeOfVersion1(engine);
    await runIn(where, 'UPDATE store_version SET version = 5');
    await expect(openStore({ ...where, clock })).rejects.toMatchObject({
      code: 'STORE_NEWER',
      message: 'the store is at version 5; this gitmend knows versions up to 4',
    });
    expect(await runIn(where, 'SELECT version FROM store_version')).toEqual([{ version: 5 }]);
    // Were it there already, this would throw.
    await runIn(where, 'CREATE INDEX work_dead ON work (box)');
  });
});
