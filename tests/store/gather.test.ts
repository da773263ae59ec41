import { expect, test } from 'vitest';
import { gather } from '../../src/store/gather.ts';

test('what arrives at the same moment is done together, in order, and each gets its own answer', async () => {
  const batches: number[][] = [];
  const double = gather(async (items: number[]) => {
    batches.push(items);
    return items.map((item) => item * 2);
  }, 3);
  expect(await Promise.all([1, 2, 3, 4].map(double))).toEqual([2, 4, 6, 8]);
  expect(await double(5)).toBe(10);
  expect(batches).toEqual([[1, 2, 3], [4], [5]]);
});

test('what arrives while a batch is under way goes with the next', async () => {
  const batches: number[][] = [];
  const gates: (() => void)[] = [];
  const slow = gather(async (items: number[]) => {
    batches.push(items);
    await new Promise<void>((resolve) => gates.push(resolve));
    return items;
  }, 10);
  const first = slow(1);
  await expect.poll(() => gates.length).toBe(1);
  const others = [slow(2), slow(3)];
  gates[0]?.();
  await first;
  await expect.poll(() => gates.length).toBe(2);
  gates[1]?.();
  expect(await Promise.all(others)).toEqual([2, 3]);
  expect(batches).toEqual([[1], [2, 3]]);
});

test('a batch that fails fails for each of it, and not for the next', async () => {
  const fragile = gather(async (items: number[]) => {
    if (items.includes(2)) throw new Error('the disk is full');
    return items;
  }, 2);
  const results = await Promise.allSettled([1, 2, 3].map(fragile));
  expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'fulfilled']);
});
