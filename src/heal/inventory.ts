import type { Config } from '../core/config.ts';
import { isGitmendError } from '../core/errors.ts';
import type { Declared } from '../deliver/declared.ts';
import { guestFiles, readGuest } from '../declarations/guest/index.ts';
import type { DeclaredPlace, Inventory, ListedGuest } from '../inventory/index.ts';

/** Lists the guests of one cluster as PVE has them now. */
export type ListGuests = (cluster: string) => Promise<ListedGuest[]>;

/** What is configured, declared and there now. A cluster that does not answer is said, never taken as empty. */
export async function takeInventory(config: Config, head: Declared, list: ListGuests): Promise<Inventory> {
  const live: ListedGuest[] = [];
  const unreachable: { [cluster: string]: string } = {};
  for (const { name } of config.clusters) {
    try {
      live.push(...(await list(name)));
    } catch (error) {
      if (!isGitmendError(error)) throw error;
      unreachable[name] = `${error.code}: ${error.message}`;
    }
  }
  const declared = [...head.tree].flatMap(([file, text]) => placeIn(file, text));
  return { clusters: config.clusters, declared, live, unreachable };
}

/** Each file by itself: of two that claim one guest both are places, and the identity says so. */
function placeIn(file: string, text: string): DeclaredPlace[] {
  const read = guestFiles.test(file) ? readGuest(text, file) : undefined;
  return read?.ok === true ? [{ guest: read.value, line: lineOf(text) }] : [];
}

function lineOf(text: string): number {
  return text.split('\n').findIndex((line) => line.startsWith('vmid:')) + 1;
}
