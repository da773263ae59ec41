import type { ProxmoxClient } from './client.ts';
import type { GuestPlace } from './config.ts';
import { agentInterfaces, containerInterfaces } from './shapes.ts';

/** One address of a running guest, as it sees itself. */
export interface GuestAddress {
  /** Of the card, in lower case: `bc:24:11:00:00:14`. */
  mac: string;
  /** `192.168.1.20` */
  address: string;
}

/**
 * The addresses of a running guest: a container's from its network namespace, a virtual machine's from its guest agent.
 * Throws PVE_FAILED where there is no agent that answers, PVE_FORBIDDEN where the token may not ask it.
 */
export async function readAddresses(client: ProxmoxClient, { node, type, vmid }: GuestPlace): Promise<GuestAddress[]> {
  if (type === 'lxc') {
    const answer: unknown = await client.api.nodes.$(node).lxc.$(vmid).interfaces.$get();
    const cards = client.read(containerInterfaces, `/nodes/${node}/lxc/${vmid}/interfaces`, answer) ?? [];
    return cards.flatMap(({ hwaddr, ...card }) => addressesOf(hwaddr, card));
  }
  const answer: unknown = await client.api.nodes.$(node).qemu.$(vmid).agent['network-get-interfaces'].$get();
  const path = `/nodes/${node}/qemu/${vmid}/agent/network-get-interfaces`;
  const { result } = client.read(agentInterfaces, path, answer);
  return result.flatMap(({ 'hardware-address': mac = '', ...card }) => addressesOf(mac, card));
}

/** Before PVE 9 a container's card had `inet` and `inet6` alone, with the length of the network behind. */
interface Card {
  inet?: string | undefined;
  inet6?: string | undefined;
  'ip-addresses'?: { 'ip-address'?: string | undefined }[] | undefined;
}

function addressesOf(mac: string, { inet, inet6, 'ip-addresses': list = [] }: Card): GuestAddress[] {
  const all = [...list.map((one) => one['ip-address']), inet, inet6].flatMap((text) => text?.split('/')[0] ?? []);
  return [...new Set(all)].map((address) => ({ mac: mac.toLowerCase(), address }));
}
