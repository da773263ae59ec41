import { describe, expect, it } from 'vitest';
import { readiness } from '../../src/serve/readiness.ts';
import { testClock } from '../support/test-clock.ts';

/** A store that is there, and a forge that answers as it is told to. */
function standing(forge: () => Promise<unknown> = async () => undefined) {
  const clock = testClock();
  const sleeping: { milliseconds: number; wake: () => void }[] = [];
  const asked = { store: 0, forge: 0 };
  const sleep = (milliseconds: number) =>
    new Promise<void>((resolve) => sleeping.push({ milliseconds, wake: () => resolve() }));
  const parts = {
    store: async () => void (asked.store += 1),
    forge: () => {
      asked.forge += 1;
      return forge();
    },
  };
  const ready = readiness(parts, { now: () => clock.now(), sleep });
  return { clock, sleeping, asked, ready };
}

const away = () => Promise.reject(new Error('the forge is being restarted'));
const well = { store: 'ok', forge: 'ok' };

describe('whether gitmend is ready', () => {
  it('is asked of the store and the forge at once, and of neither again for three seconds', async () => {
    const { clock, asked, ready } = standing();
    expect(await ready()).toEqual(well);
    clock.advance(2_999);
    expect(await ready()).toEqual(well);
    expect(asked).toEqual({ store: 1, forge: 1 });
    clock.advance(1);
    await ready();
    expect(asked).toEqual({ store: 2, forge: 2 });
  });

  it('is asked again after a second where it was not', async () => {
    const { clock, asked, ready } = standing(away);
    expect(await ready()).toEqual({ store: 'ok', forge: 'the forge is being restarted' });
    clock.advance(999);
    await ready();
    expect(asked.forge).toBe(1);
    clock.advance(1);
    await ready();
    expect(asked.forge).toBe(2);
  });

  it('is found out once for everybody who asks meanwhile, and is new from when it was found out', async () => {
    const gate = Promise.withResolvers<undefined>();
    const { clock, asked, ready } = standing(() => gate.promise);
    const answers = [ready(), ready(), ready()];
    clock.advance(1_900);
    gate.resolve(undefined);
    expect(await Promise.all(answers)).toEqual([well, well, well]);
    clock.advance(2_999);
    await ready();
    expect(asked).toEqual({ store: 1, forge: 1 });
  });

  it('is answered after two seconds, whatever a part does, and asked again then', async () => {
    const { clock, sleeping, asked, ready } = standing(() => new Promise(() => undefined));
    const answer = ready();
    expect(sleeping.map(({ milliseconds }) => milliseconds)).toEqual([2_000, 2_000]);
    for (const { wake } of sleeping) wake();
    expect(await answer).toEqual({ store: 'ok', forge: 'does not answer in 2 s' });
    clock.advance(1_000);
    void ready();
    expect(asked.forge).toBe(2);
  });

  it('is asked again when the clock was set back', async () => {
    const { clock, asked, ready } = standing();
    await ready();
    clock.advance(-3_600_000);
    await ready();
    expect(asked.forge).toBe(2);
  });
});
