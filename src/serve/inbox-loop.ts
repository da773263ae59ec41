import type { Clock } from '../core/clock.ts';
import { isGitmendError } from '../core/errors.ts';
import type { Healed } from '../pipeline/heal.ts';
import { type Hand, HandHung } from './hand.ts';
import type { ServeLog } from './log.ts';
import { type Loop, type Pass, startLoop } from './loop.ts';

export interface InboxLoop extends Loop {
  /** Whether there is a storm, and a thread of its own heals. */
  crowded(): boolean;
}

type Heal = (payloads: readonly string[]) => Promise<Healed[]>;

export interface InboxLoopSetup {
  /** Takes a batch, has it healed, and marks it done; returns how many deliveries that were. */
  work: (heal: Heal) => Promise<number>;
  /** Heals in this thread. */
  heal: Heal;
  /** Takes a thread on. */
  takeOn: () => Hand;
  /** What came of a batch may show in git and the forge. */
  healed: () => void;
  failed: (error: unknown) => number;
  log: ServeLog;
  clock: Clock;
}

/** Milliseconds between two looks into an inbox that nobody poked: what another replica left, or what is due again. */
const idleInbox = 2_000;
/** More deliveries than these in so many milliseconds are a crowd, in however many looks: quick ones take a few at a time. */
const [crowd, span] = [10, 1_000];
/** After a crowd the inbox rests as long as it worked: the machine has others to serve. Milliseconds at most. */
const longestRest = 1_000;
/** Milliseconds after a thread that broke in which none is taken on. */
const backOff = 60_000;
/** Milliseconds without a crowd after which the storm is over. */
const calm = 15_000;

/**
 * Works off the inbox. One signal now and then is healed in this thread; for a storm a second one is taken on, so that the
 * door answers at once meanwhile, and let go when it is over: at rest it would cost memory for nothing.
 */
export function startInboxLoop(setup: InboxLoopSetup): InboxLoop {
  const { pass, crowded, letGo } = inboxPasses(setup);
  const loop = startLoop(pass, setup.failed);
  return {
    poke: () => loop.poke(),
    crowded,
    stop: async () => {
      await loop.stop();
      await letGo();
    },
  };
}

/** One pass, and what it remembers between two. */
export function inboxPasses({ work, heal, takeOn, healed, log, clock }: InboxLoopSetup) {
  let hand: Hand | undefined;
  let lastCrowd = -Infinity;
  let notBefore = 0;
  const lately = amountLately();
  const letGo = async (): Promise<void> => {
    const gone = hand;
    hand = undefined;
    await gone?.stop();
  };
  /** Takes the thread on before a crowd is healed, not after it: that may be many faults, and the door is not to wait for them. */
  const man = (deliveries: number): void => {
    const now = clock.now();
    const recently = lately(deliveries, now);
    if (recently <= crowd) return;
    lastCrowd = now;
    if (hand !== undefined || now < notBefore) return;
    log('storm-began', { deliveries: recently });
    hand = takeOn();
  };
  const healByHand: Heal = async (payloads) => {
    man(payloads.length);
    if (hand === undefined) return heal(payloads);
    try {
      return await hand.heal(payloads);
    } catch (error) {
      if (isGitmendError(error)) throw error;
      // The thread itself broke.
      log('storm-thread-lost', { message: error instanceof Error ? error.message : String(error) }, 'error');
      notBefore = clock.now() + backOff;
      await letGo();
      // What hung there would hang here, and the door with it: these deliveries wait, and are looked at one by one.
      if (error instanceof HandHung) throw error;
      // Healing again is safe, and a storm is no reason to stop.
      return heal(payloads);
    }
  };
  const letGoWhenCalm = async (now: number): Promise<void> => {
    if (hand === undefined || now - lastCrowd <= calm) return;
    log('storm-ended');
    await letGo();
    healed();
  };
  const pass: Pass = async () => {
    const begun = clock.now();
    const worked = await work(healByHand);
    const ended = clock.now();
    const inCrowd = lastCrowd >= begun;
    // However long it took: the calm begins after it.
    if (inCrowd) lastCrowd = ended;
    await letGoWhenCalm(ended);
    if (worked === 0) return idleInbox;
    // In a storm planning has its own time, and is not due after every batch.
    if (hand === undefined) healed();
    if (inCrowd) await clock.sleep(Math.min(longestRest, ended - begun));
    return 0;
  };
  return { pass, letGo, crowded: () => hand !== undefined };
}

/** Deliveries within `span` until now, those that it is told of included. */
function amountLately(): (deliveries: number, now: number) => number {
  let recent: { at: number; deliveries: number }[] = [];
  return (deliveries, now) => {
    recent = [...recent.filter(({ at }) => now - at < span), { at: now, deliveries }];
    return recent.reduce((sum, look) => sum + look.deliveries, 0);
  };
}
