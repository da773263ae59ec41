import { isGitmendError } from '../core/errors.ts';
import { printGuestTarget } from '../core/target.ts';
import type { ListedGuest } from '../inventory/index.ts';
import { listed as inWords } from '../texts/words.ts';
import type { Truth } from './truth.ts';
import type { World } from './world.ts';

/** Guests of the clusters that the rules name and that no file declares. Only reads; throws what Proxmox VE answers. */
export async function undeclaredGuests(world: World, truth: Truth): Promise<ListedGuest[]> {
  const clusters = truth.rules.config?.clusters ?? [];
  return (await Promise.all(clusters.map(({ name }) => undeclaredIn(world, truth, name)))).flat();
}

/** Those of one cluster. */
export async function undeclaredIn(world: World, { head }: Truth, cluster: string): Promise<ListedGuest[]> {
  return (await world.listGuests(cluster)).filter((guest) => !head.guests.has(printGuestTarget(guest)));
}

/**
 * The same in one line, without templates; `undefined` where there are none, or where it cannot be said: a file that cannot
 * be read may declare any of them.
 */
export async function undeclaredWords(world: World, truth: Truth): Promise<string | undefined> {
  const { faults } = truth.head;
  if (faults.some(({ file, severity }) => severity === 'fault' && file.startsWith('guests/'))) return undefined;
  try {
    const guests = (await undeclaredGuests(world, truth)).filter(({ template }) => template !== true);
    if (guests.length === 0) return undefined;
    const named = guests.slice(0, 5).map(({ name, type, vmid, node }) => `${name} (${type}/${vmid} on ${node})`);
    const more = guests.length > named.length ? [`${guests.length - named.length} more`] : [];
    const verb = guests.length === 1 ? 'is' : 'are';
    return `${inWords([...named, ...more])} ${verb} in no file; gitmend import opens the pull request that declares what can be`;
  } catch (error) {
    if (!isGitmendError(error) || !error.code.startsWith('PVE_')) throw error;
    return undefined;
  }
}
