import { expect, test } from 'vitest';
import { oneAtATime } from '../../../src/forges/http/one-at-a-time.ts';

test('work of one key runs in the order in which it was asked for, also after a failure', async () => {
  const exclusively = oneAtATime();
  const said: string[] = [];
  const work =
    (name: string, fails = false) =>
    async () => {
      said.push(`${name} begins`);
      await Promise.resolve();
      said.push(`${name} ends`);
      if (fails) throw new Error(name);
      return name;
    };
  const results = await Promise.allSettled([
    exclusively('a', work('one')),
    exclusively('a', work('two', true)),
    exclusively('a', work('three')),
  ]);
  expect(said).toEqual(['one', 'two', 'three'].flatMap((name) => [`${name} begins`, `${name} ends`]));
  expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
});

test('other keys do not wait', async () => {
  const exclusively = oneAtATime();
  let open = (): void => undefined;
  const held = exclusively('a', () => new Promise<void>((resolve) => (open = resolve)));
  expect(await exclusively('b', async () => 'b')).toBe('b');
  open();
  await held;
});
