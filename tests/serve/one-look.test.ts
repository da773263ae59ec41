import { afterEach, describe, expect, it, vi } from 'vitest';
import { GitmendError } from '../../src/core/errors.ts';
import type { Ticket } from '../../src/store/index.ts';
import { looking, payloadOf } from './looking.ts';

describe('one look into the inbox', () => {
  it('takes everything that waits, however many portions that are', async () => {
    const { look, accept, looks, sample } = await looking();
    await Promise.all(Array.from({ length: 120 }, (_, at) => accept(`${at}`)));
    expect(await look()).toBe(120);
    expect(looks).toEqual([120]);
    expect(await sample('gitmend_passes_total{loop="heal",result="done"}')).toBe(1);
  });

  it.each([
    ['of 3 MiB', payloadOf(1, 64 * 1024)],
    ['of 4000 alerts', payloadOf(80)],
  ])('takes no further portion after one %s', async (_, payload) => {
    const { look, accept, looks } = await looking();
    await Promise.all(Array.from({ length: 60 }, (_one, at) => accept(`${at}`, payload)));
    await look();
    // One more is looked at alone, as after every look.
    expect(looks).toEqual([50, 1]);
  });

  it('takes one more portion while there is room for it', async () => {
    const { look, accept, looks } = await looking();
    await Promise.all(Array.from({ length: 60 }, (_, at) => accept(`${at}`, payloadOf(79))));
    await look();
    expect(looks).toEqual([60]);
  });

  it('hands the deliveries to another replica after five minutes, and says that they were lost', async () => {
    const { look, accept, store, clock, logged } = await looking();
    await accept('first');
    await look(async () => {
      clock.advance(299_999);
      expect(await store.inbox.take(60, 'other')).toBeUndefined();
      clock.advance(1);
      expect(await store.inbox.take(60, 'other')).toMatchObject({ id: 'first' });
      return [];
    });
    expect(logged).toContainEqual({ event: 'lease-lost', deliveries: 1, lost: 1 });
    expect(await store.inbox.open()).toMatchObject({ taken: 1 });
  });

  it('says nothing of a lease that it kept', async () => {
    const { look, accept, logged } = await looking();
    await accept('first');
    await look();
    expect(logged).toEqual([]);
  });

  it('ends with an error where the store itself gives nothing out, and blames no delivery', async () => {
    const { look, accept, store, looks } = await looking();
    await accept('first');
    const takeTogether = () => Promise.reject(new GitmendError('STORE_UNREACHABLE', 'no route'));
    await expect(look(undefined, { takeTogether })).rejects.toMatchObject({ code: 'STORE_UNREACHABLE' });
    expect([looks, await store.inbox.open()]).toMatchObject([[], { waiting: 1, taken: 0 }]);
  });

  it('writes first what the store did not take before, each once, and goes on where it stopped', async () => {
    const { look, unsettled } = await looking();
    const written: string[] = [];
    let refuses = true;
    const write = (name: string, fails: () => boolean) => async () => {
      if (fails()) throw new GitmendError('STORE_FULL', 'the disk is full');
      written.push(name);
    };
    unsettled.push(
      write('first', () => false),
      write('second', () => refuses),
      write('third', () => false),
    );
    await expect(look()).rejects.toMatchObject({ code: 'STORE_FULL' });
    expect(written).toEqual(['first']);
    refuses = false;
    await look();
    expect([written, unsettled]).toEqual([['first', 'second', 'third'], []]);
  });
});

describe('the lease of what is being healed', () => {
  afterEach(() => void vi.useRealTimers());

  it('is renewed every hundred seconds, for five minutes and all of them, until it ends', async () => {
    const { look, accept } = await looking();
    for (const id of ['first', 'second']) await accept(id);
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    const renewed: [number, number][] = [];
    const renewAll = async (all: readonly Ticket[], seconds: number) => renewed.push([all.length, seconds]);
    const heal = async () => {
      vi.advanceTimersByTime(99_999);
      expect(renewed).toEqual([]);
      vi.advanceTimersByTime(200_001);
      return [];
    };
    await look(heal, { renewAll });
    vi.advanceTimersByTime(1_000_000);
    expect(renewed).toEqual([
      [2, 300],
      [2, 300],
      [2, 300],
    ]);
  });

  it('that could not be renewed is logged, and healing goes on', async () => {
    const { look, accept, store, logged } = await looking();
    await accept('first');
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    const renewAll = () => Promise.reject(new GitmendError('STORE_UNREACHABLE', 'no route'));
    const heal = async () => {
      await vi.advanceTimersByTimeAsync(100_000);
      return [];
    };
    expect(await look(heal, { renewAll })).toBe(1);
    expect(logged).toEqual([{ event: 'lease-not-renewed', code: 'STORE_UNREACHABLE' }]);
    expect(await store.inbox.counts()).toMatchObject({ done: 1 });
  });
});
