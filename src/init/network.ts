import type { DeclaredGuest } from '../core/declared-guest.ts';

/**
 * `net0` as a declaration says it: `name=eth0,bridge=vmbr0,ip=192.168.1.20/24,gw=192.168.1.1` of a container, or
 * `virtio=BC:24:…,bridge=vmbr0` with `ipconfig0` of a virtual machine. An address by DHCP is none. `undefined` where it
 * is on no bridge.
 */
export function readNetwork(config: { readonly [key: string]: unknown }): DeclaredGuest['network'] | undefined {
  const { bridge, ...net } = propertiesOf(config['net0']);
  if (bridge === undefined || !/^[A-Za-z0-9][A-Za-z0-9_.-]{0,14}$/.test(bridge)) return undefined;
  const { ip, gw } = { ...propertiesOf(config['ipconfig0']), ...net };
  const address = ip !== undefined && /^[0-9.]{7,15}\/[0-9]{1,2}$/.test(ip) ? ip : undefined;
  const gateway = gw !== undefined && /^[0-9.]{7,15}$/.test(gw) ? gw : undefined;
  return { bridge, ...(address && { address }), ...(address && gateway && { gateway }) };
}

/** PVE's property strings: `a=1,b=2`. */
function propertiesOf(text: unknown): { [name: string]: string } {
  if (typeof text !== 'string') return {};
  const pairs = text.split(',').map((part) => part.split('=', 2));
  return Object.fromEntries(pairs.flatMap(([name = '', value]) => (value === undefined ? [] : [[name, value]])));
}
