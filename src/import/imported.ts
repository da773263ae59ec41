import type { Edits, Tree } from '../core/change-set.ts';
import type { DeclaredGuest } from '../core/declared-guest.ts';
import type { FieldEdit } from './compare.ts';
import type { FoundGuest, FoundGuests } from './found.ts';
import type { InventoryEdit } from './inventory.ts';

/** A guest that a file declares, by the words that a person reads. */
export interface Named {
  name: string;
  /** `lxc/200` */
  id: string;
  file: string;
}

/** What importing a cluster into a tree comes to. Nothing in it is a secret: values are those of declared fields alone. */
export interface Imported {
  edits: Edits;
  /** Files that are new. */
  added: (Named & { node: string })[];
  changed: (Named & { edits: FieldEdit[] })[];
  /** Containers that a state of Terraform has on another node: it must forget them, or would plan to make them anew. */
  forget: string[];
  /** Declared as they are. */
  same: number;
  /** Declared, and not in the cluster any more. */
  gone: (Named & { removed: boolean })[];
  /** Not declared, or not changed, and why. */
  leftOut: { guest: string; why: string; file?: string }[];
  /** Settings that files do not say, and the guests that have them. */
  undeclared: { key: string; why: string; guests: string[] }[];
  inventory: Omit<InventoryEdit, 'text'>;
  /** Guests that Ansible cannot reach from here, and why. */
  unreached: { name: string; why: string }[];
  /** Files of the template's stacks, where there were none. */
  stacks: string[];
}

export interface Importing {
  tree: Tree;
  cluster: string;
  declared: readonly DeclaredGuest[];
  found: FoundGuests;
  /** Declared guests of this cluster that are surely not there any more; or why that cannot be said. */
  missing: ReadonlyMap<DeclaredGuest, 'gone' | { unseen: string }>;
  removeGone: boolean;
  /** The template's `stacks/`. */
  template: Tree;
}

/** The same, without new guests that Terraform would change: their files would not say what they are. By `lxc/200`, why. */
export function withoutGuests(importing: Importing, differing: ReadonlyMap<string, string>): Importing {
  const { found, declared, cluster } = importing;
  const isNew = (guest: FoundGuest) =>
    !declared.some((one) => one.cluster === cluster && one.type === guest.type && one.vmid === guest.vmid);
  const out = found.guests.filter((guest) => isNew(guest) && differing.has(idOf(guest)));
  const leftOut = out.map((guest) => ({
    ...{ guest: nameOf(guest), vmid: guest.vmid, type: guest.type },
    why: differing.get(idOf(guest)) ?? '',
  }));
  const guests = found.guests.filter((guest) => !out.includes(guest));
  return { ...importing, found: { guests, leftOut: [...found.leftOut, ...leftOut] } };
}

/** By `lxc/200`: what is known not to pass the gate before Terraform is asked. */
export function unplannable({ found }: Pick<Importing, 'found'>): Map<string, string> {
  return new Map(
    found.guests.flatMap((guest) => (guest.unplannable === undefined ? [] : [[idOf(guest), guest.unplannable]])),
  );
}

/** `lxc/200` */
export function idOf({ type, vmid }: Pick<DeclaredGuest, 'type' | 'vmid'>): string {
  return `${type}/${vmid}`;
}

/** `lxc/200 postgres` */
export function nameOf(guest: Pick<DeclaredGuest, 'type' | 'vmid' | 'name'>): string {
  return `${idOf(guest)} ${guest.name}`;
}
