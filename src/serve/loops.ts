import type { Clock } from '../core/clock.ts';
import { isoTime } from '../core/clock.ts';
import type { Ground } from '../deliver/world.ts';
import { type Healed, healDelivery } from '../pipeline/heal.ts';
import type { Store } from '../store/index.ts';
import type { Picture } from '../web/view/picture.ts';
import { asking } from './asking.ts';
import type { Concern } from './door/hook.ts';
import { drifting } from './drifting.ts';
import { firstPicture } from './first-picture.ts';
import { gauge } from './gauge.ts';
import { glances } from './glances.ts';
import { workInbox } from './inbox-worker.ts';
import type { ServeLog } from './log.ts';
import { type HandSetup, openHand } from './hand.ts';
import { startInboxLoop } from './inbox-loop.ts';
import { startLoop } from './loop.ts';
import type { Metrics } from './metrics.ts';
import { problemOf } from './observe.ts';
import type { Teller } from './teller.ts';

export interface Loops {
  /** What the pages show now. */
  picture(): Picture;
  /** A delivery was accepted. */
  inboxHasWork(): void;
  /** Somebody pushed, merged, approved: plan and look now. */
  somethingChanged(): void;
  /** The forge says that something of that kind may have changed: look now whether it did. */
  heard(concern: Concern): void;
  /** Brings the gauges up to date. */
  gauge(): Promise<void>;
  stop(): Promise<void>;
}

export interface LoopsSetup {
  ground: Ground;
  store: Store;
  metrics: Metrics;
  log: ServeLog;
  clock: Clock;
  holder: string;
  teller: Teller;
  /** What a thread that is taken on for a storm opens for itself. */
  hand: HandSetup;
}

/** Milliseconds between two looks at what people are to be told. */
const mouth = 5_000;
const mostSeen = 60;
/**
 * Milliseconds that what is under way may take when the service is stopped, less than the units and the compose file give it.
 * What is not at its end then is taken up by the next start: a delivery waits again, and whatever was written is found.
 */
const longestStop = 30_000;

/** Whether a pull request that moved is planned here, by stack code. */
function synthesizes({ truth }: Picture): boolean {
  return truth !== undefined && truth.rules.config?.runner !== 'ci' && truth.head.tree.has('stacks/main.ts');
}

/** Whether it came to its end in that time. */
async function inTime(work: Promise<unknown>, milliseconds: number): Promise<boolean> {
  const late = Promise.withResolvers<boolean>();
  const timer = setTimeout(() => late.resolve(false), milliseconds);
  return Promise.race([work.then(() => true), late.promise]).finally(() => clearTimeout(timer));
}

/**
 * Heals what the inbox holds, and beside it plans what is open and keeps the picture. Neither waits for the other: both may
 * meet at a ref, as two replicas do, and then one of them looks again.
 */
export function startLoops(setup: LoopsSetup): Loops {
  const { ground, store, metrics, log, clock, holder, teller } = setup;
  let picture: Picture = firstPicture(clock.now());
  const remember = (results: readonly Healed[]) => {
    const at = isoTime(clock.now());
    picture = {
      ...picture,
      seen: [...results.map((healed) => ({ at, healed })).reverse(), ...picture.seen].slice(0, mostSeen),
    };
  };
  const failed = (loop: string) => (error: unknown) => {
    log(
      'loop-failed',
      { loop, ...problemOf(error, clock.now()), stack: error instanceof Error ? error.stack : undefined },
      'error',
    );
    return 5_000;
  };
  const unsettled: (() => Promise<unknown>)[] = [];
  const inbox = startInboxLoop({
    work: (heal) => workInbox({ heal, inbox: store.inbox, clock, metrics, log, holder, healed: remember, unsettled }),
    heal: (payloads) => healDelivery(ground, payloads),
    takeOn: () => openHand(setup.hand, { log, metrics }),
    healed: () => planning.poke(),
    ...{ log, clock, failed: failed('inbox') },
  });
  const look = glances({
    ...setup,
    crowded: () => inbox.crowded(),
    take: () => picture,
    put: (next) => (picture = next),
  });
  const planning = startLoop(look.pass, failed('planning'));
  const questions = asking({
    ...setup,
    hasBoard: () => picture.truth?.rules.config?.dashboard === true,
    answered: () => {
      look.again();
      planning.poke();
    },
  });
  const answering = startLoop(questions.pass, failed('commands'));
  const reacting = startLoop(questions.react, failed('reactions'));
  const looking = startLoop(drifting(setup).pass, failed('drift'));
  const telling = startLoop(async () => {
    await teller.tell(picture);
    await teller.send();
    return mouth;
  }, failed('notify'));
  const sweeping = startLoop(async () => {
    await store.sweep();
    return 3_600_000;
  }, failed('sweep'));
  const listen = () => {
    reacting.poke();
    answering.poke();
  };
  const somethingChanged = () => {
    look.again();
    planning.poke();
    questions.boardNow();
    listen();
  };
  return {
    picture: () => picture,
    inboxHasWork: () => inbox.poke(),
    somethingChanged,
    heard: (concern) => {
      if (concern === 'comments' || concern === 'issues') listen();
      if (concern === 'issues') questions.boardNow();
      if (concern === 'checks') look.checks();
      if (concern === 'checks' || concern === 'pull-requests') planning.poke();
      if (concern === 'pull-requests' && synthesizes(picture) && !inbox.crowded()) ground.ahead?.expect();
      if (concern === 'anything') somethingChanged();
    },
    gauge: () => gauge(metrics, store, picture),
    stop: async () => {
      const loops = [inbox, planning, answering, reacting, looking, telling, sweeping];
      const ended = Promise.all([...loops.map((loop) => loop.stop()), ground.ahead?.end()]);
      if (!(await inTime(ended, longestStop))) log('stopped-in-the-middle');
    },
  };
}
