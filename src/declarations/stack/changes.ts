import type { Tree } from '../../core/change-set.ts';
import { shown } from '../../config/words.ts';

/** Which files are stack code: what would run, not what is declared. */
export const stackFiles = /^stacks\//;

/**
 * Changes of stack code between two trees. Such code is never run while it is under review: guests are synthesized by
 * the default branch's code. `says` is the sentence for the comment; '' where no code changed.
 */
export function stackChanges(before: Tree, after: Tree): { files: string[]; says: string } {
  const all = [...new Set([...before.keys(), ...after.keys()])].filter((path) => stackFiles.test(path));
  const files = all.filter((path) => before.get(path) !== after.get(path)).sort();
  if (files.length === 0) return { files, says: '' };
  const named = files.slice(0, 3).map(shown).join(', ');
  const rest = files.length > 3 ? ` and ${files.length - 3} more` : '';
  const says = `Stack code changes here (${named}${rest}) and was not run: what is shown was synthesized by the default branch's code. It runs from the merge on.`;
  return { files, says };
}
