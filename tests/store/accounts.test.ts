import { expect, test } from 'vitest';
import { testClock } from '../support/test-clock.ts';
import { freshStore, onBothEngines, opened } from './engines.ts';

const maintainer = { name: 'maintainer', role: 'approver' as const };

onBothEngines('the people of the page', (engine) => {
  test('a token opens its account and no other; a wrong, empty or endless one opens none', async () => {
    const { store } = await freshStore(engine);
    const tokens = [
      await store.accounts.create(maintainer),
      await store.accounts.create({ name: 'guest', role: 'reader' }),
    ];
    expect(new Set(tokens).size).toBe(2);
    expect(tokens[0]).toMatch(/^[\w-]{43}$/);
    expect(await store.accounts.verify(tokens[0]!)).toEqual(maintainer);
    expect(await store.accounts.verify(tokens[1]!)).toEqual({ name: 'guest', role: 'reader' });
    for (const wrong of ['', ' ', 'x', `${tokens[0]!} `, tokens[0]!.slice(1), tokens[0]!.repeat(1000), '\0', '%']) {
      expect(await store.accounts.verify(wrong)).toBeUndefined();
    }
    expect(await store.accounts.list()).toEqual([{ name: 'guest', role: 'reader' }, maintainer]);
  });

  test('a new token of the same name ends the old one and its sessions, and nobody else’s', async () => {
    const { store } = await freshStore(engine);
    const old = await store.accounts.create(maintainer);
    const session = await store.sessions.create('maintainer', 3600);
    await store.accounts.create({ name: 'guest', role: 'reader' });
    const another = await store.sessions.create('guest', 3600);
    const token = await store.accounts.create({ name: 'maintainer', role: 'reader' });
    expect(await store.sessions.verify(another)).toMatchObject({ name: 'guest' });
    expect(await store.accounts.verify(old)).toBeUndefined();
    expect(await store.sessions.verify(session)).toBeUndefined();
    expect(await store.accounts.verify(token)).toEqual({ name: 'maintainer', role: 'reader' });
  });

  test('the first person is made once, however many replicas start at once', async () => {
    const where = { ...(await engine.empty()), clock: testClock() };
    const stores = [await opened(where), await opened(where)];
    const tokens = await Promise.all(stores.map(({ accounts }) => accounts.createFirst(maintainer)));
    const [token = '', ...more] = tokens.filter((one) => one !== undefined);
    expect(more).toEqual([]);
    expect(await stores[0]?.accounts.verify(token)).toEqual(maintainer);
    expect(await stores[1]?.accounts.createFirst({ name: 'guest', role: 'approver' })).toBeUndefined();
    expect(await stores[1]?.accounts.list()).toEqual([maintainer]);
  });

  test('a session lasts as long as it was made for, and carries the role of its account', async () => {
    const { store, clock } = await freshStore(engine);
    await store.accounts.create(maintainer);
    const session = await store.sessions.create('maintainer', 3600);
    clock.advance(3_599_999);
    expect(await store.sessions.verify(session)).toEqual(maintainer);
    clock.advance(1);
    expect(await store.sessions.verify(session)).toBeUndefined();
    expect(await store.sweep()).toBe(1);
    expect(await store.sessions.revoke(session)).toBe(false);
  });

  test('a revoked session, and every session of a revoked account, is no longer one', async () => {
    const { store } = await freshStore(engine);
    const token = await store.accounts.create(maintainer);
    const [first, second] = [
      await store.sessions.create('maintainer', 60),
      await store.sessions.create('maintainer', 60),
    ];
    expect(await store.sessions.revoke(first)).toBe(true);
    expect(await store.sessions.verify(first)).toBeUndefined();
    expect(await store.sessions.verify(second)).toEqual(maintainer);
    expect(await store.accounts.revoke('maintainer')).toBe(true);
    expect(await store.accounts.revoke('maintainer')).toBe(false);
    expect(await store.sessions.verify(second)).toBeUndefined();
    expect(await store.accounts.verify(token)).toBeUndefined();
    for (const wrong of ['', 'x', second.repeat(100)]) expect(await store.sessions.verify(wrong)).toBeUndefined();
  });

  test('there is no session of nobody', async () => {
    const { store } = await freshStore(engine);
    await expect(store.sessions.create('nobody', 60)).rejects.toMatchObject({ code: 'STORE_FAILED' });
  });

  test('a cursor keeps its last value', async () => {
    const { store } = await freshStore(engine);
    expect(await store.cursors.get('forge/since')).toBeUndefined();
    await store.cursors.set('forge/since', '2026-11-20T03:34:00Z');
    await store.cursors.set('forge/since', '2026-11-20T03:35:00Z');
    await store.cursors.set('forge/etag', '');
    expect(await store.cursors.get('forge/since')).toBe('2026-11-20T03:35:00Z');
    expect(await store.cursors.get('forge/etag')).toBe('');
  });
});
