import { setTimeout as sleep } from 'node:timers/promises';

/** Asks again every so many milliseconds. Throws after that many seconds. */
export async function until(holds: () => boolean | Promise<boolean>, seconds: number, pause = 50): Promise<void> {
  const end = performance.now() + seconds * 1000;
  while (!(await holds())) {
    if (performance.now() > end) throw new Error(`what the bench waits for did not happen in ${seconds} s`);
    await sleep(pause);
  }
}
