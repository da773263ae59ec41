import type { DeclaredGuest, GuestField } from '../core/declared-guest.ts';
import type { LiveGuest } from '../core/guest.ts';
import { isGitmendError } from '../core/errors.ts';
import { parseGuestTarget, type Target } from '../core/target.ts';
import { changedFields, liveMatches } from '../declarations/guest/index.ts';
import { readLive, type Truth } from './truth.ts';
import type { World } from './world.ts';

/** One target whose declaration on the default branch was never applied by an approved pull request. */
export interface Divergence {
  target: Target;
  guest: DeclaredGuest;
  /** What was applied last; `undefined` where nothing ever was. */
  applied: DeclaredGuest | undefined;
  fields: GuestField[];
  live: LiveGuest | undefined;
  /** Proxmox VE could not be asked: `live` says nothing. */
  unseen: boolean;
}

/**
 * What the default branch declares otherwise than what was applied, without what is pending. Computed from the truth,
 * so a direct push, a stopped run and a declined way out all end here.
 */
export async function divergences(world: World, truth: Truth): Promise<Divergence[]> {
  const found: Divergence[] = [];
  for (const [target, guest] of truth.head.guests) {
    const applied = truth.applied.targets[target]?.declaration;
    const pending = pendingFields(truth, target);
    const differing =
      applied === undefined ? undefined : changedFields(applied, guest).filter((field) => !pending.has(field));
    if (differing?.length === 0) continue;
    const { live, unseen } = await readNow(world, target);
    const fields =
      differing ?? (live === undefined ? [] : liveMatches(guest, live).map(({ field }) => field as GuestField));
    found.push({ target, guest, applied, fields, live, unseen });
  }
  return found;
}

function pendingFields(truth: Truth, target: Target): Set<GuestField> {
  return new Set(
    truth.units
      .filter(({ approval }) => approval.approved)
      .flatMap(({ difference }) => difference.fields.get(target) ?? []),
  );
}

async function readNow(world: World, target: Target): Promise<Pick<Divergence, 'live' | 'unseen'>> {
  const identity = parseGuestTarget(target);
  try {
    return { live: identity === undefined ? undefined : await readLive(world, identity), unseen: false };
  } catch (error) {
    if (isGitmendError(error)) return { live: undefined, unseen: true };
    throw error;
  }
}
