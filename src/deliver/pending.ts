import type { Area } from '../core/area.ts';
import type { Difference } from './difference.ts';
import type { Truth } from './truth.ts';

/** Why a difference waits: something merged before it, on the same guest or the same area, has to be applied first. */
export function pendingOn(truth: Truth, difference: Difference, moved: readonly Area[]): string | undefined {
  for (const unit of truth.units.filter(({ approval }) => approval.approved)) {
    const open = truth.journals.some(({ entries: [first] }) => first?.kind === 'begun' && first.merge === unit.to);
    const overlaps = [...difference.fields.keys()].some((target) => unit.difference.fields.has(target));
    const past = open && truth.applied.targets[[...unit.difference.fields.keys()][0] ?? '']?.merge === unit.to;
    if (overlaps && !past) return `#${unit.pullRequest?.number ?? ''} changes the same target and is not applied yet`;
    const area = moved.find((one) => unit.areas.includes(one));
    if (area !== undefined && !(open && truth.applied.areas?.[area] === unit.to))
      return `#${unit.pullRequest?.number ?? ''} changes ${area}/ too and is not applied yet`;
  }
  return undefined;
}
