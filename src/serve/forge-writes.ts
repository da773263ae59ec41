import type { Forge } from '../forges/forge.ts';
import { isGitmendError } from '../core/errors.ts';

const writes = [
  ...(['ensurePullRequest', 'ensureComment', 'ensureStatus', 'merge', 'close'] as const),
  ...(['ensureIssue', 'react'] as const),
];

/** The same forge; each of its writes is told with its result, so that it can be counted. */
export function countingForge<F extends Forge>(forge: F, tell: (intent: string, result: string) => void): F {
  const counted: { [intent: string]: unknown } = {};
  for (const intent of writes) {
    const original = forge[intent].bind(forge) as (...args: unknown[]) => Promise<unknown>;
    counted[intent] = async (...args: unknown[]) => {
      try {
        const answer = await original(...args);
        tell(intent, 'done');
        return answer;
      } catch (error) {
        tell(intent, isGitmendError(error) ? error.code : 'failed');
        throw error;
      }
    };
  }
  return { ...forge, ...counted };
}
