import type { DeclaredGuest } from '../../core/declared-guest.ts';

/** `net0` as a declaration says it, and whether an address of the file can be held against it. */
export interface Network {
  network: DeclaredGuest['network'];
  addressing: 'static' | 'dhcp' | 'inside';
  /** Of the card, in lower case. */
  mac: string;
}

/**
 * `name=eth0,bridge=vmbr0,ip=192.168.1.20/24,gw=192.168.1.1` of a container, or `virtio=BC:24:…,bridge=vmbr0` with
 * `ipconfig0` of a virtual machine. An address by DHCP is none; one that is set inside the guest is not known here.
 * `undefined` where it is on no bridge.
 */
export function readNetwork(config: { readonly [key: string]: unknown }): Network | undefined {
  const card = propertiesOf(config['net0']);
  const { bridge } = card;
  if (bridge === undefined || !/^[A-Za-z0-9][A-Za-z0-9_.-]{0,14}$/.test(bridge)) return undefined;
  const { ip, gw, ip6, gw6 } = { ...propertiesOf(config['ipconfig0']), ...card };
  const four = /^[0-9.]{7,15}\/[0-9]{1,2}$/;
  const six = /^[0-9a-f:.]{2,45}\/[0-9]{1,3}$/i;
  const [address, gateway] = ip === undefined && ip6 !== undefined && six.test(ip6) ? [ip6, gw6] : [ip, gw];
  const mac = Object.values(card).find((value) => /^(?:[0-9a-f]{2}:){5}[0-9a-f]{2}$/i.test(value)) ?? '';
  const about = { mac: mac.toLowerCase() };
  if (address === undefined || !(four.test(address) || six.test(address)))
    return { ...about, network: { bridge }, addressing: address === 'dhcp' ? 'dhcp' : 'inside' };
  const fitting = gateway !== undefined && /^[0-9a-f:.]{2,45}$/i.test(gateway) ? { gateway } : {};
  return { ...about, network: { bridge, address, ...fitting }, addressing: 'static' };
}

/** PVE's property strings: `a=1,b=2`. */
export function propertiesOf(text: unknown): { [name: string]: string } {
  if (typeof text !== 'string') return {};
  const pairs = text.split(',').map((part) => part.split('=', 2));
  return Object.fromEntries(pairs.flatMap(([name = '', value]) => (value === undefined ? [] : [[name, value]])));
}
