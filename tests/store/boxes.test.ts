import { expect, test } from 'vitest';
import type { Store } from '../../src/store/index.ts';
import { delivery, freshStore, onBothEngines } from './engines.ts';

/** Everything that may be taken now fails until it is dead; the times are those of the clock. */
async function kill(store: Store, now: number, why = 'INTERNAL: no'): Promise<void> {
  for (let one = await store.inbox.take(60, 'test'); one !== undefined; one = await store.inbox.take(60, 'test'))
    await store.inbox.failed(one, why, now);
}

onBothEngines('the boxes', (engine) => {
  test('show the dead with the latest first, however old they are, and no more than were asked for', async () => {
    const { store, clock } = await freshStore(engine);
    await store.inbox.accept(delivery('older', clock.now() - 2_000));
    await store.inbox.accept(delivery('younger', clock.now() - 1_000));
    const older = (await store.inbox.take(600, 'test'))!;
    await kill(store, clock.now());
    clock.advance(1_000);
    await store.inbox.failed(older, 'INTERNAL: no', clock.now());
    await kill(store, clock.now());
    expect((await store.inbox.dead()).map(({ id }) => id)).toEqual(['older', 'younger']);
    expect((await store.inbox.dead(1)).map(({ id }) => id)).toEqual(['older']);
  });

  test('say of the dead why, in two thousand letters at most', async () => {
    const { store, clock } = await freshStore(engine);
    await store.inbox.accept(delivery('a', clock.now()));
    await kill(store, clock.now(), 'x'.repeat(2_001));
    expect((await store.inbox.dead())[0]?.why).toBe('x'.repeat(2_000));
  });

  test('keep to themselves what is revived and what is released', async () => {
    const { store, clock } = await freshStore(engine);
    await store.inbox.accept(delivery('dead', clock.now()));
    await kill(store, clock.now());
    const [dead] = await store.inbox.dead();
    expect(await store.outbox.revive(dead!.seq)).toBe(false);
    await store.inbox.accept(delivery('taken', clock.now()));
    await store.outbox.enqueue({ key: 'taken', kind: 'notify', body: {} });
    await store.inbox.take(60, 'killed');
    await store.outbox.takeDue(60, 'killed');
    expect(await store.outbox.release('killed')).toBe(1);
    expect(await store.inbox.holders()).toEqual(['killed']);
    expect(await store.inbox.counts()).toMatchObject({ taken: 1, waiting: 0, dead: 1 });
  });

  test('let an id that waits once more wait behind what came before it', async () => {
    const { store, clock } = await freshStore(engine);
    const again = (id: string) => store.inbox.accept({ ...delivery(id, clock.now()), again: true });
    await again('a');
    await store.inbox.done((await store.inbox.take(60, 'test'))!);
    clock.advance(1_000);
    await again('b');
    clock.advance(1_000);
    await again('a');
    expect((await store.inbox.take(60, 'test'))?.id).toBe('b');
    expect((await store.inbox.take(60, 'test'))?.id).toBe('a');
  });
});
