import { describe, expect, it } from 'vitest';
import { together } from '../../src/core/together.ts';

describe('several things at once', () => {
  it('gives every result in order, of what is no promise too', async () => {
    expect(await together(Promise.resolve(1), 'two', Promise.resolve([3]))).toEqual([1, 'two', [3]]);
  });

  it('fails with the first failure, and only when the others have ended', async () => {
    const ended: string[] = [];
    const slow = Promise.withResolvers<undefined>();
    const other = slow.promise.then(() => ended.push('other'));
    const both = together(Promise.reject(new Error('first')), other, Promise.reject(new Error('second')));
    const told = both.catch((error: unknown) => ended.push(String(error)));
    await Promise.resolve();
    slow.resolve(undefined);
    await told;
    expect(ended).toEqual(['other', 'Error: first']);
  });
});
