import { driftPass } from '../pipeline/drift.ts';
import { isGitmendError } from '../core/errors.ts';
import type { LoopsSetup } from './loops.ts';

/** Milliseconds: what a start has to do goes first; after a failure; and where drift is off, since rules change. */
const pause = { first: 30_000, failed: 60_000, off: 600_000 };

/**
 * Looks for drift as often as the rules in force say, and once more when something new has settled. It is never urgent:
 * what it finds waits for a person anyway.
 */
export function drifting({ ground, metrics, log, clock }: Pick<LoopsSetup, 'ground' | 'metrics' | 'log' | 'clock'>) {
  let begun = false;
  const pass = async (): Promise<number> => {
    if (!begun) {
      begun = true;
      return pause.first;
    }
    try {
      const { next, lines, failed } = await driftPass(ground);
      for (const { word, text } of lines) if (word !== 'unchanged') log('drift-seen', { word, text });
      metrics.passes.inc({ loop: 'drift', result: failed ? 'partly' : 'done' });
      return next === undefined ? pause.off : Math.max(next - clock.now(), 1_000);
    } catch (error) {
      if (!isGitmendError(error)) throw error;
      log('drift-failed', { code: error.code, message: error.message });
      metrics.passes.inc({ loop: 'drift', result: error.code });
      return pause.failed;
    }
  };
  return { pass };
}
