import { readFileSync } from 'node:fs';
import { getPriority, setPriority } from 'node:os';
import type { FromHand } from './hand.ts';

/** Of setpriority(2): behind the door, and before what is done at leisure. A heal must end long before its lease. */
const nicer = 5;
/** What setpriority(2) knows; a higher one is cut to it. */
const nicest = 19;

/**
 * This thread, and every git that it starts, comes after the one that answers the door, however nice that one is. Linux
 * knows threads by numbers of their own, and setpriority(2) takes them; elsewhere they stay equals, which is logged.
 */
export function stepAside(say: (said: FromHand) => void): void {
  try {
    const thread = Number.parseInt(readFileSync('/proc/thread-self/stat', 'utf8'), 10);
    setPriority(thread, Math.min(getPriority() + nicer, nicest));
  } catch (error) {
    // No reason not to heal; but whoever wonders why the door is slow shall know.
    say({ say: 'log', line: ['storm-thread-not-nicer', { message: (error as Error).message }, 'warn'] });
  }
}
