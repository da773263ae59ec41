import { enableCompileCache } from 'node:module';
import { parentPort, workerData } from 'node:worker_threads';
import type { FromHand, HandSetup } from './hand.ts';
import { stepAside } from './step-aside.ts';

// The entry point of the thread that hand.ts takes on. What it runs is loaded after the cache of what was compiled.
enableCompileCache();
const { handWork } = await import('./hand-work.ts');
if (parentPort === null) throw new Error('this file is the entry point of a thread');
const port = parentPort;
const say = (said: FromHand): void => port.postMessage(said);
stepAside(say);
const heal = handWork(workerData as HandSetup, say);
let line: Promise<void> = Promise.resolve();
// Payloads to heal, or nothing: those were the last.
port.on('message', (payloads: string[] | undefined) => {
  line = line.then(() => (payloads === undefined ? port.close() : heal(payloads)));
});
