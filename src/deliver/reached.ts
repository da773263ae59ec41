import { isNumber, plainAddress, type Said, waysIn } from '../ansible/addresses.ts';
import type { Reached } from '../core/ansible.ts';
import { type DeclaredGuest, isCalled } from '../core/declared-guest.ts';
import type { PlaybookAction, Step } from '../core/step.ts';
import { listed } from '../texts/words.ts';
import type { Declared } from './declared.ts';
import type { Truth } from './truth.ts';

/** A host of a playbook by what is really there. */
export interface Counted {
  host: string;
  at?: Reached;
  /** Every name that its rules go by: its own, and those of guests and hosts that have this address. */
  names: string[];
  /** Nobody approved that this host is there yet, so nobody knows what it is. */
  unsure: boolean;
}

type Known = Pick<Truth, 'head' | 'applied' | 'areas'>;

/**
 * The name in an inventory is whatever its author likes: what counts for the rules is the machine that answers at its
 * address. An address that an approved inventory does not have for this host, nor an applied guest of its name, is anybody's.
 */
export function countedHosts(truth: Known, after: Declared, { hosts, reached = {} }: PlaybookAction): Counted[] {
  const approved = waysIn(truth.areas.get('ansible')?.tree ?? new Map());
  const proposed = waysIn(after.tree);
  const declared = Object.values(truth.applied.targets).map(({ declaration }) => declaration);
  const guests = [...after.guests.values(), ...truth.head.guests.values(), ...declared];
  return hosts.map((host) => {
    const at = reached[host];
    if (at === undefined) return { host, names: [host], unsure: true };
    const others = [...approved, ...proposed].filter(([, { addresses }]) => addresses.includes(at.address));
    const there = guests.filter((guest) => isAt(guest, at.address));
    const names = [host, ...others.map(([name]) => name), ...there.map(({ name }) => name)];
    const own = declared.some((guest) => isCalled(guest.name, host) && isAt(guest, at.address) && at.port === '');
    return { host, at, names: [...new Set(names)], unsure: !own && !isSaid(approved.get(host), at) };
  });
}

/** Whether what is declared of a guest says that it answers there. */
function isAt({ name, network }: DeclaredGuest, address: string): boolean {
  const own = network.address?.split('/')[0];
  if (own !== undefined && own !== 'dhcp' && plainAddress(own) === address) return true;
  return !isNumber(address) && isCalled(name, address);
}

/** Whether the files say this and nothing beside it. */
function isSaid(said: Said | undefined, { address, port }: Reached): boolean {
  if (said === undefined || said.addresses.length !== 1 || said.ports.length !== 1) return false;
  return said.addresses[0] === address && said.ports[0] === port;
}

/** What a reviewer has to know of hosts that are not what their name says. */
export function reachedNotes(truth: Known, after: Declared, steps: readonly Step[]): string[] {
  const all = steps.flatMap(({ action }) => (action.kind === 'run-playbook' ? countedHosts(truth, after, action) : []));
  const notes = all.flatMap((one) => [...aliasNote(one), ...unsureNote(one)]);
  const unique = [...new Set(notes)];
  return unique.length > 8
    ? [...unique.slice(0, 7), `${unique.length - 7} more hosts are reached at an address like these`]
    : unique;
}

function aliasNote({ host, at, names }: Counted): string[] {
  const others = names.filter((name) => !isCalled(name, host));
  if (at === undefined || others.length === 0) return [];
  return [
    `${host} is reached at ${wayWords(at)}, where ${listed(others)} is: the rules about ${listed(others)} count for it`,
  ];
}

function unsureNote({ host, at, unsure }: Counted): string[] {
  if (at === undefined || !unsure) return [];
  return [`${host} at ${wayWords(at)} was not approved before, so the strictest rule about playbooks counts for it`];
}

function wayWords({ address, port }: Reached): string {
  return port === '' ? address : `${address} port ${port}`;
}
