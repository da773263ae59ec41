import type { DeclaredGuest } from '../core/declared-guest.ts';
import { type GuestTarget, printGuestTarget } from '../core/target.ts';
import type { DeclaredPlace } from './inventory.ts';

export type DeclaredOnce = { once: true; guest: DeclaredGuest } | { once: false; rule: string; message: string };

/** The one declaration of a guest; none or several is a reason that names the guest or the places. */
export function declaredOnce(guest: GuestTarget, declared: readonly DeclaredPlace[]): DeclaredOnce {
  // A vmid is given once per cluster, to a container or to a VM: a second type under the same number is a second place.
  const places = declared.filter((place) => place.guest.cluster === guest.cluster && place.guest.vmid === guest.vmid);
  const [only] = places;
  const target = printGuestTarget(guest);
  if (only === undefined) {
    return { once: false, rule: 'not-declared', message: `${target} is declared nowhere in guests/` };
  }
  if (places.length > 1) {
    return {
      once: false,
      rule: 'declared-twice',
      message: `${target} is declared in several places: ${placesOf(places)}`,
    };
  }
  if (only.guest.type !== guest.type) {
    const message = `${target} is declared nowhere: ${placesOf(places)} declares ${only.guest.type}/${guest.vmid}`;
    return { once: false, rule: 'not-declared', message };
  }
  return { once: true, guest: only.guest };
}

function placesOf(places: readonly DeclaredPlace[]): string {
  return places.map(({ guest, line }) => (line > 0 ? `${guest.file}:${line}` : guest.file)).join(', ');
}
