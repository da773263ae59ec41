import { type Refusal, refusal } from '../core/change-set.ts';
import type { DeclaredGuest } from '../core/declared-guest.ts';
import type { Backup, LiveGuest } from '../core/guest.ts';
import { printGuestTarget } from '../core/target.ts';
import { againstDestroying } from '../declarations/guest/index.ts';
import { backupsFor } from './backups.ts';
import { readTargets } from './find-steps.ts';
import { withTies } from './ties.ts';
import type { Truth } from './truth.ts';
import type { World } from './world.ts';

/** A guest whose file is to go. Without `live` it is gone already, and only its file goes. */
export interface Destroying {
  guest: DeclaredGuest;
  live?: LiveGuest;
  backup?: Backup;
  /** All that keeps it from being destroyed. */
  against: readonly Refusal[];
}

/** What destroying these guests needs, and what of it is there now. Reads only. */
export async function destroying(
  world: World,
  { applied }: Pick<Truth, 'applied'>,
  guests: readonly DeclaredGuest[],
): Promise<Destroying[]> {
  const targets = guests.map(printGuestTarget);
  const lives = await withTies(world, { removed: guests }, await readTargets(world, targets));
  const backups = await backupsFor(world, { removed: guests }, lives);
  return guests.map((guest) => {
    const target = printGuestTarget(guest);
    const [live, backup] = [lives.get(target), backups.get(target)];
    if (live === undefined) return { guest, against: [] };
    const seen = { guest, live, ...(backup === undefined ? {} : { backup }) };
    const stays = applied.targets[target] === undefined;
    return { ...seen, against: stays ? [neverApplied(guest, live)] : againstDestroying(guest, live, backup) };
  });
}

/** Removing its file would only make gitmend forget it. */
function neverApplied({ name, file }: DeclaredGuest, { type, vmid }: LiveGuest): Refusal {
  return refusal(
    'base-unapproved',
    `${name} was never applied as ${file} declares it, so without the file ${type}/${vmid} would stay`,
    'first settle it: gitmend status shows the ways out',
  );
}
