import { expect, test } from 'vitest';
import { freshStore, onBothEngines } from './engines.ts';

onBothEngines('a cursor', (engine) => {
  test('that is swapped changes only where it still is what it was', async () => {
    const { store } = await freshStore(engine);
    const { cursors } = store;
    expect(await cursors.swap('turn', 'one', 'two')).toBe(false);
    expect(await cursors.get('turn')).toBeUndefined();
    expect(await cursors.swap('turn', undefined, 'one')).toBe(true);
    expect(await cursors.swap('turn', undefined, 'another')).toBe(false);
    expect(await cursors.swap('turn', 'something else', 'another')).toBe(false);
    expect(await cursors.get('turn')).toBe('one');
    expect(await cursors.swap('turn', 'one', 'two')).toBe(true);
    expect(await cursors.get('turn')).toBe('two');
  });

  test('is nobody else’s', async () => {
    const { store } = await freshStore(engine);
    const { cursors } = store;
    for (const name of ['here', 'there']) await cursors.set(name, 'same');
    expect(await cursors.swap('here', 'same', 'moved')).toBe(true);
    expect([await cursors.get('here'), await cursors.get('there')]).toEqual(['moved', 'same']);
  });

  test('is swapped by one of many that try at once', async () => {
    const { store } = await freshStore(engine);
    const all = async (from: string | undefined) => {
      const tries = Array.from({ length: 8 }, (_, at) => store.cursors.swap('turn', from, `${from ?? 'first'}-${at}`));
      return (await Promise.all(tries)).filter((won) => won);
    };
    expect(await all(undefined)).toEqual([true]);
    expect(await all(await store.cursors.get('turn'))).toEqual([true]);
  });
});
