import { dirname } from 'node:path';
import type { Clock } from '../core/clock.ts';
import { GitmendError } from '../core/errors.ts';
import type { Forge } from '../forges/forge.ts';
import { type LocalForgeAdmin, openLocalForge } from '../forges/local/index.ts';

export type PersonsForge = Forge & LocalForgeAdmin;

/**
 * The local forge as one person: what they press here is theirs, not gitmend's. Another forge has its own pages, and there
 * this throws FORGE_REFUSED.
 */
export function forgeOfPerson(
  forge: Pick<Forge, 'kind' | 'remote'>,
  clock: Clock,
): (name: string) => Promise<PersonsForge> {
  const opened = new Map<string, Promise<PersonsForge>>();
  return (name) => {
    if (forge.kind !== 'local')
      throw new GitmendError('FORGE_REFUSED', `approve and merge on the pages of ${forge.kind}`);
    const known = opened.get(name) ?? openLocalForge({ folder: dirname(forge.remote), as: name, clock });
    opened.set(name, known);
    // One that could not be opened is tried again by the next press.
    known.catch(() => opened.delete(name));
    return known;
  };
}
