import { refuseParameters } from '../errors.ts';
import { readBack } from '../interfaces.ts';
import type { Call, Permission, Route } from '../lab.ts';
import { route } from '../lab.ts';
import type { Parameters } from '../parameters.ts';
import { choice, flag, integer, nodeParameter, required, text } from '../parameters.ts';
import type { Interface, Interfaces } from '../resources.ts';
import { startTask } from '../tasks.ts';
import { splitList } from '../update.ts';
import type { Node } from '../world.ts';

const types = ['bridge', 'bond', 'eth', 'alias', 'vlan', 'fabric'];
const openSwitch = ['OVSBridge', 'OVSBond', 'OVSPort', 'OVSIntPort', 'vnet'];
const modify: Permission = { path: '/nodes/{node}', privileges: ['Sys.Modify'] };
const options: Parameters = {
  address: text(),
  address6: text(),
  autostart: flag(),
  bridge_ports: text(),
  bridge_vids: text(),
  bridge_vlan_aware: flag(),
  cidr: text(),
  cidr6: text(),
  comments: text(),
  gateway: text(),
  gateway6: text(),
  mtu: integer(1280, 65_520),
  netmask: text(),
  netmask6: integer(0, 128),
  type: required(choice(...types, ...openSwitch, 'unknown')),
  'vlan-id': integer(1, 4094),
  'vlan-raw-device': text(),
};
const named = { ...nodeParameter, iface: required(text()) };
const filter = { type: choice(...types, ...openSwitch, 'any_bridge', 'any_local_bridge', 'include_sdn') };

/** A node's interfaces: changes wait in interfaces.new until a reload (pve-manager `PVE::API2::Network`). No SDN, no OVS. */
export const networkRoutes: Route[] = [
  route('GET', '/nodes/{node}/network', 'all', { ...nodeParameter, ...filter }, list),
  route('POST', '/nodes/{node}/network', modify, { ...named, ...options }, create),
  route('PUT', '/nodes/{node}/network', modify, { ...nodeParameter, 'regenerate-frr': flag() }, reload),
  route('DELETE', '/nodes/{node}/network', modify, nodeParameter, revert),
  route('GET', '/nodes/{node}/network/{iface}', { ...modify, privileges: ['Sys.Audit'] }, named, (call) =>
    existing(call),
  ),
  route('PUT', '/nodes/{node}/network/{iface}', modify, { ...named, ...options, delete: text() }, update),
  route('DELETE', '/nodes/{node}/network/{iface}', modify, named, remove),
];

// What waits is shown in place of what is in force.
function list(call: Call): unknown {
  const { type } = call.values;
  const wanted = String(type ?? '').startsWith('any_') ? 'bridge' : type;
  return [...waiting(nodeOf(call))]
    .filter(([, one]) => wanted === undefined || wanted === 'include_sdn' || one.type === wanted)
    .map(([iface, one]) => ({ iface, ...one }));
}

function create(call: Call): null {
  const { iface } = call.values;
  const interfaces = waiting(nodeOf(call));
  if (interfaces.has(String(iface))) refuseParameters({ iface: 'interface already exists' });
  return write(call, interfaces, { priority: 3 + interfaces.size });
}

function update(call: Call): null {
  const before = { ...existing(call) };
  for (const key of splitList(call.values.delete)) Reflect.deleteProperty(before, key);
  // An address that is not sent again is gone: the method becomes manual, and such an interface is written without one.
  for (const key of ['address', 'netmask', 'cidr', 'address6', 'netmask6', 'cidr6'])
    Reflect.deleteProperty(before, key);
  return write(call, waiting(nodeOf(call)), before);
}

function remove(call: Call): null {
  existing(call);
  const node = nodeOf(call);
  node.pendingInterfaces = new Map([...waiting(node)].filter(([iface]) => iface !== call.values.iface));
  return null;
}

function revert(call: Call): null {
  delete nodeOf(call).pendingInterfaces;
  return null;
}

// `ifreload -a` as a task: everything that waits takes effect at once.
function reload(call: Call): string {
  const { lab, token, values, trouble } = call;
  const order = { node: String(values.node), type: 'srvreload', id: 'networking', user: token.id };
  return startTask(lab, { ...order, failure: trouble.taskFailure }, () => {
    const node = nodeOf(call);
    const isUp = (one: Interface): boolean => one.autostart === 1 || one.active === 1;
    node.interfaces = new Map(
      [...waiting(node)].map(([iface, one]) => [iface, { ...one, ...(isUp(one) ? { active: 1 } : {}) }]),
    );
    delete node.pendingInterfaces;
  });
}

function write(call: Call, interfaces: Interfaces, before: Partial<Interface>): null {
  const { values } = call;
  const iface = String(values.iface);
  for (const key of ['gateway', 'gateway6'] as const) {
    const other = [...interfaces].find(([name, one]) => name !== iface && one[key] !== undefined)?.[0];
    const what = key === 'gateway' ? 'Default gateway' : 'Default ipv6 gateway';
    if (values[key] !== undefined && other !== undefined) {
      refuseParameters({ [key]: `${what} already exists on interface '${other}'.` });
    }
  }
  nodeOf(call).pendingInterfaces = new Map([...interfaces, [iface, readBack(iface, before, values)]]);
  return null;
}

function existing(call: Call): Interface {
  const found = waiting(nodeOf(call)).get(String(call.values.iface));
  return found ?? refuseParameters({ iface: 'interface does not exist' });
}

const waiting = (node: Node): Interfaces => node.pendingInterfaces ?? node.interfaces;

// The router has refused what is no node.
function nodeOf({ lab, values }: Call): Node {
  const node = lab.world.nodes.get(String(values.node));
  if (node === undefined) throw new Error(`no node ${String(values.node)}`);
  return node;
}
