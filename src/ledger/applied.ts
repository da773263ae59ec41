import type { Area } from '../core/area.ts';
import { canonical } from '../core/json.ts';
import type { DeclaredGuest, GuestField } from '../core/declared-guest.ts';
import type { Target } from '../core/target.ts';
import type { Repository } from '../git/repository.ts';

export const appliedRef = 'refs/gitmend/applied';

/** Per target the declaration that was applied last and by which merge, and the rules in force. */
export interface Applied {
  version: 1;
  /** Commit whose gitmend.yaml, policies and CA files are in force. */
  rules: string;
  targets: { readonly [target: Target]: { declaration: DeclaredGuest; merge: string } };
  /** By which merge an area was applied last; one that is missing is as of the adoption. */
  areas?: { readonly [area in Area]?: string };
}

/** One thing that became applied: which fields of which targets, as this commit declares them. */
export interface AppliedChange {
  merge: string;
  fields: { readonly [target: Target]: readonly string[] };
  rules?: boolean;
  /** Areas that are applied as of this merge. */
  areas?: readonly Area[];
}

/** What a commit declares, by target. */
export type DeclaredAt = (commit: string) => Promise<ReadonlyMap<Target, DeclaredGuest>>;

/**
 * What follows from these changes, taken in the order of the default branch (`order`: its first parents, oldest
 * first), whatever the order in which their runs ended. The values come from the history of the default branch; a
 * record only says that they were applied.
 */
export async function foldApplied(
  changes: readonly AppliedChange[],
  order: readonly string[],
  declaredAt: DeclaredAt,
): Promise<Applied | undefined> {
  let state: Applied | undefined;
  const rank = ({ merge }: AppliedChange) => order.indexOf(merge);
  for (const { merge, fields, rules, areas = [] } of [...changes].sort((a, b) => rank(a) - rank(b))) {
    const declared = await declaredAt(merge);
    const targets = { ...state?.targets };
    for (const [target, names] of Object.entries(fields)) {
      const after = declared.get(target);
      if (after === undefined) {
        // eslint-disable-next-line @typescript-eslint/no-dynamic-delete -- the copy of this fold alone
        delete targets[target];
        continue;
      }
      const before = targets[target]?.declaration;
      targets[target] = { declaration: before === undefined ? after : pick(before, after, names), merge };
    }
    const moved = { ...state?.areas, ...Object.fromEntries(areas.map((area) => [area, merge])) };
    state = {
      version: 1,
      rules: state === undefined || rules === true ? merge : state.rules,
      targets,
      ...(Object.keys(moved).length === 0 ? {} : { areas: moved }),
    };
  }
  return state;
}

/**
 * The commit whose rules were in force before a merge, by what the records say. `undefined` where the merge is not in
 * `order`, or nothing came before it.
 */
export function rulesBefore(
  changes: readonly AppliedChange[],
  order: readonly string[],
  merge: string,
): string | undefined {
  const [first] = changes;
  const at = order.indexOf(merge);
  return order
    .slice(0, Math.max(at, 0))
    .findLast((commit) =>
      changes.some((change) => change.merge === commit && (change === first || change.rules === true)),
    );
}

/** The commit that an area was applied as before a merge, by what the records say; the first of them is the adoption. */
export function areaBefore(
  changes: readonly AppliedChange[],
  order: readonly string[],
  merge: string,
  area: Area,
): string | undefined {
  const moved = new Set(changes.filter(({ areas }) => areas?.includes(area)).map((change) => change.merge));
  return order.slice(0, Math.max(order.indexOf(merge), 0)).findLast((commit) => moved.has(commit)) ?? changes[0]?.merge;
}

function pick(before: DeclaredGuest, after: DeclaredGuest, names: readonly string[]): DeclaredGuest {
  const merged: { [field: string]: unknown } = { ...before, file: after.file };
  for (const name of names) merged[name] = after[name as GuestField];
  return merged as unknown as DeclaredGuest;
}

/** The pointer as it stands in git, with the commit that holds it; `value` is missing where it cannot be read. */
export async function readApplied(repo: Repository): Promise<{ tip: string; value?: Applied } | undefined> {
  const tip = await repo.tip(appliedRef);
  if (tip === undefined) return undefined;
  try {
    const text = (await repo.tree(tip)).get('applied.json') ?? '';
    return { tip, value: JSON.parse(text) as Applied };
  } catch {
    return { tip };
  }
}

/** Moves the pointer by a push that demands the old one. `false` when somebody else moved it. */
export async function moveApplied(
  repo: Repository,
  from: string | undefined,
  value: Applied,
  at: number,
  why: string,
): Promise<boolean> {
  const tree = await repo.writeTree(undefined, new Map([['applied.json', canonical(value) + '\n']]));
  const commit = await repo.commit({ tree, parents: from === undefined ? [] : [from], message: why + '\n', at });
  return repo.push([{ ref: appliedRef, from: from ?? null, to: commit }]);
}
