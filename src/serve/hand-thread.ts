import { readFileSync } from 'node:fs';
import { enableCompileCache } from 'node:module';
import { constants, setPriority } from 'node:os';
import { parentPort, workerData } from 'node:worker_threads';
import type { FromHand, HandSetup } from './hand.ts';

// The entry point of the thread that hand.ts takes on. What it runs is loaded after the cache of what was compiled.
enableCompileCache();
stepAside();
const { handWork } = await import('./hand-work.ts');
if (parentPort === null) throw new Error('this file is the entry point of a thread');
const port = parentPort;
const heal = handWork(workerData as HandSetup, (said: FromHand) => port.postMessage(said));
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
    setPriority(thread, constants.priority.PRIORITY_LOW);
  } catch {
    // A system without it is no reason not to heal.
  }
}
