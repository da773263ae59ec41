import { printValues } from '../texts/words.ts';
import { inverseSafe } from './inverse.ts';
import { notAsApplied } from './live.ts';
import { usageSeen } from './memory-use.ts';
import type { Predicate } from './predicate.ts';

/**
 * For changes without a remedy: live equals declared, and it runs. Memory in use is noted and not judged: whether going
 * back would be safe hangs on it, also where a person made the change.
 */
export const defaultPredicate: Predicate = {
  name: 'default',
  words: (_expected, { alert }) => `it runs, what is live stays as declared${alert ? ', and the alert resolves' : ''}`,
  look(input) {
    const usage = usageSeen(input);
    const observed = usage === undefined ? {} : { usage };
    const why = `${input.live.name} runs with ${printValues(input.expected)}`;
    return notAsApplied({ ...input, observed }) ?? { state: 'holds', why, observed, notObserved: [] };
  },
  inverseSafe,
};
