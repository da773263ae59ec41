import type { DeclaredGuest } from '../core/declared-guest.ts';
import type { Backup, LiveGuest } from '../core/guest.ts';
import type { PlanRecord } from '../core/plan.ts';
import { parseGuestTarget, printGuestTarget, type Target } from '../core/target.ts';
import type { World } from './world.ts';

/** Milliseconds that a backup is fresh enough for a destruction to be proposed on it. */
const fresh = 24 * 3600 * 1000;

/**
 * The backup that each removed guest may be destroyed by: the newest of the last day. For a run the very one that was
 * approved, however old it has become, as long as Proxmox VE still lists it as ended well.
 */
export async function backupsFor(
  world: Pick<World, 'backup' | 'clock'>,
  { removed }: { readonly removed: readonly DeclaredGuest[] },
  live: ReadonlyMap<Target, LiveGuest>,
  approved?: PlanRecord,
): Promise<Map<Target, Backup>> {
  const found = new Map<Target, Backup>();
  for (const target of removed.map(printGuestTarget)) {
    const [identity, guest] = [parseGuestTarget(target), live.get(target)];
    if (identity === undefined || guest === undefined) continue;
    const wanted = approvedFor(approved, target);
    const which = wanted === undefined ? { since: world.clock.now() - fresh } : { upid: wanted };
    const one = await world.backup(identity, guest.node, which);
    if (one !== undefined) found.set(target, one);
  }
  return found;
}

function approvedFor(plan: PlanRecord | undefined, target: Target): string | undefined {
  const step = plan?.steps.find((one) => one.target === target);
  return step?.action.kind === 'destroy-guest' ? step.action.backup : undefined;
}
