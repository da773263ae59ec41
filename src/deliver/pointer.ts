import { GitmendError } from '../core/errors.ts';
import { sameValue } from '../core/json.ts';
import type { Finding } from '../core/outcome.ts';
import {
  type Applied,
  type AppliedChange,
  appliedRef,
  type DeclaredAt,
  foldApplied,
  moveApplied,
  readApplied,
} from '../ledger/applied.ts';
import type { Ground } from './world.ts';

/** The pointer as it counts, the commit that holds it, and what was found amiss with it. */
export interface Pointer {
  applied: Applied;
  tip: string;
  findings: { finding: Finding; message: string }[];
}

/**
 * The pointer says what follows from the records, or also what a run in its verification has applied already. A crash
 * leaves it one or two steps behind; anything else was written by somebody else.
 */
export async function checkedPointer(
  world: Ground,
  changes: AppliedChange[],
  past: AppliedChange[],
  order: readonly string[],
): Promise<Pointer> {
  const fold = (some: AppliedChange[]) => foldApplied(some, order, guestsAt(world));
  const now = await fold([...changes, ...past]);
  const settled = await fold(changes);
  if (now === undefined) throw new GitmendError('INTERNAL', 'a repository with records has an applied state');
  const stored = await readApplied(world.repo);
  // One that is behind by runs whose records are not written yet is moved by those runs themselves.
  if (stored !== undefined && [now, settled].some((state) => sameValue(stored.value, state)))
    return { applied: now, tip: stored.tip, findings: [] };
  const behind = stored === undefined ? changes.length === 1 : await isBehind(stored.value, changes, past, fold);
  const was = stored === undefined ? 'was missing' : `(${stored.tip.slice(0, 7)}) did not follow from the records`;
  const message = `${appliedRef} ${was} and was rebuilt from them`;
  if (!behind) world.log('pointer-tampered', { stored: stored?.tip });
  if (
    !(await moveApplied(
      world.repo,
      stored?.tip,
      settled ?? now,
      world.clock.now(),
      behind ? 'follows the records' : message,
    ))
  ) {
    throw new GitmendError('REF_TAKEN', 'another runner moved refs/gitmend/applied');
  }
  const tip = (await world.repo.tip(appliedRef)) ?? '';
  return { applied: now, tip, findings: behind ? [] : [{ finding: 'pointer-tampered', message }] };
}

async function isBehind(
  stored: Applied | undefined,
  changes: AppliedChange[],
  past: AppliedChange[],
  fold: (some: AppliedChange[]) => Promise<Applied | undefined>,
): Promise<boolean> {
  for (const drop of [1, 2]) {
    const before = changes.slice(0, Math.max(changes.length - drop, 1));
    for (const some of [before, [...before, ...past], [...changes, ...past.slice(0, -drop)]]) {
      if (sameValue(stored, await fold(some))) return true;
    }
  }
  return false;
}

/** What each commit of the default branch declares of guests. */
export function guestsAt(world: Pick<Ground, 'declaredAt'>): DeclaredAt {
  return async (commit) => (await world.declaredAt(commit)).guests;
}
