import { liveValue } from '../core/guest.ts';
import type { Json } from '../core/json.ts';
import { sameValue } from '../core/json.ts';
import { printChange } from '../texts/words.ts';
import type { Look, LookInput } from './predicate.ts';

/** The part that every predicate shares: the guest runs, and what was applied is what is live. `undefined`: both hold. */
export function notAsApplied({
  live,
  expected,
  mayRest = false,
  observed,
}: Pick<LookInput, 'live' | 'expected' | 'mayRest'> & { observed: { [name: string]: Json } }): Look | undefined {
  const look = (state: Look['state'], why: string): Look => ({ state, why, observed, notObserved: [] });
  if (live.status === 'unknown') return look('cannot-tell', `Proxmox VE does not say whether ${live.name} runs`);
  const { status: meant = mayRest ? live.status : 'running', ...values } = expected;
  if (live.status !== meant)
    return look(
      'fails',
      meant === 'running'
        ? `${live.name} does not run: it is ${live.status}`
        : `${live.name} is ${live.status}, and was to be ${JSON.stringify(meant)}`,
    );
  for (const [field, wanted] of Object.entries(values)) {
    const now = liveValue(live, field);
    if (sameValue(now, wanted)) continue;
    return look('fails', `what is live is no longer what was applied: ${printChange(field, wanted, now)}`);
  }
  return undefined;
}
