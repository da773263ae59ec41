import { expect, test } from 'vitest';
import { inboxAttempts, type Delivery, type Store } from '../../src/store/index.ts';
import { delivery, freshStore, onBothEngines } from './engines.ts';

async function taken(store: Store): Promise<Delivery> {
  const next = await store.inbox.take(60, 'replica-a');
  if (next === undefined) throw new Error('nothing waits');
  return next;
}

onBothEngines('the inbox', (engine) => {
  test('gives back what a door accepted, as it was', async () => {
    const { store } = await freshStore(engine);
    const payload = { text: 'nul \0, half a pair \ud800, ☂, "quoted"; DROP TABLE work', list: [1, 2.5, null, true] };
    expect(await store.inbox.accept({ door: 'github', id: 'a', payload, receivedAt: 1_700_000_000_123 })).toBe(
      'accepted',
    );
    const { seq, ...rest } = await taken(store);
    expect(seq).toBeTypeOf('number');
    expect(rest).toEqual({ take: 1, attempt: 1, door: 'github', id: 'a', payload, receivedAt: 1_700_000_000_123 });
  });

  test('knows an id again, waiting, taken or done, and keeps the doors apart', async () => {
    const { store } = await freshStore(engine);
    expect(await store.inbox.accept(delivery('a'))).toBe('accepted');
    expect(await store.inbox.accept(delivery('a'))).toBe('known');
    const first = await taken(store);
    expect(await store.inbox.accept(delivery('a'))).toBe('known');
    await store.inbox.done(first);
    expect(await store.inbox.accept(delivery('a'))).toBe('known');
    expect(await store.inbox.accept({ ...delivery('a'), door: 'gitea' })).toBe('accepted');
    expect(await store.inbox.counts()).toMatchObject({ waiting: 1, taken: 0, done: 1, dead: 0 });
  });

  test('accepts one of many equal ones that arrive at the same moment', async () => {
    const { store } = await freshStore(engine);
    const ids = Array.from({ length: 200 }, (_, at) => `id-${at % 20}`);
    const answers = await Promise.all(ids.map((id) => store.inbox.accept(delivery(id))));
    expect(answers.filter((answer) => answer === 'accepted')).toHaveLength(20);
    expect(answers.slice(0, 20)).toEqual(Array.from({ length: 20 }, () => 'accepted'));
    expect(await store.inbox.counts()).toMatchObject({ waiting: 20 });
  });

  test('lets an id that ended wait again where the sender means "look again"', async () => {
    const { store, clock } = await freshStore(engine);
    const repeat = (payload: string) => store.inbox.accept({ ...delivery('a', clock.now()), payload, again: true });
    expect(await repeat('first')).toBe('accepted');
    expect(await repeat('still waiting')).toBe('known');
    const first = await taken(store);
    expect(await repeat('being looked at')).toBe('known');
    await store.inbox.done(first);
    clock.advance(1000);
    expect(await Promise.all([repeat('second'), repeat('second')])).toEqual(['accepted', 'known']);
    expect(await taken(store)).toMatchObject({ take: 2, attempt: 1, payload: 'second', receivedAt: clock.now() });
  });

  test('hands out what nobody suspects many at once, the oldest first, and ends many at once', async () => {
    const { store, clock } = await freshStore(engine);
    for (const age of [1, 3, 2]) await store.inbox.accept(delivery(`age-${age}`, clock.now() - age * 1000));
    const tried = await taken(store);
    await store.inbox.failed(tried, 'INTERNAL: no', clock.now());
    const fresh = await store.inbox.takeTogether(60, 'replica-a', 10);
    expect([tried.id, ...fresh.map(({ id }) => id)]).toEqual(['age-3', 'age-2', 'age-1']);
    expect(await store.inbox.takeTogether(60, 'replica-b', 10)).toEqual([]);
    const [first] = fresh;
    const stale = { ...fresh[1]!, take: 7 };
    expect(await store.inbox.allDone([first!, stale])).toBe(1);
    expect(await store.inbox.counts()).toMatchObject({ waiting: 1, taken: 1, done: 1 });
  });

  test('hands out again together what failed for a reason that blames none of it, and alone what may be to blame', async () => {
    const { store, clock } = await freshStore(engine);
    for (const id of ['a', 'b']) await store.inbox.accept(delivery(id));
    const together = async () => (await store.inbox.takeTogether(60, 'replica-a', 10)).map(({ id }) => id);
    const failed = async (why: string) => {
      for (const one of await store.inbox.takeTogether(60, 'replica-a', 10))
        await store.inbox.failed(one, why, clock.now());
    };
    await failed('PVE_UNREACHABLE: pve1 does not answer');
    await failed('FORGE_FAILED: the forge is being restarted');
    await failed('INTERNAL: one of them');
    expect(await together()).toEqual([]);
    expect((await taken(store)).attempt).toBe(4);
  });

  test.each(['INTERNAL: a bug', 'SIGNAL_INVALID: no webhook'])('hands out alone what failed with %s', async (why) => {
    const { store, clock } = await freshStore(engine);
    await store.inbox.accept(delivery('a'));
    await store.inbox.failed(await taken(store), why, clock.now());
    expect(await store.inbox.takeTogether(60, 'replica-a', 10)).toEqual([]);
    expect(await taken(store)).toMatchObject({ id: 'a', attempt: 2 });
  });

  test('of a taker that was killed hands everything out together once more; after the second time one by one', async () => {
    const { store } = await freshStore(engine);
    for (const id of ['a', 'b']) await store.inbox.accept(delivery(id));
    const killed = async () => {
      const { length } = await store.inbox.takeTogether(300, 'killed', 10);
      await store.inbox.release('killed');
      return length;
    };
    expect([await killed(), await killed(), await killed()]).toEqual([2, 2, 0]);
    expect(await taken(store)).toMatchObject({ id: 'a', attempt: 3 });
  });

  test('of a taker that was killed blames its work the second time, whatever it failed for before', async () => {
    const { store, clock } = await freshStore(engine);
    for (const id of ['a', 'b']) await store.inbox.accept(delivery(id));
    const [failed] = await store.inbox.takeTogether(60, 'replica-a', 1);
    await store.inbox.failed(failed!, 'PVE_UNREACHABLE: pve1 does not answer', clock.now());
    expect(await store.inbox.takeTogether(60, 'killed', 10)).toHaveLength(2);
    await store.inbox.release('killed');
    expect((await store.inbox.takeTogether(60, 'replica-a', 10)).map(({ id }) => id)).toEqual(['b']);
    expect(await taken(store)).toMatchObject({ id: 'a', attempt: 3 });
  });

  test('ends and renews as many at once as there are, however many that is', async () => {
    const { store, clock } = await freshStore(engine);
    for (let index = 0; index < 120; index += 1) await store.inbox.accept(delivery(`d-${index}`));
    const all = await store.inbox.takeTogether(60, 'replica-a', 120);
    clock.advance(59_000);
    expect(await store.inbox.renewAll(all, 60)).toBe(120);
    clock.advance(59_000);
    expect(await store.inbox.takeTogether(60, 'replica-b', 120)).toEqual([]);
    expect(await store.inbox.allDone(all)).toBe(120);
    expect(await store.inbox.open()).toEqual({ waiting: 0, taken: 0, dead: 0 });
    expect(await store.inbox.allDone(all)).toBe(0);
  });

  test('lets what one holder has taken wait again at once, and nobody else’s', async () => {
    const { store } = await freshStore(engine);
    for (const id of ['a', 'b']) await store.inbox.accept(delivery(id));
    const lost = await store.inbox.take(300, 'killed');
    await store.inbox.take(300, 'alive');
    expect(await store.inbox.holders()).toEqual(['alive', 'killed']);
    expect(await store.inbox.release('killed')).toBe(1);
    expect(await store.inbox.holders()).toEqual(['alive']);
    expect(await taken(store)).toMatchObject({ id: lost?.id, take: 2, attempt: 2 });
    expect(await store.inbox.done(lost!)).toBe(false);
  });

  test('hands out the oldest first, each to one taker', async () => {
    const { store, clock } = await freshStore(engine);
    await store.inbox.accept(delivery('younger', clock.now() - 1000));
    await store.inbox.accept(delivery('oldest', clock.now() - 5000));
    expect(await taken(store)).toMatchObject({ id: 'oldest' });
    expect(await taken(store)).toMatchObject({ id: 'younger' });
    expect(await store.inbox.take(60, 'replica-b')).toBeUndefined();
  });

  test('hands a delivery to another replica once its lease ran out, and not before', async () => {
    const { store, clock } = await freshStore(engine);
    await store.inbox.accept(delivery('a'));
    const silent = await taken(store);
    clock.advance(59_999);
    expect(await store.inbox.take(60, 'replica-b')).toBeUndefined();
    clock.advance(1);
    const again = await store.inbox.take(60, 'replica-b');
    expect(again).toMatchObject({ id: 'a', take: 2, attempt: 2 });
    expect(await store.inbox.done(silent)).toBe(false);
    expect(await store.inbox.failed(silent, 'late', clock.now())).toBe('lost');
    expect(await store.inbox.renew(silent, 60)).toBe(false);
    expect(await store.inbox.done(again!)).toBe(true);
    expect(await store.inbox.counts()).toEqual({ waiting: 0, taken: 0, done: 1, dead: 0 });
  });

  test('an old ticket stays worthless though the delivery ended, came again and was taken anew', async () => {
    const { store, clock } = await freshStore(engine);
    await store.inbox.accept(delivery('a'));
    const silent = await taken(store);
    clock.advance(60_000);
    await store.inbox.done(await taken(store));
    await store.inbox.accept({ ...delivery('a', clock.now()), again: true });
    const current = await taken(store);
    expect(current.attempt).toBe(silent.attempt);
    expect(await store.inbox.done(silent)).toBe(false);
    expect(await store.inbox.done(current)).toBe(true);
  });

  test('a renewed lease lasts from the renewal on', async () => {
    const { store, clock } = await freshStore(engine);
    await store.inbox.accept(delivery('a'));
    const mine = await taken(store);
    clock.advance(50_000);
    expect(await store.inbox.renew(mine, 60)).toBe(true);
    clock.advance(59_000);
    expect(await store.inbox.take(60, 'replica-b')).toBeUndefined();
    expect(await store.inbox.done(mine)).toBe(true);
  });

  test('tries a failed delivery again when it is time, and a dead one never, until a person revives it', async () => {
    const { store, clock } = await freshStore(engine);
    await store.inbox.accept(delivery('a'));
    for (let attempt = 1; attempt < inboxAttempts; attempt += 1) {
      const mine = await taken(store);
      expect(mine.attempt).toBe(attempt);
      expect(await store.inbox.failed(mine, 'PVE_UNREACHABLE\0', clock.now() + 5000)).toBe('waiting');
      expect(await store.inbox.take(60, 'replica-b')).toBeUndefined();
      clock.advance(5000);
    }
    expect(await store.inbox.failed(await taken(store), 'the last straw', clock.now())).toBe('dead');
    clock.advance(365 * 86_400_000);
    expect(await store.inbox.take(60, 'replica-b')).toBeUndefined();
    await store.sweep();
    const [dead] = await store.inbox.dead();
    expect(dead).toMatchObject({ id: 'a', payload: { alert: 'a' }, why: 'the last straw', attempt: inboxAttempts });
    expect(await store.inbox.counts()).toEqual({ waiting: 0, taken: 0, done: 0, dead: 1 });

    expect(await store.inbox.revive(dead!.seq)).toBe(true);
    expect(await store.inbox.revive(dead!.seq)).toBe(false);
    expect(await taken(store)).toMatchObject({ id: 'a', attempt: 1, take: inboxAttempts + 1 });
  });

  test('buries a delivery that ends every process that takes it', async () => {
    const { store, clock } = await freshStore(engine);
    await store.inbox.accept(delivery('poison'));
    await store.inbox.accept(delivery('harmless', clock.now() + 1));
    for (let crash = 0; crash < inboxAttempts; crash += 1) {
      expect(await taken(store)).toMatchObject({ id: 'poison', attempt: crash + 1 });
      clock.advance(60_000);
      if (crash === 0) await store.inbox.done(await taken(store));
    }
    expect(await store.inbox.take(60, 'replica-b')).toBeUndefined();
    expect(await store.inbox.dead()).toMatchObject([{ id: 'poison', why: 'whoever took it never came back' }]);
  });

  test('forgets what was done seven days ago, and nothing else', async () => {
    const { store, clock } = await freshStore(engine);
    await store.inbox.accept(delivery('done'));
    await store.inbox.done(await taken(store));
    await store.inbox.accept(delivery('waiting'));
    clock.advance(7 * 86_400_000);
    expect(await store.sweep()).toBe(0);
    clock.advance(1);
    expect(await store.sweep()).toBe(1);
    expect(await store.inbox.counts()).toMatchObject({ waiting: 1, done: 0 });
    expect(await store.inbox.accept(delivery('done'))).toBe('accepted');
  });

  test('says since when the oldest open delivery waits', async () => {
    const { store, clock } = await freshStore(engine);
    expect(await store.inbox.counts()).toEqual({ waiting: 0, taken: 0, done: 0, dead: 0 });
    await store.inbox.accept(delivery('old', clock.now() - 90_000));
    await store.inbox.accept(delivery('new', clock.now()));
    await taken(store);
    expect(await store.inbox.counts()).toEqual({
      waiting: 1,
      taken: 1,
      done: 0,
      dead: 0,
      oldest: clock.now() - 90_000,
    });
  });

  test('an id that no database can hold does not drag down what arrives with it', async () => {
    const { store } = await freshStore(engine);
    const ids = ['fine', 'nul\0inside', 'half\ud800pair', 'also fine'];
    expect(await Promise.all(ids.map((id) => store.inbox.accept(delivery(id))))).toEqual(ids.map(() => 'accepted'));
    expect(await Promise.all(ids.map((id) => store.inbox.accept(delivery(id))))).toEqual(ids.map(() => 'known'));
  });

  test('is ready when it can be written', async () => {
    const { store } = await freshStore(engine);
    await expect(store.check()).resolves.toBeUndefined();
  });
});
