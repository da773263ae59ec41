import type { DeclaredGuest } from '../core/declared-guest.ts';
import { about, type Finding } from './finding.ts';

/** What each part of a guest's life needs of the writing token, as docs/setup-proxmox.md has it. */
interface Part {
  /** What a file of guests/ asks for by it. */
  does: string;
  guest: readonly string[];
  storage: readonly string[];
  /** Whether guests that are declared use it already: then it is missed, and not only left out. */
  used: (guest: DeclaredGuest) => boolean;
}

const never = (): boolean => false;
const parts: readonly Part[] = [
  {
    ...{ does: 'tags: and protection:', guest: ['VM.Config.Options'], storage: [] },
    used: ({ tags, protection }) => tags.length > 0 || protection !== undefined,
  },
  { does: 'node: (a move to another node)', guest: ['VM.Migrate'], storage: ['Datastore.Audit'], used: never },
  {
    ...{ does: 'disk.storage: (a move of a disk)', guest: ['VM.Config.Disk'], used: never },
    storage: ['Datastore.AllocateSpace', 'Datastore.Audit'],
  },
  {
    ...{ does: 'clone: (a new guest from a template)', guest: ['VM.Clone', 'VM.Allocate', 'VM.Config.Disk'] },
    ...{ storage: ['Datastore.AllocateSpace', 'Datastore.Audit'], used: ({ clone }) => clone !== undefined },
  },
  {
    ...{ does: 'destroying a guest', guest: ['VM.Allocate', 'VM.Backup'], storage: [], used: never },
  },
];

/** Privileges that a writing token may have for it. */
export const lifePrivileges: ReadonlySet<string> = new Set(
  parts.flatMap(({ guest, storage }) => [...guest, ...storage]),
);

/** Privileges by path, as Proxmox VE says them of this token. */
export type Held = (path: string) => Promise<{ readonly [privilege: string]: unknown }>;

/**
 * What the writing token is not allowed of the guests' life, part by part, with the command that allows it. Left out on
 * purpose it is no fault: whoever never moves a guest gives no VM.Migrate. `role`: as docs/setup-proxmox.md calls it.
 */
export async function examineLife(
  cluster: string,
  declared: readonly DeclaredGuest[],
  held: Held,
  role = 'GitmendWrite',
): Promise<Finding[]> {
  const { ok, warn } = about(`cluster ${cluster}`);
  const guests = declared.map(({ vmid }) => vmid).sort((a, b) => a - b);
  const storages = [...new Set(declared.map(({ disk }) => `/storage/${disk.storage}`))].sort();
  const found: Finding[] = [];
  for (const { does, guest, storage, used } of parts) {
    const missing = new Map<string, string[]>();
    const lack = async (path: string, wanted: readonly string[]) => {
      const has = await held(path);
      for (const name of wanted) if (!Object.hasOwn(has, name)) missing.set(name, [...(missing.get(name) ?? []), path]);
    };
    for (const vmid of guests) await lack(`/vms/${vmid}`, guest);
    for (const path of storage.length === 0 ? [] : storages) await lack(path, storage);
    if (missing.size === 0) continue;
    const names = [...missing].map(([name, paths]) => `${name} on ${pathsOf(paths)}`).join(', ');
    const command = `pveum role modify ${role} --append 1 --privs '${[...missing.keys()].join(' ')}'`;
    found.push(
      declared.some(used)
        ? warn(`guests declare ${does}, and the write token lacks ${names}`, command)
        : ok(`${does} is not allowed to the write token (${names}); to allow it: ${command}`),
    );
  }
  return found;
}

function pathsOf(paths: readonly string[]): string {
  return paths.length > 2 ? `${paths[0] ?? ''} and ${paths.length - 1} more` : paths.join(' and ');
}
