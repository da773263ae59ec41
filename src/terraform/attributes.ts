import { type Json, sameValue } from '../core/json.ts';
import type { AttributeChange, Shown } from './plan.ts';
import type { RawChange } from './raw.ts';
import type { Secrets } from './secrets.ts';

type Path = readonly (string | number)[];

/** The trees of one change, walked side by side. `unknown` and the marks: `true` counts for all that is below. */
interface Trees {
  before: unknown;
  after: unknown;
  unknown: unknown;
  hiddenBefore: unknown;
  hiddenAfter: unknown;
}

/**
 * What differs between the two sides of a change, leaf by leaf, in the order of the provider's attributes. Secrets are
 * replaced here, at the door: nothing behind it can show one. `live`: both sides were found, and nobody declares them.
 */
export function attributeChanges(change: RawChange, secrets: Secrets, live = false): AttributeChange[] {
  const found: AttributeChange[] = [];
  const forced = change.replace_paths ?? [];
  const trees: Trees = {
    before: change.before ?? undefined,
    after: change.after ?? undefined,
    unknown: change.after_unknown,
    hiddenBefore: change.before_sensitive,
    hiddenAfter: change.after_sensitive,
  };
  walk(trees, [], { secrets, forced, live, found });
  return found;
}

interface Walk {
  secrets: Secrets;
  forced: readonly Path[];
  live: boolean;
  found: AttributeChange[];
}

function walk(trees: Trees, path: Path, context: Walk): void {
  if (trees.unknown !== true && same(trees.before, trees.after) && !holdsTrue(trees.unknown)) return;
  const keys = branches(trees);
  if (keys !== undefined) {
    for (const key of keys) walk(below(trees, key), [...path, key], context);
    return;
  }
  const { secrets, forced, live, found } = context;
  // A whole block stands here where it comes or goes as one: a mark or a name inside it hides all of it.
  const marked = holdsTrue(trees.hiddenBefore) || holdsTrue(trees.hiddenAfter);
  const hidden = marked || holdsSecret(trees.before, path, secrets) || holdsSecret(trees.after, path, secrets);
  // What somebody wrote on the node is a note: an import never reads it, and no plan repeats it.
  const note = isNote(path);
  const before = shownOf(trees.before, hidden || note);
  const after = trees.unknown === true ? 'unknown' : shownOf(trees.after, hidden || (note && live));
  if (before === 'unset' && after === 'unset') return;
  found.push({ path, before, after, forces: forced.some((one) => isAtOrAbove(one, path)) });
}

/** The keys to go on with, where one of the sides is a list or a map and neither is something else. */
function branches({ before, after, unknown, hiddenBefore, hiddenAfter }: Trees): (string | number)[] | undefined {
  if (unknown === true || hiddenBefore === true || hiddenAfter === true) return undefined;
  const sides = [before, after].filter((side) => side !== undefined && side !== null);
  if (sides.length === 0 ? !isTree(unknown) : !sides.every(isTree)) return undefined;
  const keys = [...new Set([...sides, unknown].filter(isTree).flatMap((side) => Object.keys(side)))];
  return Array.isArray(sides[0] ?? unknown) ? keys.map(Number) : keys;
}

function below(trees: Trees, key: string | number): Trees {
  const inner = (tree: unknown): unknown =>
    isTree(tree) ? (tree as { [key: string | number]: unknown })[key] : tree === true;
  const value = (tree: unknown): unknown =>
    isTree(tree) ? ((tree as { [key: string | number]: unknown })[key] ?? undefined) : undefined;
  return {
    before: value(trees.before),
    after: value(trees.after),
    unknown: inner(trees.unknown),
    hiddenBefore: inner(trees.hiddenBefore),
    hiddenAfter: inner(trees.hiddenAfter),
  };
}

function shownOf(value: unknown, hidden: boolean): Shown {
  if (value === undefined || value === null) return 'unset';
  return hidden ? 'sensitive' : { value: value as Json };
}

/** Free text of Proxmox VE's, in which anything may stand: a guest's notes, its environment, raw arguments. */
function isNote([first]: Path): boolean {
  return first === 'description' || first === 'environment_variables' || first === 'kvm_arguments';
}

/** Null and “not there” are the same to Terraform. */
function same(before: unknown, after: unknown): boolean {
  return sameValue(before ?? null, after ?? null);
}

function holdsSecret(value: unknown, path: Path, secrets: Secrets): boolean {
  if (secrets.hides(path, value)) return true;
  return isTree(value) && Object.entries(value).some(([key, inner]) => holdsSecret(inner, [...path, key], secrets));
}

function holdsTrue(tree: unknown): boolean {
  return tree === true || (isTree(tree) && Object.values(tree).some(holdsTrue));
}

/** A forced path names the attribute or the block that holds it. */
function isAtOrAbove(forced: Path, path: Path): boolean {
  return forced.length <= path.length && forced.every((part, at) => String(part) === String(path[at]));
}

function isTree(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
