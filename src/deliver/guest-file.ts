import { stringify } from 'yaml';
import type { DeclaredGuest } from '../core/declared-guest.ts';
import type { LiveGuest } from '../core/guest.ts';
import { sizeFields } from '../declarations/guest/index.ts';

/** A guest with the sizes that it has live, where it declares them. */
export function guestAsLeft(guest: DeclaredGuest, live: LiveGuest | undefined): DeclaredGuest {
  const sizes = sizeFields.flatMap((field) => {
    // What waits for a restart too: the provider reads the configuration, not what runs, and would take it back.
    const now = live?.pending[field] ?? live?.running[field];
    return now === undefined || guest[field] === undefined ? [] : [[field, now] as const];
  });
  return { ...guest, ...Object.fromEntries(sizes) };
}

/** A guest's file for a synthesis; `live`: its sizes are those. */
export function printGuest(guest: DeclaredGuest, live: LiveGuest | undefined): string {
  const declared: Omit<DeclaredGuest, 'file'> & { file?: string } = guestAsLeft(guest, live);
  delete declared.file;
  return stringify(declared);
}
