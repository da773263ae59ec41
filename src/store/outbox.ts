import type { Json } from '../core/json.ts';
import type { Counts } from './counts.ts';
import { openQueue, ticketOf, type Failure, type Ticket, type WorkRow } from './queue.ts';
import type { StoreContext } from './tables.ts';

/** Attempts after which something to be sent is dead: with the waits below, about five hours. */
export const outboxAttempts = 12;
const firstWait = 5_000;
const longestWait = 3_600_000;

export interface Outgoing extends Ticket {
  /** `notify`, or the forge write that is still to be made. */
  kind: string;
  key: string;
  body: unknown;
  /** Milliseconds since the epoch. */
  enqueuedAt: number;
}

export interface DeadOutgoing extends Outgoing {
  why: string;
  diedAt: number;
}

export interface Outbox {
  /**
   * Durable before it returns. `known`: this kind has this key already, waiting or sent in the last 7 days. Times in
   * milliseconds since the epoch; `notBefore` absent: now.
   */
  enqueue(what: { key: string; kind: string; body: Json; notBefore?: number }): Promise<'enqueued' | 'known'>;
  /** The oldest that is due, of these kinds where they are named, under a lease of that many seconds. */
  takeDue(seconds: number, holder: string, kinds?: readonly string[]): Promise<Outgoing | undefined>;
  sent(what: Ticket): Promise<boolean>;
  /** Waits 5 s, 10 s, 20 s … at most an hour before it is due again; dead after 12 attempts. */
  failed(what: Ticket, why: string): Promise<Failure>;
  /** Everyone who has taken something that has not ended. */
  holders(): Promise<string[]>;
  /** Lets everything wait again that this holder has taken; only for one that is gone for certain. */
  release(holder: string): Promise<number>;
  counts(): Promise<Counts>;
  dead(most?: number): Promise<DeadOutgoing[]>;
  revive(seq: number): Promise<boolean>;
}

/** What is to go out and has not arrived yet: notifications, forge writes. Sent at least once. */
export function openOutbox(store: StoreContext): Outbox {
  const queue = openQueue(store, 'out', outboxAttempts);
  return {
    enqueue: async ({ key, kind, body, notBefore }) => {
      const at = store.now();
      const work = { topic: kind, key, body: JSON.stringify(body), receivedAt: at, dueAt: notBefore ?? at };
      return (await queue.put(work)) ? 'enqueued' : 'known';
    },
    takeDue: async (seconds, holder, kinds) => {
      const row = await queue.take(seconds, holder, kinds);
      return row === undefined ? undefined : outgoingOf(row);
    },
    sent: queue.done,
    failed: (what, why) => queue.failed(what, why, store.now() + waitAfter(what.attempt)),
    holders: queue.holders,
    release: queue.release,
    counts: queue.counts,
    dead: async (most = 100) =>
      (await queue.dead(most)).map((row) => ({ ...outgoingOf(row), why: row.why ?? '', diedAt: row.ended_at ?? 0 })),
    revive: queue.revive,
  };
}

function waitAfter(attempt: number): number {
  return Math.min(longestWait, firstWait * 2 ** (attempt - 1));
}

function outgoingOf(row: WorkRow): Outgoing {
  return {
    ...ticketOf(row),
    kind: row.topic,
    key: row.key,
    body: JSON.parse(row.body) as unknown,
    enqueuedAt: row.received_at,
  };
}
