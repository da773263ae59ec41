import type { Tree } from '../core/change-set.ts';
import type { DeclaredGuest } from '../core/declared-guest.ts';
import { readGuest } from '../declarations/guest/index.ts';
import { containerType } from '../terraform/disturbance.ts';
import { withEdits } from './apply-edits.ts';
import { differencesOf } from './compare.ts';
import type { FoundGuest, LeftOut } from './found.ts';
import { guestFile } from './guest-file.ts';
import { type Imported, type Importing, idOf, nameOf } from './imported.ts';
import { inventoryEdit, inventoryFile } from './inventory.ts';

/** A cluster into a tree: new guests, and what differs of the others; whatever else is in the files stays. Pure. */
export function importInto(importing: Importing): Imported {
  const { tree, cluster, declared, found } = importing;
  const edits = new Map<string, string | null>();
  const own = declared.filter((guest) => guest.cluster === cluster);
  const result: Result = {
    ...{ added: [], changed: [], same: 0, gone: [] },
    leftOut: found.leftOut.map((one) => withFile(one, own)),
    undeclared: undeclaredIn(found.guests, own),
    unreached: [],
  };
  const hosts: { fresh: FoundGuest[]; known: FoundGuest[] } = { fresh: [], known: [] };
  for (const guest of found.guests) {
    const before = own.find(({ type, vmid }) => type === guest.type && vmid === guest.vmid);
    if (before === undefined) {
      if (addGuest(importing, guest, edits, result)) hosts.fresh.push(guest);
    } else if (changeGuest(tree, before, guest, edits, result)) hosts.known.push(guest);
  }
  goneGuests(importing, edits, result);
  const inventory = inventoryOf(tree, hosts, result, edits);
  for (const { name, reached } of hosts.fresh) if ('why' in reached) result.unreached.push({ name, why: reached.why });
  return { ...result, edits, inventory, forget: forgettable(result), stacks: addStacks(importing, edits) };
}

type Result = Omit<Imported, 'edits' | 'forget' | 'inventory' | 'stacks'>;
type Changes = Map<string, string | null>;

function addGuest({ tree, cluster, declared }: Importing, guest: FoundGuest, edits: Changes, into: Result): boolean {
  const file = `guests/${guest.name}.yaml`;
  const other = declared.find(({ name }) => name === guest.name);
  if (other !== undefined || tree.has(file)) {
    const whose =
      other === undefined
        ? `${file} is there already`
        : `${other.file} declares ${other.cluster}/${other.type}/${other.vmid} by that name`;
    into.leftOut.push({ guest: nameOf(guest), why: `${whose}: rename one of them` });
    return false;
  }
  edits.set(file, guestFile(guest, cluster));
  into.added.push({ name: guest.name, id: idOf(guest), node: guest.node, file });
  return true;
}

/** Whether the file speaks of the guest that was found. */
function changeGuest(tree: Tree, before: DeclaredGuest, guest: FoundGuest, edits: Changes, into: Result): boolean {
  const differences = differencesOf(before, guest);
  const { file } = before;
  if (typeof differences === 'string') {
    into.leftOut.push({ guest: nameOf(before), why: `it ${differences}`, file });
    return false;
  }
  const { text, left } = withEdits(tree.get(file) ?? '', differences);
  const byHand = left.map(({ field }) => field);
  const done = differences.filter((edit) => !left.includes(edit));
  const valid = readGuest(text, file).ok;
  if (byHand.length > 0 || !valid) {
    const fields = valid ? byHand : differences.map(({ field }) => field);
    into.leftOut.push({ guest: nameOf(before), why: `${file} has to be edited by hand: ${fields.join(', ')}`, file });
  }
  if (!valid || done.length === 0) into.same += differences.length === 0 ? 1 : 0;
  else {
    edits.set(file, text);
    into.changed.push({ name: before.name, id: idOf(before), file, edits: done });
  }
  return true;
}

function goneGuests({ missing, removeGone }: Importing, edits: Changes, into: Result): void {
  for (const [guest, state] of missing) {
    const { name, file } = guest;
    if (state !== 'gone') into.leftOut.push({ guest: nameOf(guest), why: state.unseen, file });
    else {
      into.gone.push({ name, id: idOf(guest), file, removed: removeGone });
      if (removeGone) edits.set(file, null);
    }
  }
}

function inventoryOf(
  tree: Tree,
  { fresh, known }: { fresh: FoundGuest[]; known: FoundGuest[] },
  { gone }: Result,
  edits: Changes,
): Imported['inventory'] {
  const hosts = (guests: readonly FoundGuest[]) =>
    guests.flatMap(({ name, reached }) => ('address' in reached ? [{ name, address: reached.address }] : []));
  const removed = gone.flatMap(({ name, removed: out }) => (out ? [name] : []));
  const { text, ...inventory } = inventoryEdit(tree, { fresh: hosts(fresh), known: hosts(known), gone: removed });
  if (text !== undefined) edits.set(inventoryFile, text);
  return inventory;
}

/**
 * By the addresses of the template's stack, which names a resource as its guest. A virtual machine is found by the
 * provider wherever it is; a container is looked for on the node of the state alone.
 */
function forgettable({ changed }: Result): string[] {
  return changed
    .filter(({ id, edits }) => id.startsWith('lxc/') && edits.some(({ field }) => field === 'node'))
    .map(({ name }) => `${containerType}.${name}`);
}

/** A repository without stacks gets the template's; whoever has their own keeps it. */
function addStacks({ tree, template }: Importing, edits: Changes): string[] {
  if ([...tree.keys()].some((path) => path.startsWith('stacks/'))) return [];
  const files = [...template.keys()].filter((path) => path.startsWith('stacks/'));
  for (const path of files) edits.set(path, template.get(path) ?? '');
  return files;
}

/** By what it is and why, the guests that have it: one line for each, however many guests there are. */
function undeclaredIn(guests: readonly FoundGuest[], own: readonly DeclaredGuest[]): Imported['undeclared'] {
  const groups = new Map<string, Imported['undeclared'][number]>();
  for (const guest of guests) {
    const { name, undeclared } = guest;
    const file = own.find(({ type, vmid }) => type === guest.type && vmid === guest.vmid);
    for (const { key, why } of undeclared) {
      if (key === 'protection' && file?.protection !== undefined) continue;
      const group = groups.get(`${key} ${why}`) ?? { key, why, guests: [] };
      groups.set(`${key} ${why}`, { ...group, guests: [...group.guests, name] });
    }
  }
  return [...groups.values()].sort((a, b) => (a.key < b.key ? -1 : 1));
}

function withFile({ guest, vmid, type, why }: LeftOut, own: readonly DeclaredGuest[]): Imported['leftOut'][number] {
  const file = own.find((one) => one.vmid === vmid && one.type === type)?.file;
  return { guest, why, ...(file === undefined ? {} : { file }) };
}
