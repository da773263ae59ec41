import { describe, expect, it } from 'vitest';
import { GitmendError } from '../../src/core/errors.ts';
import { HandHung } from '../../src/serve/hand.ts';
import { inboxPasses, startInboxLoop } from '../../src/serve/inbox-loop.ts';
import { testClock } from '../support/test-clock.ts';

/** Passes over batches of these sizes, that many milliseconds each; `by` says where each was healed. */
function standing(batches: readonly number[], broken: readonly (Error | undefined)[] = [], takes = 0) {
  const clock = testClock();
  const by: string[] = [];
  const seen = { threads: 0, stopped: 0, planned: 0, logged: [] as string[] };
  const line = [...batches];
  const faults = [...broken];
  const passes = inboxPasses({
    work: async (heal) => {
      const deliveries = line.shift() ?? 0;
      if (deliveries > 0) await heal(Array<string>(deliveries).fill('payload'));
      clock.advance(takes);
      return deliveries;
    },
    heal: async () => {
      by.push('here');
      return [];
    },
    takeOn: () => {
      seen.threads += 1;
      const heal = async () => {
        const fault = faults.shift();
        if (fault !== undefined) throw fault;
        by.push('thread');
        return [];
      };
      return { heal, stop: async () => void (seen.stopped += 1) };
    },
    healed: () => (seen.planned += 1),
    failed: () => 0,
    log: (event) => seen.logged.push(event),
    clock,
  });
  return { ...passes, clock, by, seen };
}

describe('the inbox', () => {
  it('is healed in the thread of the door while signals come now and then, and what came of each is planned', async () => {
    const { pass, by, seen, crowded } = standing([3, 1, 0]);
    for (let one = 0; one < 3; one += 1) await pass();
    expect(by).toEqual(['here', 'here']);
    expect(seen).toMatchObject({ threads: 0, planned: 2 });
    expect(crowded()).toBe(false);
  });

  it('is healed in a thread of its own while there is a crowd, its first deliveries too, and planning keeps its own time', async () => {
    const { pass, by, seen, crowded } = standing([40, 50, 2]);
    for (let one = 0; one < 3; one += 1) await pass();
    expect(by).toEqual(['thread', 'thread', 'thread']);
    expect(seen).toMatchObject({ threads: 1, stopped: 0, planned: 0 });
    expect(crowded()).toBe(true);
  });

  it('lets the thread go when the crowd has been gone for a while, and plans what it left', async () => {
    const { pass, by, seen, crowded, clock } = standing([40, 2, 1, 1]);
    await pass();
    await pass();
    clock.advance(15_001);
    await pass();
    expect(seen).toMatchObject({ threads: 1, stopped: 1, planned: 2, logged: ['storm-began', 'storm-ended'] });
    expect(crowded()).toBe(false);
    await pass();
    expect(by).toEqual(['thread', 'thread', 'thread', 'here']);
  });

  it('goes on in the thread of the door when the other one broke', async () => {
    const { pass, by, seen, clock } = standing([40, 40, 40, 40], [new Error('the thread that heals has ended')]);
    for (let one = 0; one < 3; one += 1) await pass();
    expect(by).toEqual(['here', 'here', 'here']);
    expect(seen).toMatchObject({ threads: 1, stopped: 1, logged: ['storm-began', 'storm-thread-lost'] });
    clock.advance(60_001);
    await pass();
    expect(seen).toMatchObject({ threads: 2, stopped: 1 });
  });

  it('takes no thread on again for a minute after one broke', async () => {
    const { pass, seen, clock } = standing([40, 40, 40, 40], [new Error('the thread that heals has ended')]);
    await pass();
    await pass();
    clock.advance(59_999);
    await pass();
    expect(seen.threads).toBe(1);
    clock.advance(1);
    await pass();
    expect(seen.threads).toBe(2);
  });

  it('does not heal in the thread of the door what the other one hung at: it waits, and the thread is let go', async () => {
    const { pass, by, seen, crowded } = standing([40, 40], [new HandHung('it said nothing')]);
    await expect(pass()).rejects.toThrow(HandHung);
    expect(by).toEqual([]);
    expect(seen).toMatchObject({ threads: 1, stopped: 1, logged: ['storm-began', 'storm-thread-lost'] });
    expect(crowded()).toBe(false);
  });

  it.each([
    [10, false],
    [11, true],
  ])('holds %i deliveries in one look: that they are a crowd is %s', async (deliveries, crowd) => {
    const { pass, seen, crowded } = standing([deliveries]);
    await pass();
    expect([crowded(), seen.threads, seen.planned]).toEqual([crowd, crowd ? 1 : 0, crowd ? 0 : 1]);
  });

  it.each([
    [499, true],
    [500, false],
  ])('sees eleven deliveries in three looks, %i ms each, as a crowd: %s', async (apart, crowd) => {
    const { pass, crowded, clock } = standing([4, 4, 3]);
    for (let look = 0; look < 3; look += 1) {
      await pass();
      if (look < 2) clock.advance(apart);
    }
    expect(crowded()).toBe(crowd);
  });

  it('counts the calm from the end of a crowd, however long it took to heal', async () => {
    const { pass, crowded } = standing([40, 1], [], 14_000);
    await pass();
    await pass();
    expect(crowded()).toBe(true);
  });

  it('keeps the thread for fifteen seconds after the last crowd, and not longer', async () => {
    const { pass, seen, clock } = standing([40, 11, 5, 5]);
    await pass();
    clock.advance(60_000);
    await pass();
    clock.advance(15_000);
    await pass();
    expect(seen).toMatchObject({ threads: 1, stopped: 0 });
    clock.advance(1);
    await pass();
    expect(seen).toMatchObject({ threads: 1, stopped: 1 });
  });

  it.each([
    [11, 300, 300],
    [40, 5_000, 1_000],
    [10, 300, 0],
    [0, 300, 0],
  ])('rests after %i deliveries that took %i ms for %i ms', async (deliveries, takes, rest) => {
    const { pass, clock } = standing([deliveries], [], takes);
    const begun = clock.now();
    await pass();
    expect(clock.now() - begun - takes).toBe(rest);
  });

  it('is looked into again at once after work, and after two seconds where nothing waited', async () => {
    const { pass } = standing([40, 1, 0]);
    expect([await pass(), await pass(), await pass()]).toEqual([0, 0, 2_000]);
  });

  it('leaves a coded error to whoever took the batch: the thread is well', async () => {
    const { pass, seen } = standing([40, 40], [new GitmendError('PVE_UNREACHABLE', 'pve1 does not answer')]);
    await expect(pass()).rejects.toMatchObject({ code: 'PVE_UNREACHABLE' });
    expect(seen).toMatchObject({ threads: 1, stopped: 0 });
  });

  it('is left alone only after what is under way has ended', async () => {
    const gate = Promise.withResolvers<number>();
    const events: string[] = [];
    const loop = startInboxLoop({
      work: async (heal) => {
        const worked = await gate.promise;
        await heal(Array<string>(worked).fill('payload'));
        events.push('healed');
        return worked;
      },
      heal: async () => [],
      takeOn: () => ({ heal: async () => [], stop: async () => void events.push('thread stopped') }),
      healed: () => undefined,
      failed: () => 0,
      log: () => undefined,
      clock: testClock(),
    });
    const stopped = loop.stop().then(() => events.push('stopped'));
    gate.resolve(40);
    await stopped;
    expect(events).toEqual(['healed', 'thread stopped', 'stopped']);
  });
});
