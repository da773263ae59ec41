import type { Values } from './parameters.ts';
import type { Interface } from './resources.ts';

/**
 * An interface as the file is read again (pve-common `PVE::INotify::__read_etc_network_interfaces`): comments end with a
 * line feed, numbers are texts, a bridge has its defaults, and a name with a dot says the VLAN.
 */
export function readBack(iface: string, before: Partial<Interface>, values: Values): Interface {
  const { comments, mtu, 'vlan-id': tag } = values;
  const rest = without(values, 'node', 'iface', 'delete', 'comments', 'mtu', 'vlan-id');
  const one: Interface = { ...before, ...rest, type: String(values.type), ...inet(values) };
  if (comments !== undefined && comments !== '') one.comments = `${String(comments).trimEnd()}\n`;
  if (mtu !== undefined) one.mtu = String(mtu);
  if (one.autostart === 0) delete one.autostart;
  return one.type === 'bridge' ? bridge(one) : one.type === 'vlan' ? vlan(iface, one, tag) : one;
}

function inet({ address, netmask, cidr, address6, netmask6, cidr6 }: Values): { [key: string]: string | string[] } {
  const four = cidr ?? (address === undefined ? undefined : `${address}/${String(netmask)}`);
  const six = cidr6 ?? (address6 === undefined ? undefined : `${address6}/${String(netmask6)}`);
  const families = [...(four === undefined ? [] : ['inet']), ...(six === undefined ? [] : ['inet6'])];
  return {
    families: families.length === 0 ? ['inet'] : families,
    method: four === undefined ? 'manual' : 'static',
    method6: six === undefined ? 'manual' : 'static',
    ...(four === undefined ? {} : split(String(four), '')),
    ...(six === undefined ? {} : split(String(six), '6')),
  };
}

function split(cidr: string, family: '' | '6'): { [key: string]: string } {
  const [address = '', netmask = ''] = cidr.split('/');
  return { [`cidr${family}`]: cidr, [`address${family}`]: address, [`netmask${family}`]: netmask };
}

// A bridge that knows VLANs takes them all unless told (`__write_etc_network_interfaces`).
function bridge(one: Interface): Interface {
  const { bridge_vids: vids = '2-4094' } = one;
  const aware = one.bridge_vlan_aware === 1 ? { bridge_vlan_aware: 1, bridge_vids: vids } : {};
  const plain = without(one, 'bridge_vids', 'bridge_vlan_aware');
  return {
    ...plain,
    type: 'bridge',
    bridge_ports: one.bridge_ports ?? '',
    bridge_stp: 'off',
    bridge_fd: '0',
    ...aware,
  };
}

function vlan(iface: string, one: Interface, tag: string | number | undefined): Interface {
  const [, device, id] = /^(\S+)\.(\d+)$/.exec(iface) ?? [];
  const given = tag === undefined ? one['vlan-id'] : String(tag);
  return { ...one, 'vlan-raw-device': device ?? one['vlan-raw-device'] ?? '', 'vlan-id': id ?? given ?? '' };
}

function without<T>(values: { [key: string]: T }, ...names: readonly string[]): { [key: string]: T } {
  return Object.fromEntries(Object.entries(values).filter(([name]) => !names.includes(name)));
}
