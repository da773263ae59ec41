import { readFileSync } from 'node:fs';
import { enableCompileCache } from 'node:module';
import { setPriority } from 'node:os';
import { parentPort, workerData } from 'node:worker_threads';
import type { FromHand, HandSetup } from './hand.ts';

// The entry point of the thread that hand.ts takes on. What it runs is loaded after the cache of what was compiled.
enableCompileCache();
const { handWork } = await import('./hand-work.ts');
if (parentPort === null) throw new Error('this file is the entry point of a thread');
const port = parentPort;
/** Of setpriority(2): behind the door, and before what is done at leisure. A heal must end long before its lease. */
const nicer = 5;
const say = (said: FromHand): void => port.postMessage(said);
stepAside();
const heal = handWork(workerData as HandSetup, say);
let line: Promise<void> = Promise.resolve();
// Payloads to heal, or nothing: those were the last.
port.on('message', (payloads: string[] | undefined) => {
  line = line.then(() => (payloads === undefined ? port.close() : heal(payloads)));
});

/**
 * This thread, and every git that it starts, comes after the one that answers the door. Linux knows threads by numbers of
 * their own, and setpriority(2) takes them; elsewhere they stay equals.
 */
function stepAside(): void {
  try {
    const thread = Number.parseInt(readFileSync('/proc/thread-self/stat', 'utf8'), 10);
    setPriority(thread, nicer);
  } catch (error) {
    // No reason not to heal; but whoever wonders why the door is slow shall know.
    say({ say: 'log', line: ['storm-thread-not-nicer', { message: (error as Error).message }, 'warn'] });
  }
}
