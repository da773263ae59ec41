import { type DeclaredGuest, isCalled } from '../core/declared-guest.ts';
import type { Json } from '../core/json.ts';
import { sameValue } from '../core/json.ts';
import type { FoundGuest } from './found.ts';

/** One value of a guest's file, as it is written and as it is in Proxmox VE. `to` is absent where it goes. */
export interface FieldEdit {
  path: readonly (string | number)[];
  /** `disk.size` */
  field: string;
  from?: Json;
  to?: Json;
}

/**
 * What a file says otherwise than Proxmox VE does, field by field; or why nothing of it can be held against it. Tags are
 * only added: a file may have some of its own, and they decide who approves. `carries` is nobody's but the file's.
 */
export function differencesOf(declared: DeclaredGuest, found: FoundGuest): FieldEdit[] | string {
  if (!isCalled(declared.name, found.called))
    return `is called ${found.called} in Proxmox VE, so it may be another guest: rename one of them, or remove ${declared.file}`;
  return [
    ...fieldEdits(declared, found),
    ...networkEdits(declared, found),
    ...more(declared.tags, found.tags, 'tags'),
    ...more(declared.leave, found.leave, 'leave'),
  ];
}

function fieldEdits(declared: DeclaredGuest, found: FoundGuest): FieldEdit[] {
  const top = (['node', 'cores', 'memory', 'swap'] as const).map((field) =>
    edit([field], declared[field], found[field]),
  );
  const disk = (['storage', 'size'] as const).map((field) =>
    edit(['disk', field], declared.disk[field], found.disk[field]),
  );
  return [...top, ...disk].flat();
}

/** Where the address is set inside the guest, Proxmox VE does not know it: what the file says is kept. */
function networkEdits({ network: was }: DeclaredGuest, { network: is, addressing }: FoundGuest): FieldEdit[] {
  const bridge = edit(['network', 'bridge'], was.bridge, is.bridge);
  if (addressing === 'inside') return bridge;
  return [
    ...bridge,
    ...edit(['network', 'address'], was.address, is.address),
    ...edit(['network', 'gateway'], was.gateway, is.gateway),
  ];
}

function edit(path: readonly string[], from: Json | undefined, to: Json | undefined): FieldEdit[] {
  if (from === to) return [];
  const sides = { ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) };
  return [{ path, field: path.join('.'), ...sides }];
}

/** What a list lacks, behind what it has. */
function more(was: readonly string[] | undefined, is: readonly string[] | undefined, field: string): FieldEdit[] {
  const missing = (is ?? []).filter((one) => was?.includes(one) !== true);
  if (missing.length === 0 || sameValue([...(was ?? [])], [...(is ?? [])])) return [];
  return [{ path: [field], field, from: [...(was ?? [])], to: [...(was ?? []), ...missing] }];
}
