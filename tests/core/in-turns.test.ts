import { describe, expect, it } from 'vitest';
import { inTurns } from '../../src/core/in-turns.ts';

describe('work on many items, a few at a time', () => {
  it('gives the results in the order of the items, whichever ends first, and never begins more than it may', async () => {
    let [running, most] = [0, 0];
    const gates = [0, 1, 2, 3].map(() => Promise.withResolvers<undefined>());
    const all = inTurns([0, 1, 2, 3], 2, async (item) => {
      running += 1;
      most = Math.max(most, running);
      await gates[item]?.promise;
      running -= 1;
      return item * 10;
    });
    for (const at of [1, 0, 3, 2]) gates[at]?.resolve(undefined);
    expect(await all).toEqual([0, 10, 20, 30]);
    expect(most).toBe(2);
  });

  it('begins nothing after a failure, and throws it once what had begun has ended', async () => {
    const begun: number[] = [];
    const slow = Promise.withResolvers<undefined>();
    let ended = false;
    const all = inTurns([0, 1, 2], 2, async (item) => {
      begun.push(item);
      if (item === 0) throw new Error('the first one');
      await slow.promise;
      ended = true;
    });
    slow.resolve(undefined);
    await expect(all).rejects.toThrow('the first one');
    expect({ begun, ended }).toEqual({ begun: [0, 1], ended: true });
  });

  it('of nothing is nothing', async () => {
    expect(await inTurns([], 4, async () => Promise.resolve(1))).toEqual([]);
  });
});
