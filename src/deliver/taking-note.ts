import { areasMoved } from './areas.ts';
import type { Declared } from './declared.ts';
import type { Unit } from './units.ts';
import type { Ground } from './world.ts';

/**
 * Whether a merge of gitmend's own pull request does nothing but take note of guests: no rules, no request, no file of an
 * area that is switched on, no guest less, and nothing that only a file says (`carries`). Whatever else it declares is held
 * against what is live before it counts.
 */
export async function takesNote(
  world: Ground,
  rules: Declared,
  { pullRequest: pr, difference, operations, to }: Unit,
): Promise<boolean> {
  if (pr === undefined || pr.author !== world.forge.self || pr.fork) return false;
  const { fields, added, removed, rules: ruleFiles, operations: requests } = difference;
  const more = [removed, ruleFiles, operations, requests.added, requests.edited];
  if (more.some((list) => list.length > 0)) return false;
  const carried = [...fields.values()].some((names) => names.includes('carries'));
  if (carried || added.some(({ carries }) => carries.length > 0)) return false;
  return areasMoved(difference, { rules, after: await world.declaredAt(to) }).length === 0;
}
