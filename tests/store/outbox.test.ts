import { expect, test } from 'vitest';
import { outboxAttempts, type Outgoing, type Store } from '../../src/store/index.ts';
import { freshStore, onBothEngines } from './engines.ts';

async function due(store: Store, kinds?: string[]): Promise<Outgoing> {
  const next = await store.outbox.takeDue(30, 'replica-a', kinds);
  if (next === undefined) throw new Error('nothing is due');
  return next;
}

const wanted = (key: string, kind = 'notify') => ({ key, kind, body: { text: key } });

onBothEngines('the outbox', (engine) => {
  test('takes a key once, and sends it when it is due', async () => {
    const { store, clock } = await freshStore(engine);
    const enqueuedAt = clock.now();
    expect(await store.outbox.enqueue({ ...wanted('a'), notBefore: enqueuedAt + 1000 })).toBe('enqueued');
    expect(await store.outbox.enqueue(wanted('a'))).toBe('known');
    expect(await store.outbox.takeDue(30, 'replica-a')).toBeUndefined();
    clock.advance(1000);
    const mine = await due(store);
    expect(mine).toMatchObject({ kind: 'notify', key: 'a', body: { text: 'a' }, attempt: 1, enqueuedAt });
    expect(await store.outbox.sent(mine)).toBe(true);
    expect(await store.outbox.enqueue(wanted('a'))).toBe('known');
    expect(await store.outbox.takeDue(30, 'replica-a')).toBeUndefined();
  });

  test('gives each worker its own kinds', async () => {
    const { store } = await freshStore(engine);
    await store.outbox.enqueue(wanted('a', 'notify'));
    await store.outbox.enqueue(wanted('a', 'forge'));
    expect(await due(store, ['forge'])).toMatchObject({ kind: 'forge' });
    expect(await store.outbox.takeDue(30, 'replica-a', ['forge', 'other'])).toBeUndefined();
    expect(await due(store, ['notify', 'forge'])).toMatchObject({ kind: 'notify' });
    expect(await store.outbox.counts()).toMatchObject({ waiting: 0, taken: 2 });
  });

  test('waits longer after every failure, at most an hour, and gives up in the end without losing it', async () => {
    const { store, clock } = await freshStore(engine);
    await store.outbox.enqueue(wanted('a'));
    const seconds = [5, 10, 20, 40, 80, 160, 320, 640, 1280, 2560, 3600];
    expect(seconds).toHaveLength(outboxAttempts - 1);
    for (const wait of seconds) {
      expect(await store.outbox.failed(await due(store), 'it answered 503')).toBe('waiting');
      clock.advance(wait * 1000 - 1);
      expect(await store.outbox.takeDue(30, 'replica-a')).toBeUndefined();
      clock.advance(1);
    }
    expect(await store.outbox.failed(await due(store), 'it answered 503')).toBe('dead');
    const [dead] = await store.outbox.dead();
    expect(dead).toMatchObject({ key: 'a', body: { text: 'a' }, why: 'it answered 503', diedAt: clock.now() });
    expect(await store.outbox.revive(dead!.seq)).toBe(true);
    expect(await store.outbox.sent(await due(store))).toBe(true);
  });

  test('keeps out of the inbox, and the inbox out of it', async () => {
    const { store } = await freshStore(engine);
    await store.outbox.enqueue(wanted('a', 'alertmanager'));
    expect(await store.inbox.take(30, 'replica-a')).toBeUndefined();
    expect(await store.inbox.counts()).toMatchObject({ waiting: 0 });
    expect(await store.inbox.revive(1)).toBe(false);
  });
});
