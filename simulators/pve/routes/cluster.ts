import { refuseParameters } from '../errors.ts';
import type { Call, Lab, Route } from '../lab.ts';
import { route } from '../lab.ts';
import { choice, integer, text } from '../parameters.ts';
import { demand, may, privilegesAt } from '../permissions.ts';
import { poolOf } from '../resources.ts';
import { guestStatus } from '../status.ts';
import type { Guest, Storage } from '../world.ts';
import { nodeStats } from '../node-status.ts';
import { isOn } from './storage.ts';
import { taskEntry } from '../task-entry.ts';

const haTypes = { type: choice('ct', 'vm') };
const resourceTypes = { type: choice('vm', 'storage', 'node', 'sdn') };

/** Everything outside a node (pve-manager `PVE::API2`, `PVE::API2::Cluster`; pve-access-control `PVE::API2::AccessControl`). */
export const clusterRoutes: Route[] = [
  route('GET', '/version', 'all', {}, ({ lab }) => lab.world.version),
  route('GET', '/cluster/resources', 'all', resourceTypes, resources),
  route('GET', '/cluster/status', { path: '/', privileges: ['Sys.Audit'] }, {}, clusterStatus),
  route('GET', '/cluster/tasks', 'all', {}, clusterTasks),
  route('GET', '/cluster/ha/resources', { path: '/', privileges: ['Sys.Audit'] }, haTypes, haResources),
  route('GET', '/cluster/replication', 'all', {}, replicationJobs),
  route('GET', '/cluster/nextid', 'all', { vmid: integer(100, 999_999_999) }, nextId),
  route('GET', '/access/permissions', 'all', { path: text(), userid: text() }, permissions),
];

// What the token may not see is left out, not refused; a node is shown to all, its figures only with Sys.Audit.
function resources({ lab, token, values }: Call): unknown {
  const wants = (type: string): boolean => values.type === undefined || values.type === type;
  const guests = [...lab.world.guests.values()]
    .filter((guest) => may(token, `/vms/${guest.vmid}`, 'VM.Audit'))
    .sort((a, b) => a.vmid - b.vmid);
  const nodes = [...lab.world.nodes.values()];
  const storages = [...lab.world.storages.values()].filter(({ name }) =>
    may(token, `/storage/${name}`, 'Datastore.Audit'),
  );
  return [
    ...(wants('vm') ? guests.map((guest) => guestResource(lab, guest)) : []),
    ...(wants('node') ? nodes.map((node) => nodeStats(lab, node, may(token, `/nodes/${node.name}`, 'Sys.Audit'))) : []),
    ...(values.type === undefined ? poolResources(lab, token) : []),
    ...(wants('storage')
      ? storages.flatMap((store) =>
          nodes.filter(({ name }) => isOn(store, name)).map((node) => storageResource(store, node.name)),
        )
      : []),
  ];
}

// pve-manager `PVE::API2Tools::extract_vm_stats`: neither pressure nor swap here.
export function guestResource(lab: Lab, guest: Guest): object {
  const status = guestStatus(lab, guest);
  const pool = poolOf(lab.world, guest.vmid);
  const copied = ['status', 'name', 'cpu', 'mem', 'maxmem', 'disk', 'maxdisk', 'uptime', 'tags', 'lock'];
  const counters = ['netin', 'netout', 'diskread', 'diskwrite'];
  return {
    id: `${guest.type}/${guest.vmid}`,
    vmid: guest.vmid,
    node: guest.node,
    type: guest.type,
    template: Number(guest.config.template ?? 0),
    maxcpu: status.cpus,
    memhost: status.memhost ?? 0,
    ...(pool === undefined ? {} : { pool }),
    ...Object.fromEntries([...copied, ...counters].filter((key) => key in status).map((key) => [key, status[key]])),
  };
}

