import type { DeclaredGuest } from '../core/declared-guest.ts';
import type { LiveGuest } from '../core/guest.ts';
import { printGuestTarget, type Target } from '../core/target.ts';
import type { World } from './world.ts';

/** What is live, with what ties the guests that are to go to their cluster. Asked of no other: each costs two requests. */
export async function withTies(
  world: Pick<World, 'ties'>,
  { removed }: { readonly removed: readonly DeclaredGuest[] },
  live: ReadonlyMap<Target, LiveGuest>,
): Promise<Map<Target, LiveGuest>> {
  const tied = new Map(live);
  for (const guest of removed) {
    const target = printGuestTarget(guest);
    const now = live.get(target);
    if (now !== undefined) tied.set(target, { ...now, ties: await world.ties(guest) });
  }
  return tied;
}
