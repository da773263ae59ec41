import { describe, expect, it } from 'vitest';
import { GitmendError } from '../../src/core/errors.ts';
import type { Healed } from '../../src/pipeline/heal.ts';
import { HandHung } from '../../src/serve/hand.ts';
import { inboxAttempts } from '../../src/store/inbox.ts';
import { looking } from './looking.ts';

const away = () => Promise.reject(new GitmendError('PVE_UNREACHABLE', 'pve1 does not answer'));

/** A look that found something missing. */
const blind = (unseen: 'cluster' | 'evidence') => async () => [
  {
    ...{ state: 'noted', recorded: false, unseen },
    diagnosis: {
      ...{ outcome: 'unknown', family: '', name: 'postgres', rule: 'no-evidence', summary: 'the guest cannot be read' },
      signal: { fingerprint: '3f9c1a7be04d2c65', startsAt: '2026-11-20T03:12:00Z' },
    },
  } as unknown as Healed,
];

describe('a delivery that could not be dealt with', () => {
  it('waits three times longer every time, at most a quarter of an hour, and is dead after the eighth', async () => {
    const { look, clock, accept, store, sample } = await looking();
    await accept('first');
    const seconds = [5, 15, 45, 135, 405, 900, 900];
    expect(seconds).toHaveLength(inboxAttempts - 1);
    for (const wait of seconds) {
      expect(await look(away)).toBe(1);
      clock.advance(wait * 1000 - 1);
      expect(await look(away)).toBe(0);
      clock.advance(1);
    }
    expect(await look(away)).toBe(1);
    expect(await store.inbox.dead()).toMatchObject([{ id: 'first', why: 'PVE_UNREACHABLE: pve1 does not answer' }]);
    expect(await sample('gitmend_passes_total{loop="heal",result="PVE_UNREACHABLE"}')).toBe(inboxAttempts);
    expect(await sample('gitmend_passes_total{loop="heal",result="done"}')).toBe(0);
  });

  it('because the thread that heals hung waits, and is looked at alone from then on', async () => {
    const { look, clock, accept, store, looks, logged } = await looking();
    for (const id of ['first', 'second']) await accept(id);
    expect(await look(() => Promise.reject(new HandHung('it said nothing for 240 s')))).toBe(2);
    expect(await store.inbox.open()).toMatchObject({ waiting: 2, taken: 0 });
    expect(logged.filter(({ event }) => event === 'heal-failed')).toMatchObject([{ code: 'INTERNAL', deliveries: 2 }]);
    clock.advance(5_000);
    expect([await look(), await look()]).toEqual([1, 1]);
    expect(looks).toEqual([2, 1, 1]);
  });

  it.each([
    ['evidence', 6, 'done'],
    ['cluster', inboxAttempts, 'dead'],
  ] as const)('for want of its %s is looked into %i times, and then is %s', async (unseen, times, end) => {
    const { look, clock, accept, store, looks } = await looking();
    await accept('first');
    for (let attempt = 0; attempt < times; attempt += 1) {
      expect(await store.inbox.counts()).toMatchObject({ waiting: 1, done: 0, dead: 0 });
      await look(blind(unseen));
      clock.advance(15 * 60_000);
    }
    expect(await store.inbox.counts()).toMatchObject({ waiting: 0, taken: 0, [end]: 1 });
    expect(looks).toHaveLength(times);
  });
});
