import { type Area, areaOf } from '../core/area.ts';
import type { Tree } from '../core/change-set.ts';
import type { DeclaredGuest, GuestField } from '../core/declared-guest.ts';
import type { Target } from '../core/target.ts';
import { operationFiles, type OperationPaths, operationPaths } from '../declarations/operation/index.ts';
import { changedFields } from '../declarations/guest/index.ts';
import type { Declared } from './declared.ts';

/** What one tree declares otherwise than another. */
export interface Difference {
  /** Guests declared in both, by the fields that differ. */
  fields: ReadonlyMap<Target, GuestField[]>;
  added: DeclaredGuest[];
  removed: DeclaredGuest[];
  /** gitmend.yaml, policies and CA files: the rules. */
  rules: string[];
  /** Files by area (src/deliver/areas.ts says which are switched on). */
  areas: { readonly [area in Area]: string[] };
  operations: OperationPaths;
  /** Files that nothing is applied from. */
  other: string[];
}

/** Compares two commits by what they declare. */
export function differenceOf(before: Declared, after: Declared): Difference {
  const paths = changedPaths(before.tree, after.tree);
  const fields = new Map<Target, GuestField[]>();
  for (const [target, guest] of after.guests) {
    const old = before.guests.get(target);
    const changed = old === undefined ? [] : changedFields(old, guest);
    if (changed.length > 0) fields.set(target, changed);
  }
  const isRule = ruleTest([before, after]);
  const isOperation = (path: string) => operationFiles.test(path);
  return {
    fields,
    added: [...after.guests].filter(([target]) => !before.guests.has(target)).map(([, guest]) => guest),
    removed: [...before.guests].filter(([target]) => !after.guests.has(target)).map(([, guest]) => guest),
    rules: paths.filter(isRule),
    areas: {
      ansible: paths.filter((path) => areaOf(path) === 'ansible'),
      stacks: paths.filter((path) => areaOf(path) === 'stacks'),
    },
    operations: operationPaths(before.tree, after.tree),
    other: paths.filter(
      (path) => !isRule(path) && !isOperation(path) && areaOf(path) === undefined && !path.startsWith('guests/'),
    ),
  };
}

/**
 * Whether the difference asks for anything: a change of what is declared, of the rules, of an area that is switched on, or an
 * operation.
 */
export function declaresNothing(difference: Difference, on: readonly Area[]): boolean {
  const { fields, added, removed, rules, operations } = difference;
  const counts = [
    fields.size,
    added.length,
    removed.length,
    rules.length,
    operations.added.length,
    operations.edited.length,
    ...on.map((area) => difference.areas[area].length),
  ];
  return counts.every((count) => count === 0);
}

/** Every rule file that any of these commits has. */
export function rulePaths(commits: readonly Declared[]): string[] {
  const paths = new Set(commits.flatMap(({ tree }) => [...tree.keys()]));
  return [...paths].filter(ruleTest(commits)).sort();
}

/** Rules are read from the base (promise 6): configuration, policies, and every CA file that either side names. */
function ruleTest(commits: readonly Declared[]): (path: string) => boolean {
  const authorities = commits.flatMap(({ config }) => config?.clusters.flatMap(({ ca }) => ca ?? []) ?? []);
  return (path) =>
    path === 'gitmend.yaml' || path.startsWith('policies/') || path.startsWith('certs/') || authorities.includes(path);
}

function changedPaths(before: Tree, after: Tree): string[] {
  const all = new Set([...before.keys(), ...after.keys()]);
  return [...all].filter((path) => before.get(path) !== after.get(path)).sort();
}