function poolResources({ world }: Lab, token: Call['token']): object[] {
  const seen = [...world.pools.keys()].filter((pool) => may(token, `/pool/${pool}`, 'Pool.Audit'));
  return seen.sort().map((pool) => ({ id: `/pool/${pool}`, type: 'pool', pool }));
}

// pve-manager `PVE::API2Tools::extract_storage_stats`: one entry per node that has it.
export function storageResource(store: Storage, node: string): object {
  return {
    id: `storage/${node}/${store.name}`,
    storage: store.name,
    node,
    type: 'storage',
    status: 'available',
    plugintype: store.type,
    shared: Number(store.shared),
    content: store.content.join(','),
    disk: store.used,
    maxdisk: store.total,
  };
}

// The first entry is the cluster; `get_status` leaves it out on a node that never joined one.
function clusterStatus({ lab }: Call): unknown {
  const nodes = [...lab.world.nodes.values()];
  const members = nodes.map((node, index) => ({
    type: 'node',
    id: `node/${node.name}`,
    name: node.name,
    nodeid: index + 1,
    ip: node.address,
    local: Number(index === 0),
    online: Number(node.online),
    level: '',
  }));
  const quorate = Number(nodes.filter((node) => node.online).length * 2 > nodes.length);
  const { cluster } = lab.world;
  return [{ type: 'cluster', id: 'cluster', name: cluster, nodes: nodes.length, version: 3, quorate }, ...members];
}

// pve-ha-manager `PVE::API2::HA::Resources`: what is configured, whatever its manager does with it.
function haResources({ lab, values }: Call): unknown {
  return [...lab.world.guests.values()].flatMap(({ vmid, type, ha }) => {
    const kind = type === 'lxc' ? 'ct' : 'vm';
    if (ha === undefined || (values.type !== undefined && values.type !== kind)) return [];
    return [{ sid: `${kind}:${vmid}`, type: kind, state: ha.state ?? 'started' }];
  });
}

// pve-manager `PVE::API2::ReplicationConfig`: those of guests that the token may see.
function replicationJobs({ lab, token }: Call): unknown {
  const seen = [...lab.world.guests.values()].filter(({ vmid }) => may(token, `/vms/${vmid}`, 'VM.Audit'));
  return seen.flatMap(({ vmid, node, replication = {} }) =>
    Object.entries(replication).map(([id, { target }]) => ({
      ...{ id, guest: vmid, jobnum: Number(id.split('-')[1]), source: node, target, type: 'local' },
    })),
  );
}

// All tasks with Sys.Audit on /, else one's own.
function clusterTasks({ lab, token }: Call): unknown {
  const all = may(token, '/', 'Sys.Audit');
  const tasks = [...lab.world.tasks.values()].filter((task) => all || task.user === token.id);
  return tasks.reverse().map(taskEntry);
}

function nextId({ lab, values }: Call): unknown {
  const { vmid } = values;
  if (vmid !== undefined && lab.world.guests.has(Number(vmid))) {
    refuseParameters({ vmid: `VM ${vmid} already exists` });
  }
  let free = Number(vmid ?? 100);
  while (lab.world.guests.has(free)) free += 1;
  return String(free); // described as an integer, sent as a string: Perl's number was used as a hash key before
}

// Own privileges by path, another's only with Sys.Audit on /access. The value is the propagate flag.
function permissions({ token, values }: Call): unknown {
  if (String(values.userid ?? token.id) !== token.id) demand(token, '/access', ['Sys.Audit']);
  const usual = ['/', '/access', '/access/groups', '/nodes', '/pool', '/sdn', '/storage', '/vms'];
  const paths = values.path === undefined ? [...usual, ...Object.keys(token.acl)] : [String(values.path)];
  const flags = (path: string): Record<string, number> =>
    Object.fromEntries(privilegesAt(token, path).map((privilege) => [privilege, 1]));
  const held = paths.map((path) => [path, flags(path)] as const);
  return Object.fromEntries(held.filter(([, privileges]) => Object.keys(privileges).length > 0));
}
