import { sharedAddresses } from '../declarations/guest/index.ts';
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
