import type { DeclaredGuest, GuestField } from '../core/declared-guest.ts';
import type { Json } from '../core/json.ts';
import type { Step } from '../core/step.ts';
import { printGuestTarget, type Target } from '../core/target.ts';
import { sharedAddresses } from '../declarations/guest/index.ts';
import { printChange } from '../texts/words.ts';
import { areasIn } from './areas.ts';
import type { Declared } from './declared.ts';
import type { Difference } from './difference.ts';

/** What there is to say of files that lead to no step. */
export function notesOf(
  difference: Difference,
  rules: Declared,
  {
    unrun = [],
    planned = [],
  }: {
    /** What Ansible runs, changed by it. */
    unrun?: readonly string[] | undefined;
    /** Files that stacks are made from. */
    planned?: readonly string[] | undefined;
  },
): string[] {
  const on = areasIn(rules);
  const { ansible, stacks } = difference.areas;
  const unused = [...difference.other, ...(on.includes('ansible') ? [] : ansible)]
    .filter((path) => !planned.includes(path))
    .sort();
  const list = (paths: readonly string[]) =>
    paths.slice(0, 8).join(', ') + (paths.length > 8 ? ` and ${paths.length - 8} more` : '');
  const notes: string[] = [];
  if (difference.rules.length > 0)
    notes.push(`These are rules, in force once this is merged as approved: ${list(difference.rules)}`);
  if (stacks.length > 0 && !on.includes('stacks'))
    notes.push(`Stack code changes and was not run here: ${list(stacks)}`);
  if (unrun.length > 0)
    notes.push(
      `What Ansible runs changes and was not run here: ${list(unrun)}. No host is touched; what it would do is shown by the next change of inventory or variables`,
    );
  if (unused.length > 0) notes.push(`Nothing is applied from: ${list(unused)}`);
  return notes;
}

/** Guests that would answer to one address from now on. Only said: what keeps them apart, a VLAN, no file says. */
export function addressNotes(before: Pick<Declared, 'guests'>, after: Pick<Declared, 'guests'>): string[] {
  const said = ({ guests }: Pick<Declared, 'guests'>) =>
    sharedAddresses(guests.values()).map(
      ({ address, bridge, one, other }) =>
        `${one.name} and ${other.name} are both declared with ${address} on ${bridge}: one of them will not be reached, unless VLANs keep them apart`,
    );
  const known = new Set(said(before));
  return said(after).filter((note) => !known.has(note));
}

/**
 * What a merge only takes note of, because nothing is left to do: values that are live already, guests that are declared as
 * they are, and files of guests that are gone.
 */
export function quietNotes(
  { fields, added, removed }: Pick<Difference, 'fields' | 'added' | 'removed'>,
  { before, after, steps }: { before: Declared; after: Declared; steps: readonly Pick<Step, 'target'>[] },
): string[] {
  const busy = new Set(steps.map(({ target }) => target));
  const quiet = (guests: readonly DeclaredGuest[]) =>
    guests.filter((guest) => !busy.has(printGuestTarget(guest))).map(({ name }) => name);
  const changed = [...fields].filter(([target]) => !busy.has(target));
  const [come, gone] = [quiet(added), quiet(removed)];
  return [
    ...changed.slice(0, mostNoted).map(([target, some]) => changedNote(before.guests, after.guests, target, some)),
    ...(changed.length > mostNoted ? [`Only noted: ${changed.length - mostNoted} more guests`] : []),
    ...(come.length === 0 ? [] : [`Only noted, declared as they are: ${named(come)}`]),
    ...(gone.length === 0 ? [] : [`Only noted, gone already: ${named(gone)}`]),
  ];
}

const mostNoted = 8;

/** `Only noted: postgres memory 2048 → 4096 MiB` */
function changedNote(
  before: ReadonlyMap<Target, DeclaredGuest>,
  after: ReadonlyMap<Target, DeclaredGuest>,
  target: Target,
  fields: readonly GuestField[],
): string {
  const [old, wanted] = [before.get(target), after.get(target)];
  const words = fields.map((field) =>
    field === 'disk' && old?.disk.storage === wanted?.disk.storage
      ? printChange(field, old?.disk.size, wanted?.disk.size)
      : printChange(field, valueOf(old, field), valueOf(wanted, field), field === 'disk' ? '' : undefined),
  );
  return `Only noted: ${wanted?.name ?? target} ${words.join(', ')}`;
}

/** A field of a file in short: `32 GiB on local-lvm`, `vmbr0 by DHCP`. */
function valueOf(guest: DeclaredGuest | undefined, field: GuestField): Json | undefined {
  if (guest === undefined) return undefined;
  if (field === 'disk') return `${guest.disk.size} GiB on ${guest.disk.storage}`;
  if (field === 'network') return `${guest.network.bridge} ${guest.network.address ?? 'by DHCP'}`;
  const value = guest[field];
  return Array.isArray(value) ? value.join(', ') || 'none' : value;
}

function named(names: readonly string[]): string {
  return (
    names.slice(0, mostNoted).join(', ') + (names.length > mostNoted ? ` and ${names.length - mostNoted} more` : '')
  );
}
