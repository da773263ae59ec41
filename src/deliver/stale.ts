import { type LiveGuest, liveValue } from '../core/guest.ts';
import type { PlanRecord } from '../core/plan.ts';
import type { Target } from '../core/target.ts';

/**
 * Which value moved since the plan: `memory of postgres is 4096 MiB on pve1, no longer the 2048 MiB that this plan
 * started from`. `undefined` where none of the plan's own values did.
 */
export function staleWords(plan: PlanRecord, live: ReadonlyMap<Target, LiveGuest>): string | undefined {
  for (const { target, name, before, changes } of plan.steps) {
    const guest = live.get(target);
    // One that is to be created has no value that could have moved.
    if (guest === undefined && Object.keys(before).length === 0) continue;
    if (guest === undefined) return `${name} is not there any more`;
    for (const [field, was] of Object.entries(before)) {
      const is = liveValue(guest, field);
      const unit = changes.find((change) => change.field === field)?.unit ?? '';
      const words = (value: unknown): string =>
        value === undefined ? 'not set' : `${JSON.stringify(value)}${unit === '' ? '' : ` ${unit}`}`;
      if (is !== was)
        return `${field} of ${name} is ${words(is)} on ${guest.node}, no longer the ${words(was)} that this plan started from`;
    }
  }
  return undefined;
}
