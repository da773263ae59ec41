import { isGitmendError } from '../core/errors.ts';
import type { Picture, Problem } from '../web/view/picture.ts';
import type { LoopsSetup } from './loops.ts';
import { boxes, observe, problemOf, signOfChange } from './observe.ts';

/** Milliseconds. A local forge is asked every second whether anything moved; another one is not to be bothered so. */
const glance = { local: 1_000, remote: 15_000 };
/** The same in a storm: what it moves is known, and what people do pokes. */
const glanceInStorm = 5_000;
/** Milliseconds after which everything is planned again though git and the forge say nothing: the live side may have moved. */
const atLeast = 20_000;

export interface Glances extends LoopsSetup {
  /** Whether signals come in faster than one by one: then what they move is planned when it is time, not every time. */
  crowded: () => boolean;
  take: () => Picture;
  put: (picture: Picture) => void;
}

/** Looks whether anything moved, and plans when it did, when it was asked to, or when it is time. */
export function glances({ ground, store, metrics, log, clock, take, put, crowded }: Glances) {
  let sign = '';
  let cursor: string | undefined;
  let due = 0;
  const plan = async (): Promise<void> => {
    const stop = metrics.planned.startTimer();
    try {
      const next = await observe(ground, store, take());
      // What was diagnosed meanwhile is newer than the picture that was begun before.
      put({ ...next, seen: take().seen });
      metrics.passes.inc({ loop: 'planning', result: 'done' });
    } catch (error) {
      const problem = { ...problemOf(error, clock.now()), ...sinceOf(take(), error) };
      if (take().problem?.message !== problem.message) log('planning-failed', { ...problem }, 'error');
      metrics.passes.inc({ loop: 'planning', result: problem.code });
      put({ ...take(), problem });
    } finally {
      stop();
    }
  };
  const pass = async (): Promise<number> => {
    const now = await signOfChange(ground, cursor).then(
      (seen) => {
        cursor = seen.cursor;
        return seen.sign;
      },
      () => `unreadable ${due}`,
    );
    if ((now !== sign && !crowded()) || clock.now() >= due) {
      // Both are set before: what moves while the pass is under way, its own writes among it, is looked at once more.
      [sign, due] = [now, clock.now() + atLeast];
      await plan();
    } else {
      const counted = await boxes(store);
      put({ ...take(), ...counted });
    }
    const usual = ground.forge.kind === 'local' ? glance.local : glance.remote;
    return crowded() ? Math.max(usual, glanceInStorm) : usual;
  };
  return { pass, again: () => (due = 0) };
}

/** The same trouble as before goes on; another one begins now. */
function sinceOf({ problem }: Picture, error: unknown): Partial<Problem> {
  const code = isGitmendError(error) ? error.code : 'INTERNAL';
  return problem?.code === code ? { since: problem.since } : {};
}
