import { flushCompileCache } from 'node:module';
import { firstPicture } from './first-picture.ts';
import type { Loops, LoopsSetup } from './loops.ts';

/** Milliseconds that whoever waited for the start is answered first. */
const courtesy = 50;

/**
 * The loops, loaded and begun a moment after requests are served: diagnosing and planning is a third of the program, and a
 * delivery that comes before it is there waits in the store as every other one does.
 */
export function lateLoops(setup: LoopsSetup): Loops {
  const first = firstPicture(setup.clock.now());
  let loops: Loops | undefined;
  let asked = false;
  const begin = Promise.withResolvers<boolean>();
  const timer = setTimeout(() => begin.resolve(true), courtesy);
  const begun = begin.promise.then(async (wanted) => {
    if (!wanted) return;
    const { startLoops } = await import('./loops.ts');
    loops = startLoops(setup);
    if (asked) loops.somethingChanged();
    await setup.metrics.load();
    // Everything is compiled by now. Kept at once and not only at the end: one that is killed has no end.
    flushCompileCache();
  });
  // A part of the program that cannot be loaded is no state to go on in.
  begun.catch((error: unknown) => {
    setup.log('loop-failed', { loop: 'all', message: error instanceof Error ? error.message : String(error) }, 'error');
    process.exitCode = 1;
    process.kill(process.pid, 'SIGTERM');
  });
  return {
    picture: () => loops?.picture() ?? first,
    // Both look at once when they begin.
    inboxHasWork: () => loops?.inboxHasWork(),
    somethingChanged: () => (loops === undefined ? (asked = true) : loops.somethingChanged()),
    heard: (concern) => (loops === undefined ? (asked = true) : loops.heard(concern)),
    gauge: async () => loops?.gauge(),
    stop: async () => {
      clearTimeout(timer);
      begin.resolve(false);
      await begun.catch(() => undefined);
      await loops?.stop();
    },
  };
}
