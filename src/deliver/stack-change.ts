import { type Refusal, refusal } from '../core/change-set.ts';
import { digestOf } from '../core/json.ts';
import { isStackData, isStackPackage } from '../core/stack-files.ts';
import type { Applied } from '../ledger/applied.ts';
import type { Declared } from './declared.ts';
import type { Difference } from './difference.ts';
import { printGuest } from './guest-file.ts';

/** Two syntheses whose difference is what a pull request does to the stacks: guests are as they were applied in both. */
export interface StackChange {
  before: { code: Declared; data: Declared };
  after: { code: Declared; data: Declared };
  applied: Applied['targets'];
}

/** Files of a difference that could make other stacks: their code, and data beside guests that it may read. */
export function stackPaths({ areas, other }: Pick<Difference, 'areas' | 'other'>): string[] {
  return [...areas.stacks, ...[...areas.ansible, ...other].filter(isStackData)].sort();
}

/**
 * The change of stack code that a difference makes, `undefined` where it can make none. `applied`: the code that was
 * applied last. Code that reached the default branch otherwise is no part of either side, unless the difference changes
 * stack code itself, and then it is refused (`unapprovedAreas`).
 */
export function stackChange(
  difference: Difference,
  { applied, code, from, after }: { applied: Applied; code: Declared; from: Declared; after: Declared },
): StackChange | undefined {
  if (stackPaths(difference).length === 0 || stackPackages(difference).length > 0) return undefined;
  const { targets } = applied;
  return {
    before: { code, data: withApplied(from, targets) },
    after: { code: difference.areas.stacks.length === 0 ? code : after, data: withApplied(after, targets) },
    applied: targets,
  };
}

/** A tree whose guests are as they were applied, and no others: what nobody approved of them changes no stack. */
function withApplied(at: Declared, targets: Applied['targets']): Declared {
  const guests = Object.values(targets).map(({ declaration }) => declaration);
  const files = new Map(guests.map((guest) => [guest.file, printGuest(guest, undefined)]));
  const others = [...at.tree].filter(([path]) => !path.startsWith('guests/'));
  const tree = new Map([...others, ...files]);
  return { ...at, commit: `${at.commit} with guests ${digestOf(Object.fromEntries(files))}`, tree };
}

/** Why a pull request may not say which modules stack code runs with. */
export function stackPackages({ areas }: Pick<Difference, 'areas'>): Refusal[] {
  const paths = areas.stacks.filter(isStackPackage);
  if (paths.length === 0) return [];
  const message = `${paths.join(', ')} would change which modules stack code runs with: those are what gitmend brings, or GITMEND_STACK_MODULES of its machine`;
  const next =
    'take these files out; to change them, switch stackCode off by a pull request of its own, merge them, have the machine install by that lock file (npm ci --ignore-scripts), and switch it on again';
  return [refusal('stack-packages', message, next)];
}
