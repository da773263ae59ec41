import { z } from 'zod';
import { listGuests, type ListedGuest, type ProxmoxClient, readConfig } from '../clients/proxmox/index.ts';
import type { DeclaredGuest } from '../core/declared-guest.ts';
import { readNetwork } from './network.ts';

/** A guest as its file shall declare it. */
export type NewGuest = Omit<DeclaredGuest, 'file' | 'cluster' | 'carries'>;

/** What the cluster has, and what of it could not be declared, with the reason. */
export interface FoundGuests {
  guests: NewGuest[];
  leftOut: { guest: string; why: string }[];
}

const rawConfig = z.record(z.string(), z.unknown());

/**
 * Every guest of the cluster as it is now, so that the first plan shows no difference. Templates, and guests with what
 * a declaration cannot say, are left out. Only reads. Throws a GitmendError.
 */
export async function findGuests(client: ProxmoxClient): Promise<FoundGuests> {
  const found: FoundGuests = { guests: [], leftOut: [] };
  const names = new Set<string>();
  for (const listed of (await listGuests(client)).sort((a, b) => a.vmid - b.vmid)) {
    const guest = listed.template ? 'it is a template' : await readOne(client, listed);
    const called = `${listed.type}/${listed.vmid} ${listed.name}`;
    if (typeof guest === 'string') found.leftOut.push({ guest: called, why: guest });
    else if (names.has(guest.name)) found.leftOut.push({ guest: called, why: 'another guest has the same name' });
    else found.guests.push(guest);
    if (typeof guest !== 'string') names.add(guest.name);
  }
  return found;
}

/** The guest, or why it cannot be declared. */
async function readOne(
  client: ProxmoxClient,
  { node, type, vmid, name, tags }: ListedGuest,
): Promise<NewGuest | string> {
  const { size, rootDisk } = await readConfig(client, { node, type, vmid });
  const path = `/nodes/${node}/${type}/${vmid}/config`;
  const answer: unknown = await client.api.nodes.$(node)[type].$(vmid).config.$get({ current: true });
  const network = readNetwork(client.read(rawConfig, path, answer));
  if (!/^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/.test(name)) return 'its name is no host name of a-z, 0-9 and -';
  if (size.cores === undefined) return 'it has no limit of cores; set one to declare it';
  if (size.memory === undefined) return 'Proxmox VE names no memory for it';
  if (rootDisk === undefined || !Number.isInteger(rootDisk.size))
    return 'it has no first disk of whole GiB on a storage';
  if (network === undefined) return 'it has no net0 on a bridge';
  return {
    ...{ name, node, vmid, type, cores: size.cores, memory: size.memory, disk: rootDisk, network, tags },
    ...(type === 'lxc' ? { swap: size.swap ?? 0 } : {}),
  };
}
