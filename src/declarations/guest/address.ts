import type { DeclaredGuest } from '../../core/declared-guest.ts';

/** Two declared guests of one address. */
export interface SharedAddress {
  /** `192.168.1.20`, as the one declares it. */
  address: string;
  bridge: string;
  one: DeclaredGuest;
  /** The first of all that are declared with it. */
  other: DeclaredGuest;
}

/**
 * Which guests would answer to one address: of one cluster and one bridge, since two sites may number their networks alike,
 * and what restores are tried in lies on a bridge of its own. It may still be right: a file does not say the VLAN of a
 * card. One that is declared stopped answers to nothing.
 */
export function sharedAddresses(guests: Iterable<DeclaredGuest>): SharedAddress[] {
  const first = new Map<string, DeclaredGuest>();
  const shared: SharedAddress[] = [];
  for (const one of guests) {
    const { address = '', bridge } = one.network;
    if (address === '' || one.started === false) continue;
    const key = `${one.cluster} ${bridge} ${hostOf(address)}`;
    const other = first.get(key);
    if (other === undefined) first.set(key, one);
    else shared.push({ ...{ address: address.split('/')[0] ?? '', bridge }, one, other });
  }
  return shared;
}

/** `192.168.1.20/24` and `/16` are one host, and so is an address of IPv6 however it is written (RFC 5952, as URLs have it). */
export function hostOf(address: string): string {
  const host = (address.split('/')[0] ?? '').toLowerCase();
  return host.includes(':') ? (URL.parse(`http://[${host}]`)?.hostname ?? host) : host;
}
