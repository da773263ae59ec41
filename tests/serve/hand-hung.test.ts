import { EventEmitter } from 'node:events';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type FromHand, HandHung, type HandThread, openHand } from '../../src/serve/hand.ts';
import { openMetrics } from '../../src/serve/metrics.ts';

/** A thread that does what the test says, and nothing by itself. */
function standing({ leaves = true } = {}) {
  const events = new EventEmitter();
  const seen = { posted: [] as unknown[], terminated: 0 };
  const thread: HandThread = {
    on: events.on.bind(events) as HandThread['on'],
    once: events.once.bind(events) as HandThread['once'],
    postMessage: (message: unknown) => {
      seen.posted.push(message);
      if (message === undefined && leaves) events.emit('exit', 0);
    },
    terminate: async () => {
      seen.terminated += 1;
      events.emit('exit', 1);
      return 1;
    },
  };
  const setup = { directory: '/nowhere', account: 'gitmend', env: {} };
  const hand = openHand(setup, { metrics: openMetrics(), log: () => undefined }, () => thread);
  const say = (said: FromHand) => void events.emit('message', said);
  return { hand, say, seen };
}

/** How it ended, or that it has not. */
function watched(healing: Promise<unknown>): { state: unknown } {
  const one = { state: 'under way' as unknown };
  healing.then(
    (value) => (one.state = value),
    (error: unknown) => (one.state = error),
  );
  return one;
}

describe('a thread that comes to no end', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('is ended once it said nothing for four minutes, and not before', async () => {
    const { hand, seen } = standing();
    const healing = watched(hand.heal(['payload']));
    await vi.advanceTimersByTimeAsync(239_999);
    expect([healing.state, seen.terminated]).toEqual(['under way', 0]);
    await vi.advanceTimersByTimeAsync(1);
    expect(healing.state).toBeInstanceOf(HandHung);
    expect(String(healing.state)).toContain('the thread that heals said nothing for 240 s');
    expect(seen.terminated).toBe(1);
    await expect(hand.heal(['another'])).rejects.toBeInstanceOf(HandHung);
    await hand.stop();
  });

  it('may take as long as it likes while it says what it does', async () => {
    const { hand, say, seen } = standing();
    const healing = watched(hand.heal(['payload']));
    for (let one = 0; one < 4; one += 1) {
      await vi.advanceTimersByTimeAsync(200_000);
      say({ say: 'log', line: ['planned'] });
    }
    say({ say: 'healed', results: [] });
    await vi.advanceTimersByTimeAsync(1_000_000);
    expect([healing.state, seen.terminated]).toEqual([[], 0]);
  });

  it('has as long again for what it is asked next, and none to answer while nothing is asked', async () => {
    const { hand, say, seen } = standing();
    const first = watched(hand.heal(['payload']));
    await vi.advanceTimersByTimeAsync(200_000);
    say({ say: 'failed', code: 'PVE_UNREACHABLE', message: 'pve1 does not answer', stack: undefined });
    await vi.advanceTimersByTimeAsync(1_000_000);
    expect(first.state).toMatchObject({ code: 'PVE_UNREACHABLE' });
    const second = watched(hand.heal(['payload']));
    await vi.advanceTimersByTimeAsync(239_999);
    expect([second.state, seen.terminated]).toEqual(['under way', 0]);
    say({ say: 'healed', results: [] });
  });

  it('is asked to leave, and made to after five seconds', async () => {
    const willing = standing();
    await willing.hand.stop();
    await vi.advanceTimersByTimeAsync(5_000);
    expect(willing.seen).toEqual({ posted: [undefined], terminated: 0 });
    const { hand, seen } = standing({ leaves: false });
    const stopped = hand.stop();
    await vi.advanceTimersByTimeAsync(4_999);
    expect(seen).toEqual({ posted: [undefined], terminated: 0 });
    await vi.advanceTimersByTimeAsync(1);
    await stopped;
    expect(seen.terminated).toBe(1);
  });
});
