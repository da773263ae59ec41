import { Worker } from 'node:worker_threads';
import { type ErrorCode, GitmendError } from '../core/errors.ts';
import type { Healed } from '../pipeline/heal.ts';
import type { ServeLog } from './log.ts';
import type { Metrics } from './metrics.ts';

/** A second thread that heals, while the first one answers. */
export interface Hand {
  /**
   * As `healDelivery`: its coded errors are thrown here. Throws an error without a code when the thread itself is of no use,
   * and HandHung when it said nothing for too long: then it is ended already.
   */
  heal(payloads: readonly string[]): Promise<Healed[]>;
  stop(): Promise<void>;
}

/** What the thread needs to open for itself what the first one has open: all of it can be copied. */
export interface HandSetup {
  directory: string;
  account: string;
  env: { readonly [name: string]: string | undefined };
}

/** What the thread says while it heals, and how that ended. */
export type FromHand =
  /** One more fault is diagnosed: nothing else is said of most of them. */
  | { say: 'at-work' }
  | { say: 'log'; line: Parameters<ServeLog> }
  | { say: 'forge-write'; intent: string; result: string }
  | { say: 'healed'; results: Healed[] }
  | { say: 'failed'; code: ErrorCode; message: string; stack: string | undefined }
  /** It could not open what it needs. */
  | { say: 'unusable'; message: string };

export interface HandListener {
  log: ServeLog;
  metrics: Pick<Metrics, 'forgeWrites'>;
}

/** The thread came to no end: what it was at may be why, so nobody is to try that again beside others. */
export class HandHung extends Error {}

/** What is asked of a thread; a test has one of its own. */
export type HandThread = Pick<Worker, 'on' | 'once' | 'postMessage' | 'terminate'>;

/**
 * Milliseconds in which a thread that heals says nothing, neither a line nor an end, before it is ended: it works far less
 * between two of them, and the lease of what it heals is 300 s, renewed for as long as it is waited for.
 */
const longestSilence = 240_000;
/** Milliseconds that a thread that was let go may take to leave. */
const longestFarewell = 5_000;

function startThread(setup: HandSetup): HandThread {
  return new Worker(new URL('hand-thread.ts', import.meta.url), { workerData: setup });
}

/**
 * Takes the thread on. It opens a forge and the mirror for itself, as another replica would, with the same read credentials, and
 * never the store: two writers of one file would wait for each other. It costs some 45 MiB while it is there.
 */
export function openHand(setup: HandSetup, { log, metrics }: HandListener, start = startThread): Hand {
  const thread = start(setup);
  let asked: PromiseWithResolvers<Healed[]> | undefined;
  let broken: Error | undefined;
  const breakWith = (error: Error): void => {
    broken ??= error;
    asked?.reject(broken);
  };
  const silence = watchSilence(() => {
    breakWith(new HandHung(`the thread that heals said nothing for ${longestSilence / 1000} s`));
    void thread.terminate();
  });
  thread.on('message', (said: FromHand) => {
    silence.heard();
    if (said.say === 'at-work') return;
    if (said.say === 'log') log(...said.line);
    else if (said.say === 'forge-write') metrics.forgeWrites.inc({ intent: said.intent, result: said.result });
    else if (said.say === 'healed') asked?.resolve(said.results);
    else if (said.say === 'unusable') asked?.reject(new Error(said.message));
    else asked?.reject(failureFrom(said));
  });
  thread.once('error', breakWith);
  const ended = new Promise<void>((resolve) => {
    thread.once('exit', () => {
      breakWith(new Error('the thread that heals has ended'));
      resolve();
    });
  });
  return {
    heal: async (payloads) => {
      if (broken !== undefined) throw broken;
      asked = Promise.withResolvers<Healed[]>();
      silence.begin();
      thread.postMessage(payloads);
      return asked.promise.finally(silence.end);
    },
    stop: async () => {
      thread.postMessage(undefined);
      const late = setTimeout(() => void thread.terminate(), longestFarewell);
      await ended.finally(() => clearTimeout(late));
    },
  };
}

/** Between `begin` and `end`, `broken` is called once nothing was heard for too long. */
function watchSilence(broken: () => void) {
  let timer: NodeJS.Timeout | undefined;
  return {
    begin: () => void (timer = setTimeout(broken, longestSilence)),
    heard: () => void timer?.refresh(),
    end: () => {
      clearTimeout(timer);
      timer = undefined;
    },
  };
}

function failureFrom({ code, message, stack }: Extract<FromHand, { say: 'failed' }>): GitmendError {
  const failure = new GitmendError(code, message);
  // Where it happened, not where it was heard of.
  if (stack !== undefined) failure.stack = stack;
  return failure;
}
