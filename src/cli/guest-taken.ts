import { freeId, isFreeId, type ProxmoxClient } from '../clients/proxmox/index.ts';
import { type DeclaredGuest, isCalled } from '../core/declared-guest.ts';
import { hostOf } from '../declarations/guest/index.ts';
import type { ProposedGuest } from '../deliver/proposed-guests.ts';
import type { Truth } from '../deliver/truth.ts';
import type { ListedGuest } from '../inventory/index.ts';

/** Everybody who has a name or an id already: files, open pull requests, the cluster. */
export interface Takers {
  truth: Truth;
  proposed: readonly ProposedGuest[];
  live: readonly ListedGuest[];
  client: ProxmoxClient;
}

/** Who has this name, if anybody. Guests' files are called after them, so a name is one of all clusters. */
export function nameTaken({ truth, proposed, live }: Takers, name: string): string | undefined {
  const file = `guests/${name}.yaml`;
  if (truth.head.tree.has(file)) return `${file} is there already: gitmend guest set ${name} changes it`;
  const declared = [...truth.head.guests.values()].find((guest) => guest.name === name);
  if (declared !== undefined) return `${name} is declared already in ${declared.file}`;
  const open = proposed.find(({ guest }) => guest.name === name);
  if (open !== undefined) return `#${open.pr.number} declares ${name} already`;
  const there = live.find((guest) => isCalled(name, guest.name));
  if (there === undefined) return undefined;
  return `${there.type}/${there.vmid} on ${there.node} is called ${there.name} already: gitmend import declares it`;
}

/** Who has this id in the cluster, if anybody. One id is one guest, whatever its type. */
export async function idTaken(takers: Takers, cluster: string, vmid: number): Promise<string | undefined> {
  const { truth, proposed, live, client } = takers;
  const declared = [...truth.head.guests.values()].find((one) => one.cluster === cluster && one.vmid === vmid);
  if (declared !== undefined) return `${vmid} is declared already in ${declared.file}`;
  const open = proposed.find(({ guest }) => guest.cluster === cluster && guest.vmid === vmid);
  if (open !== undefined) return `${vmid} is spoken for by #${open.pr.number} (${open.guest.name})`;
  const there = live.find((one) => one.vmid === vmid);
  if (there !== undefined) return `${vmid} is ${there.type}/${vmid} (${there.name}) on ${there.node} already`;
  return (await isFreeId(client, vmid)) ? undefined : `${vmid} is a guest already, which the token may not see`;
}

/** Who is declared with this address, if anybody: two machines that answer to one address are each away half of the time. */
export function addressTaken({ truth, proposed }: Takers, address: string): string | undefined {
  const isIt = ({ network }: DeclaredGuest) =>
    network.address !== undefined && hostOf(network.address) === hostOf(address);
  const declared = [...truth.head.guests.values()].find(isIt);
  if (declared !== undefined) return `${address} is declared already in ${declared.file}`;
  const open = proposed.find(({ guest }) => isIt(guest));
  return open === undefined ? undefined : `${address} is spoken for by #${open.pr.number} (${open.guest.name})`;
}

/** The first id that nobody has. */
export async function nextId({ truth, proposed, client }: Takers, cluster: string): Promise<number> {
  const spokenFor = [...truth.head.guests.values(), ...proposed.map(({ guest }) => guest)];
  return freeId(client, new Set(spokenFor.flatMap((one) => (one.cluster === cluster ? [one.vmid] : []))));
}
