import { digestOf, pendingList, withPending } from '../config.ts';
import { die, refuseParameters } from '../errors.ts';
import type { Timeframe } from '../history.ts';
import { guestHistory } from '../history.ts';
import type { Call, Lab, Permission, Route } from '../lab.ts';
import { route } from '../lab.ts';
import { lxcOptions, qemuOptions, updateParameters } from '../options.ts';
import { choice, flag, guestParameters, integer, nodeParameter, required, text } from '../parameters.ts';
import { may } from '../permissions.ts';
import { containerInterfaces, guestStatus } from '../status.ts';
import { startGuestTask } from '../tasks.ts';
import { lxcRules, qemuRules } from '../update-rules.ts';
import { updateConfig } from '../update.ts';
import { type Guest, isManaged } from '../world.ts';

export type GuestType = Guest['type'];

export const auditGuest: Permission = { path: '/vms/{vmid}', privileges: ['VM.Audit'] };
export const snapshotName = text({ maxLength: 40, pattern: /^[a-z][a-z0-9_-]+$/i });

const configParameters = { ...guestParameters, current: flag(), snapshot: snapshotName };
const historyParameters = {
  ...guestParameters,
  timeframe: required(choice('hour', 'day', 'week', 'month', 'year')),
  cf: choice('AVERAGE', 'MAX'),
};
const folders = (...names: string[]) => names.map((subdir) => ({ subdir }));

/** What containers and VMs share: lists, configuration, status, history (pve-container `PVE::API2::LXC`, qemu-server `PVE::API2::Qemu`). */
export function guestRoutes(type: GuestType): Route[] {
  const all = `/nodes/{node}/${type}`;
  const one = `${all}/{vmid}`;
  const listParameters = type === 'qemu' ? { ...nodeParameter, full: flag() } : nodeParameter;
  return [
    route('GET', all, 'all', listParameters, (call) => list(call, type)),
    route('GET', one, 'all', guestParameters, () => folders('config', 'pending', 'status', 'snapshot', 'rrddata')),
    route('GET', `${one}/config`, auditGuest, configParameters, (call) => config(call, type)),
    route('GET', `${one}/pending`, auditGuest, guestParameters, (call) => pendingList(guestOf(call, type))),
    route('GET', `${one}/status`, 'all', guestParameters, () =>
      folders('current', 'start', 'stop', 'shutdown', 'reboot'),
    ),
    route('GET', `${one}/status/current`, auditGuest, guestParameters, (call) => status(call, type)),
    route('GET', `${one}/rrddata`, auditGuest, historyParameters, (call) => history(call, type)),
    ...(type === 'lxc' ? containerRoutes(one) : machineRoutes(one)),
  ];
}

function containerRoutes(one: string): Route[] {
  const parameters = { ...guestParameters, ...lxcOptions, ...updateParameters };
  const permission = anyConfig('Disk', 'CPU', 'Memory', 'Network', 'Options');
  const update = (call: Call): unknown => updateConfig(call, guestOf(call, 'lxc'), lxcRules);
  return [
    route('PUT', `${one}/config`, permission, parameters, update),
    route('GET', `${one}/interfaces`, auditGuest, guestParameters, interfaces),
  ];
}

function machineRoutes(one: string): Route[] {
  const parameters = { ...guestParameters, ...qemuOptions, ...updateParameters, force: flag(), skiplock: flag() };
  const permission = anyConfig('Disk', 'CDROM', 'CPU', 'Memory', 'Network', 'HWType', 'Options', 'Cloudinit');
  const update = (call: Call): null => updateConfig(call, guestOf(call, 'qemu'), qemuRules);
  // "POST": the same as a task, `qmconfig`.
  const later = (call: Call): unknown =>
    startGuestTask(call, guestOf(call, 'qemu'), 'qmconfig', () => void update(call));
  const agent = ['VM.GuestAgent.Audit', 'VM.GuestAgent.Unrestricted'];
  const agentPermission = { path: '/vms/{vmid}', privileges: agent, any: true };
  return [
    route('PUT', `${one}/config`, permission, parameters, update),
    route('POST', `${one}/config`, permission, { ...parameters, background_delay: integer(1, 30) }, later),
    route('GET', `${one}/agent/network-get-interfaces`, agentPermission, guestParameters, agentInterfaces),
  ];
}

