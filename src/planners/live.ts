import type { Json } from '../core/json.ts';
import { sameValue } from '../core/json.ts';
import { printChange } from '../texts/words.ts';
import type { Look, LookInput } from './predicate.ts';

/** The part that every predicate shares: the guest runs, and what was applied is what is live. `undefined`: both hold. */
export function notAsApplied({
  live,
  expected,
  observed,
}: Pick<LookInput, 'live' | 'expected'> & { observed: { [name: string]: Json } }): Look | undefined {
  const look = (state: Look['state'], why: string): Look => ({ state, why, observed, notObserved: [] });
  if (live.status === 'unknown') return look('cannot-tell', `Proxmox VE does not say whether ${live.name} runs`);
  if (live.status !== 'running') return look('fails', `${live.name} does not run: it is ${live.status}`);
  for (const [field, wanted] of Object.entries(expected)) {
    const now = live.running[field as keyof typeof live.running];
    if (sameValue(now, wanted)) continue;
    return look('fails', `what is live is no longer what was applied: ${printChange(field, wanted, now)}`);
  }
  return undefined;
}
