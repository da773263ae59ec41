import { enableCompileCache } from 'node:module';
import { parentPort, workerData } from 'node:worker_threads';
import type { FromHand, HandSetup } from './hand.ts';

// The entry point of the thread that hand.ts takes on. What it runs is loaded after the cache of what was compiled.
enableCompileCache();
const { handWork } = await import('./hand-work.ts');
if (parentPort === null) throw new Error('this file is the entry point of a thread');
const port = parentPort;
const heal = handWork(workerData as HandSetup, (said: FromHand) => port.postMessage(said));
let line: Promise<void> = Promise.resolve();
// A payload to heal, or nothing: that was the last.
port.on('message', (payload: string | undefined) => {
  line = line.then(() => (payload === undefined ? port.close() : heal(payload)));
});