// One privilege is enough to be let in; each key then asks for its own.
function anyConfig(...parts: string[]): Permission {
  return { path: '/vms/{vmid}', privileges: parts.map((part) => `VM.Config.${part}`), any: true };
}

/** The guest of the path, or PVE's words for none: its file is not there (pve-guest-common `PVE::AbstractConfig::load_config`). */
export function guestOf({ lab, values }: Pick<Call, 'lab' | 'values'>, type: GuestType): Guest {
  const guest = lab.world.guests.get(Number(values.vmid));
  if (guest?.type === type && guest.node === values.node) return guest;
  const folder = type === 'lxc' ? 'lxc' : 'qemu-server';
  return die(`Configuration file 'nodes/${String(values.node)}/${folder}/${String(values.vmid)}.conf' does not exist`);
}

function list({ lab, token, values }: Call, type: GuestType): unknown {
  return [...lab.world.guests.values()]
    .filter((guest) => guest.type === type && guest.node === values.node)
    .filter((guest) => may(token, `/vms/${guest.vmid}`, 'VM.Audit'))
    .map((guest) => (type === 'qemu' && values.full !== 1 ? withoutMonitor(lab, guest) : guestStatus(lab, guest)));
}

// A VM's list asks no monitor unless `full=1`: neither balloon nor machine nor version there.
function withoutMonitor(lab: Lab, guest: Guest): unknown {
  const status = guestStatus(lab, guest);
  const asked = ['balloon', 'freemem', 'qmpstatus', 'running-machine', 'running-qemu'];
  for (const key of asked) Reflect.deleteProperty(status, key);
  return status;
}

/** Pending values unless `current=1`, or a snapshot's (`load_current_config`, `load_snapshot_config`). */
function config(call: Call, type: GuestType): unknown {
  const guest = guestOf(call, type);
  const digest = digestOf(guest);
  const { current, snapshot } = call.values;
  if (snapshot === undefined) return { ...(current === 1 ? guest.config : withPending(guest)), digest };
  const message = "cannot use 'snapshot' parameter with 'current'";
  if (current === 1) refuseParameters({ snapshot: message, current: message });
  const taken = guest.snapshots.get(String(snapshot)) ?? die(`snapshot '${snapshot}' does not exist`);
  return { ...taken.config, snaptime: taken.snaptime, digest };
}

function status(call: Call, type: GuestType): unknown {
  const guest = guestOf(call, type);
  const agent = type === 'qemu' && /^(1|enabled=1)/.test(String(guest.config.agent ?? '')) ? { agent: 1 } : {};
  return { ...guestStatus(call.lab, guest), ...agent, ha: { managed: Number(isManaged(guest)) } };
}

function history(call: Call, type: GuestType): unknown {
  const { timeframe, cf } = call.values;
  return guestHistory(call.lab, guestOf(call, type), String(timeframe) as Timeframe, cf === 'MAX' ? 'MAX' : 'AVERAGE');
}

// A stopped container has no network namespace: `get_interfaces` returns nothing, which is null.
function interfaces(call: Call): unknown {
  const guest = guestOf(call, 'lxc');
  return guest.status === 'running' ? containerInterfaces(guest) : null;
}

// qemu-server `PVE::QemuServer::Agent::assert_agent_available`
function agentInterfaces(call: Call): unknown {
  const guest = guestOf(call, 'qemu');
  if (guest.config.agent === undefined) die('No QEMU guest agent configured');
  if (guest.status !== 'running') die(`VM ${guest.vmid} is not running`);
  if (!guest.agent) die('QEMU guest agent is not running');
  const result = guest.agent.addresses.map(({ name, mac, address }) => {
    const [ip, prefix] = address.split('/');
    const entry = { 'ip-address': ip, 'ip-address-type': 'ipv4', prefix: Number(prefix) };
    return { name, 'hardware-address': mac, 'ip-addresses': [entry] };
  });
  return { result };
}
