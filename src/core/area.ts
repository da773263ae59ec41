import type { Target } from './target.ts';

/**
 * What lies beside guests and rules and is applied as a whole: groups of files, each called by its folder, whose last
 * applied state is a commit, exactly as for the rules.
 */
export const areas = ['ansible', 'stacks'] as const;
export type Area = (typeof areas)[number];

/** The area that a file of the repository belongs to; `undefined`: none. */
export function areaOf(path: string): Area | undefined {
  return areas.find((area) => path.startsWith(`${area}/`));
}

/** The area that a target of a step belongs to: `ansible/site`, `stack/guests`. A guest belongs to none. */
export function areaOfTarget(target: Target): Area | undefined {
  if (target.startsWith('ansible/')) return 'ansible';
  return target.startsWith('stack/') ? 'stacks' : undefined;
}
