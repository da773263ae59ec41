import { setTimeout as sleep } from 'node:timers/promises';

/** Whether somebody asked this program to end. */
export interface Ending {
  readonly begun: boolean;
  /** Resolves to '' when it begins. */
  asked: Promise<string>;
  /** Rejects when it begins, for what is waited for and then not wanted any more. */
  thrown: Promise<never>;
  /** Waits that many milliseconds, or until it begins. */
  pause(milliseconds: number): Promise<void>;
}

/**
 * Ctrl-C, a stop from outside, or the terminal's end. The first one begins the ending; those that follow change nothing,
 * because a program that is killed while it ends leaves its children behind.
 */
export function endingOnSignals(tell: () => void): Ending {
  let begun = false;
  const waiting = new AbortController();
  const asked = new Promise<string>((resolve) => {
    const begin = () => {
      if (begun) return;
      begun = true;
      waiting.abort();
      tell();
      resolve('');
    };
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, begin);
    // A terminal that is gone takes no more lines; that is no reason to leave anything behind.
    for (const stream of [process.stdout, process.stderr]) stream.on('error', begin);
  });
  const thrown = asked.then(() => Promise.reject(new Error('asked to end')));
  thrown.catch(() => undefined);
  return {
    get begun() {
      return begun;
    },
    asked,
    thrown,
    pause: (milliseconds) => sleep(milliseconds, undefined, { signal: waiting.signal }).catch(() => undefined),
  };
}
