import { describe, expect, it } from 'vitest';
import { startLoop } from '../../src/serve/loop.ts';

describe('a loop', () => {
  it('begins at once and again when it is poked, however long its pause is', async () => {
    const passes = counter();
    const loop = startLoop(
      async () => {
        passes.up();
        return 1_000_000;
      },
      () => 0,
    );
    await passes.reach(1);
    loop.poke();
    await passes.reach(2);
    await loop.stop();
    expect(passes.count()).toBe(2);
  });

  it('does it once more when it is poked while it is at it', async () => {
    const passes = counter();
    const gate = Promise.withResolvers<undefined>();
    const loop = startLoop(
      async () => {
        passes.up();
        if (passes.count() === 1) await gate.promise;
        return 1_000_000;
      },
      () => 0,
    );
    await passes.reach(1);
    loop.poke();
    gate.resolve(undefined);
    await passes.reach(2);
    await loop.stop();
  });

  it('lets the pass that is under way end before it is stopped', async () => {
    const gate = Promise.withResolvers<undefined>();
    let ended = false;
    const loop = startLoop(
      async () => {
        await gate.promise;
        ended = true;
        return 0;
      },
      () => 0,
    );
    const stopped = loop.stop();
    expect(ended).toBe(false);
    gate.resolve(undefined);
    await stopped;
    expect(ended).toBe(true);
  });

  it('goes on after a pass that threw', async () => {
    const passes = counter();
    const seen: unknown[] = [];
    const loop = startLoop(
      async () => {
        passes.up();
        if (passes.count() === 1) throw new Error('boom');
        return 1_000_000;
      },
      (error) => {
        seen.push((error as Error).message);
        return 0;
      },
    );
    await passes.reach(2);
    await loop.stop();
    expect(seen).toEqual(['boom']);
  });
});

function counter() {
  let count = 0;
  let waiting: { wanted: number; resolve: () => void }[] = [];
  return {
    count: () => count,
    up: () => {
      count += 1;
      for (const { wanted, resolve } of waiting) if (count >= wanted) resolve();
      waiting = waiting.filter(({ wanted }) => count < wanted);
    },
    reach: (wanted: number) =>
      count >= wanted ? Promise.resolve() : new Promise<void>((resolve) => waiting.push({ wanted, resolve })),
  };
}
