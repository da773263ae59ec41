import { expect, test } from 'vitest';
import type { Store } from '../../src/store/index.ts';
import { delivery, emptyFile, freshStore, onBothEngines, opened } from './engines.ts';
import { testClock, type TestClock } from '../support/test-clock.ts';

/** That many were done more than seven days ago. */
async function longDone({ store, clock }: { store: Store; clock: TestClock }, deliveries: number): Promise<void> {
  await Promise.all(Array.from({ length: deliveries }, (_, at) => store.inbox.accept(delivery(`old-${at}`))));
  const all = await store.inbox.takeTogether(60, 'test', deliveries);
  expect(await store.inbox.allDone(all)).toBe(deliveries);
  clock.advance(7 * 86_400_000 + 1);
}

onBothEngines('the sweep', (engine) => {
  test('goes on after its first thousand until nothing old is left, and leaves what is not', async () => {
    const fresh = await freshStore(engine);
    const { store, clock } = fresh;
    await longDone(fresh, 2001);
    await store.inbox.accept(delivery('young', clock.now()));
    expect(await store.inbox.allDone(await store.inbox.takeTogether(60, 'test', 1))).toBe(1);
    expect(await store.sweep()).toBe(2001);
    expect(await store.sweep()).toBe(0);
    expect(await store.inbox.counts()).toMatchObject({ done: 1 });
  });
});

test('the sweep of a file hears others between two portions of a thousand', async () => {
  const clock = testClock();
  const store = await opened({ ...(await emptyFile()), clock });
  await longDone({ store, clock }, 1001);
  const sweeping = store.sweep();
  expect(await store.inbox.counts()).toMatchObject({ done: 1 });
  expect(await sweeping).toBe(1001);
});
