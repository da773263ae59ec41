import { printValues } from '../texts/words.ts';
import { inverseSafe } from './inverse.ts';
import { notAsApplied } from './live.ts';
import { usageSeen } from './memory-use.ts';
import type { Predicate } from './predicate.ts';

/**
 * For changes without a remedy: live equals declared, and it runs, unless it was stopped and no file asks it to run. Memory in use is noted and not judged: whether going
 * back would be safe hangs on it, also where a person made the change.
 */
export const defaultPredicate: Predicate = {
  name: 'default',
  words: ({ status = 'running' }, { alert, mayRest = false }) => {
    const stays = status === 'stopped' ? 'it stays stopped and' : mayRest ? 'it stays' : 'it runs and stays';
    return `${stays} as declared${alert ? ', and the alert resolves' : ''}`;
  },
  look(input) {
    const usage = usageSeen(input);
    const observed = usage === undefined ? {} : { usage };
    const values = Object.fromEntries(Object.entries(input.expected).filter(([field]) => field !== 'status'));
    const how = input.live.status === 'running' ? 'runs' : `is ${input.live.status}`;
    const why = `${input.live.name} ${how}${Object.keys(values).length === 0 ? '' : ` with ${printValues(values)}`}`;
    return notAsApplied({ ...input, observed }) ?? { state: 'holds', why, observed, notObserved: [] };
  },
  inverseSafe,
};
