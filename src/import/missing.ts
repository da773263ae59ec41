import { demandSight, type ProxmoxClient } from '../clients/proxmox/index.ts';
import type { DeclaredGuest } from '../core/declared-guest.ts';
import { isGitmendError } from '../core/errors.ts';
import type { FoundGuests } from './found.ts';
import { idOf } from './imported.ts';

/**
 * Guests that are declared in this cluster and were not listed: gone where the token would see them, and otherwise
 * unseen. Only reads.
 */
export async function missingOf(
  client: ProxmoxClient,
  declared: readonly DeclaredGuest[],
  { guests, leftOut }: FoundGuests,
): Promise<Map<DeclaredGuest, 'gone' | { unseen: string }>> {
  const there = new Set([...guests, ...leftOut].map(idOf));
  const missing = new Map<DeclaredGuest, 'gone' | { unseen: string }>();
  for (const guest of declared) {
    const id = idOf(guest);
    if (guest.cluster !== client.cluster || there.has(id)) continue;
    try {
      await demandSight(client, `/vms/${guest.vmid}`, id);
      missing.set(guest, 'gone');
    } catch (error) {
      if (!isGitmendError(error, 'PVE_FORBIDDEN')) throw error;
      missing.set(guest, {
        unseen: `the token lacks VM.Audit on /vms/${guest.vmid}, so whether it is there cannot be seen`,
      });
    }
  }
  return missing;
}
