import { type Area, areaOf, areas } from '../core/area.ts';
import { type Refusal, refusal, type Tree } from '../core/change-set.ts';
import type { Config } from '../core/config.ts';
import type { Declared } from './declared.ts';
import type { Difference } from './difference.ts';

/** Whether the rules in force have something done with an area; otherwise its files are only noted. */
const switchedOn: { readonly [area in Area]: (config: Config) => boolean } = {
  ansible: ({ ansible }) => ansible !== undefined,
  stacks: ({ terraform }) => terraform?.stackCode === 'sandbox',
};

/** The areas that the configuration of these rules switches on. */
export function areasIn({ config }: Pick<Declared, 'config'>): Area[] {
  return config === undefined ? [] : areas.filter((area) => switchedOn[area](config));
}

/**
 * The areas whose applied state a merge moves: those that it changes and that are switched on by the rules in force, and
 * those that its own rules switch on. Such a one is taken as it is, like everything at the adoption: a check or a plan
 * shows whatever it would do later.
 */
export function areasMoved(
  { areas: changed, rules: ruleFiles }: Pick<Difference, 'areas' | 'rules'>,
  { rules, after }: { rules: Pick<Declared, 'config'>; after: Pick<Declared, 'config'> },
): Area[] {
  const on = areasIn(rules);
  const fresh = ruleFiles.length === 0 ? [] : areasIn(after).filter((area) => !on.includes(area));
  return areas.filter((area) => fresh.includes(area) || (on.includes(area) && changed[area].length > 0));
}

/** Of each area that a difference changes and the rules in force switch on, the files as they were applied last. */
export function appliedAreas(
  at: ReadonlyMap<Area, Pick<Declared, 'tree'>>,
  { areas: changed }: Pick<Difference, 'areas'>,
): Map<Area, Tree> {
  const touched = [...at].filter(([area]) => changed[area].length > 0);
  return new Map(touched.map(([area, { tree }]) => [area, tree]));
}

/** The files of one area that differ between two trees, sorted. */
export function areaPaths(area: Area, a: Tree, b: Tree): string[] {
  const all = new Set([...a.keys(), ...b.keys()]);
  return [...all].filter((path) => areaOf(path) === area && a.get(path) !== b.get(path)).sort();
}

/**
 * What reached the default branch in an area past an approved pull request must not ride along with one that changes the
 * area: each such file has to be again what was applied last.
 */
export function unapprovedAreas(
  { before, after }: { before: Pick<Declared, 'tree'>; after: Pick<Declared, 'tree'> },
  applied: ReadonlyMap<Area, Tree>,
): Refusal[] {
  return [...applied].flatMap(([area, tree]) => {
    const unsettled = areaPaths(area, before.tree, tree);
    const stuck = unsettled.filter((path) => after.tree.get(path) !== tree.get(path));
    if (stuck.length === 0) return [];
    const message = `${stuck.join(', ')} on the default branch was never applied by an approved pull request`;
    return [
      refusal('base-unapproved', message, 'first bring these files back to what was applied, then propose them anew'),
    ];
  });
}
