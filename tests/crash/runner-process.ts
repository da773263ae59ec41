import { openGround } from '../../src/cli/ground.ts';
import { runnerPass } from '../../src/pipeline/deliver.ts';
import { hooked } from '../support/points.ts';
import { testClock } from '../support/test-clock.ts';

/** What the parent asks of one runner process. */
export interface Order {
  /** A clone of the infrastructure repository. */
  directory: string;
  /** Milliseconds since the epoch: when this process believes to begin. */
  now: number;
  /** The point at which it kills itself with SIGKILL: before which call to the world, counted from 1; 0: it lives on. */
  killAt: number;
}

/** What a runner process says to its parent. */
export type Message =
  /** Its time went on; it waits until the parent's has, too. */
  | { now: number }
  /** It came to its end: the points that it passed, in order, and what its passes said. */
  | { points: string[]; said: string[] };

process.once('message', (order: Order) => void play(order));

async function play({ directory, now, killAt }: Order): Promise<void> {
  const clock = testClock(now);
  const points: string[] = [];
  const ground = await openGround({
    directory,
    role: 'write',
    account: 'gitmend',
    env: process.env,
    clock,
    log: () => undefined,
  });
  const mortal = hooked(ground, (point) => {
    // After one call and before the next is one moment for everybody else: what differs dies with the process.
    if (!point.startsWith('before')) return;
    points.push(point);
    // Nothing of this process runs after that: no `finally`, no exit handler, no answer to its parent.
    if (points.length === killAt) process.kill(process.pid, 'SIGKILL');
  });
  const said: string[] = [];
  for (let pass = 0; pass < 50; pass += 1) {
    const { events, waiting, next } = await runnerPass(mortal);
    said.push(...events, ...waiting.map((why) => `waiting: ${why}`));
    if (next === undefined) break;
    clock.reach(next);
    await tell({ now: clock.now() });
  }
  process.send?.({ points, said } satisfies Message, () => process.disconnect());
}

/** Tells the parent and waits for its word. */
function tell(message: Message): Promise<void> {
  return new Promise((resolve) => {
    process.once('message', () => resolve());
    process.send?.(message);
  });
}
