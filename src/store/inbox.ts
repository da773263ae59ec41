import type { Json } from '../core/json.ts';
import type { Counts } from './counts.ts';
import { openQueue, ticketOf, type Failure, type Ticket, type WorkRow } from './queue.ts';
import type { StoreContext } from './tables.ts';

/** Takes after which a delivery that never ended well is dead: kept, counted and shown, until a person revives it. */
export const inboxAttempts = 8;

export interface Delivery extends Ticket {
  /** `alertmanager`, `github`, `schedule` … */
  door: string;
  id: string;
  /** As it was accepted: outside text, to be read by the door's own schema. */
  payload: unknown;
  /** Milliseconds since the epoch. */
  receivedAt: number;
}

export interface DeadDelivery extends Delivery {
  why: string;
  diedAt: number;
}

export interface Inbox {
  /**
   * Durable before it returns. `known`: this door accepted this id before (done ones are remembered for 7 days), and
   * nothing is stored. With `again`, an id that ended waits again: for senders that repeat the same payload and mean
   * "look again", as Alertmanager does. Throws STORE_FULL, STORE_READ_ONLY, STORE_UNREACHABLE, STORE_GONE or
   * STORE_FAILED: then answer 5xx.
   */
  accept(delivery: {
    door: string;
    id: string;
    payload: Json;
    /** Milliseconds since the epoch. */
    receivedAt: number;
    again?: boolean;
  }): Promise<'accepted' | 'known'>;
  /**
   * The oldest delivery that waits, for that many seconds; or one whose holder's lease ran out. A replica takes one at a
   * time. `holder` names the process for people (`host:pid`).
   */
  take(seconds: number, holder: string): Promise<Delivery | undefined>;
  /** Up to that many at once of those that nobody suspects of having made a look fail, the oldest first. */
  takeTogether(seconds: number, holder: string, most: number): Promise<Delivery[]>;
  /** Prolongs the lease from now on. false: it is no longer this taker's, so stop. */
  renew(delivery: Ticket, seconds: number): Promise<boolean>;
  /** As `renew`, for many at once. Returns how many of them are still this taker's. */
  renewAll(deliveries: readonly Ticket[], seconds: number): Promise<number>;
  /** false: somebody else took it in between; what was done is idempotent, so nothing is lost. */
  done(delivery: Ticket): Promise<boolean>;
  /** As `done`, for many at once. Returns how many of them were still this taker's. */
  allDone(deliveries: readonly Ticket[]): Promise<number>;
  failed(delivery: Ticket, why: string, retryAt: number): Promise<Failure>;
  /** Everyone who has taken something that has not ended. */
  holders(): Promise<string[]>;
  /** Lets everything wait again that this holder has taken; only for one that is gone for certain. */
  release(holder: string): Promise<number>;
  counts(): Promise<Counts>;
  /** As `counts`, without what was done: cheap however much of that is kept. */
  open(): Promise<Omit<Counts, 'done'>>;
  /** The latest first, at most 100 unless told. */
  dead(most?: number): Promise<DeadDelivery[]>;
  /** Lets a dead delivery wait again, with all its attempts. */
  revive(seq: number): Promise<boolean>;
}

/** What the doors accepted and nobody has looked at yet. */
export function openInbox(store: StoreContext): Inbox {
  const queue = openQueue(store, 'in', inboxAttempts);
  return {
    accept: async ({ door, id, payload, receivedAt, again = false }) => {
      const work = { topic: door, key: id, body: JSON.stringify(payload), receivedAt, dueAt: receivedAt };
      return (await (again ? queue.putAgain(work) : queue.put(work))) ? 'accepted' : 'known';
    },
    take: async (seconds, holder) => {
      const row = await queue.take(seconds, holder);
      return row === undefined ? undefined : deliveryOf(row);
    },
    takeTogether: async (seconds, holder, most) => (await queue.takeTogether(seconds, holder, most)).map(deliveryOf),
    renew: queue.renew,
    renewAll: queue.renewAll,
    done: queue.done,
    allDone: queue.allDone,
    failed: queue.failed,
    holders: queue.holders,
    release: queue.release,
    counts: queue.counts,
    open: queue.open,
    dead: async (most = 100) =>
      (await queue.dead(most)).map((row) => ({ ...deliveryOf(row), why: row.why ?? '', diedAt: row.ended_at ?? 0 })),
    revive: queue.revive,
  };
}

function deliveryOf(row: WorkRow): Delivery {
  return {
    ...ticketOf(row),
    door: row.topic,
    id: row.key,
    payload: JSON.parse(row.body) as unknown,
    receivedAt: row.received_at,
  };
}
