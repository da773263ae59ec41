import { checkLock, checkProtection } from '../config.ts';
import { die } from '../errors.ts';
import type { Call, Permission, Route } from '../lab.ts';
import { route } from '../lab.ts';
import { GiB, MiB } from '../load.ts';
import { lxcOptions, qemuOptions } from '../options.ts';
import type { Parameters } from '../parameters.ts';
import { flag, guestParameters, integer, number, required, text } from '../parameters.ts';
import { demand } from '../permissions.ts';
import { startGuestTask, startTask } from '../tasks.ts';
import { lxcRules, qemuRules } from '../update-rules.ts';
import type { Config, Guest } from '../world.ts';
import { noteSize } from '../world.ts';
import type { GuestType } from './guests.ts';
import { guestOf } from './guests.ts';
import { startGuest } from './power.ts';

const allocate: Permission = { path: '/vms/{vmid}', privileges: ['VM.Allocate'] };

// What a creation takes beside options.
const aside: Record<GuestType, Parameters> = {
  lxc: {
    bwlimit: number(0, Number.MAX_SAFE_INTEGER),
    force: flag(),
    'ha-managed': flag(),
    ostemplate: required(text({ maxLength: 255 })),
    password: text(),
    pool: text(),
    restore: flag(),
    'ssh-public-keys': text(),
    start: flag(),
    storage: text(),
    unique: flag(),
  },
  qemu: {
    archive: text({ maxLength: 255 }),
    bwlimit: integer(0),
    force: flag(),
    'ha-managed': flag(),
    'live-restore': flag(),
    pool: text(),
    start: flag(),
    storage: text(),
    unique: flag(),
  },
};

/** Creating and destroying guests (pve-container `PVE::API2::LXC`, qemu-server `PVE::API2::Qemu`). */
export function lifecycleRoutes(type: GuestType): Route[] {
  const options = type === 'lxc' ? lxcOptions : qemuOptions;
  const creation = { ...guestParameters, ...options, ...aside[type] };
  const common = { ...guestParameters, purge: flag(), 'destroy-unreferenced-disks': flag() };
  const removal = type === 'lxc' ? { ...common, force: flag() } : { ...common, skiplock: flag() };
  return [
    route('POST', `/nodes/{node}/${type}`, 'all', creation, (call) => create(call, type)),
    route('DELETE', `/nodes/{node}/${type}/{vmid}`, allocate, removal, (call) => remove(call, guestOf(call, type))),
  ];
}

// VM.Allocate on the guest, then what a change of its configuration needs.
function create(call: Call, type: GuestType): unknown {
  const { lab, token, values } = call;
  const vmid = Number(values.vmid);
  const taken = lab.world.guests.get(vmid);
  // pve-cluster `PVE::Cluster::check_vmid_unused`
  if (taken) die(`${taken.type === 'qemu' ? 'VM' : 'CT'} ${vmid} already exists on node '${taken.node}'`);
  demand(token, `/vms/${vmid}`, ['VM.Allocate']);
  const known = { ...aside[type], ...guestParameters };
  const options = Object.fromEntries(Object.entries(values).filter(([key]) => !(key in known)));
  const rules = type === 'lxc' ? lxcRules : qemuRules;
  for (const key of Object.keys(options)) demand(token, `/vms/${vmid}`, [rules.privilege(key)]);
  const order = {
    node: String(values.node),
    type: type === 'lxc' ? 'vzcreate' : 'qmcreate',
    id: String(vmid),
    user: token.id,
    failure: call.trouble.taskFailure,
  };
  return startTask(lab, order, () => {
    const guest = newGuest(call, type, options);
    lab.world.guests.set(vmid, guest);
    // pve-access-control `PVE::AccessControl::add_vm_to_pool`, and `remove_vm_from_pool` below.
    lab.world.pools.get(String(values.pool))?.vms.add(vmid);
    noteSize(lab.world, guest, lab.now());
    if (values.start === 1) startGuest(lab, guest);
  });
}

const defaults: Record<GuestType, Config> = {
  lxc: { arch: 'amd64', ostype: 'debian', memory: 512, swap: 512, unprivileged: 1 },
  qemu: { memory: '512' },
};

// A new volume is asked for as `storage:GiB` and stands in the file as `storage:name,size=…G` (`$NEW_DISK_RE`).
function newGuest({ values }: Call, type: GuestType, options: Config): Guest {
  const vmid = Number(values.vmid);
  const config: Config = { ...defaults[type], ...options };
  const key = type === 'lxc' ? 'rootfs' : 'scsi0';
  const [, store, gib] = /^([^:]+):(\d+)/.exec(String(config[key] ?? '')) ?? [];
  const size = Number(gib ?? 4);
  if (store !== undefined || type === 'lxc') {
    config[key] = `${store ?? String(values.storage ?? 'local-lvm')}:vm-${vmid}-disk-0,size=${size}G`;
  }
  return {
    vmid,
    type,
    node: String(values.node),
    status: 'stopped',
    config,
    pending: {},
    pendingDelete: [],
    snapshots: new Map(),
    startedAt: 0,
    load: { anon: 60 * MiB, shared: 0, cache: 100 * MiB, cpu: 0.02, io: 0 },
    sizes: [],
    historyDays: 0,
    diskSize: size * GiB,
    diskUsed: Math.round(0.6 * GiB),
  };
}

function remove(call: Call, guest: Guest): unknown {
  const isContainer = guest.type === 'lxc';
  checkProtection(guest, `can't remove ${isContainer ? 'CT' : 'VM'} ${guest.vmid}`);
  checkLock(guest, call.trouble.lock);
  // `PVE::HA::Config::service_is_configured`, as long as `purge` does not take it out (`destroy_vm`).
  if (guest.ha !== undefined && call.values.purge !== 1) {
    die(
      `unable to remove ${isContainer ? 'CT' : 'VM'} ${guest.vmid} - used in HA resources and purge parameter not set.`,
    );
  }
  // pve-guest-common `PVE::ReplicationConfig::check_for_existing_jobs`.
  const [job] = call.values.purge === 1 ? [] : Object.keys(guest.replication ?? {});
  if (job !== undefined)
    die(`There is a replication job '${job}' for guest '${guest.vmid}' - Please remove that first.`);
  if (guest.status === 'running' && call.values.force !== 1) {
    const container = `unable to destroy CT ${guest.vmid} - container is running`;
    die(isContainer ? container : `VM ${guest.vmid} is running - destroy failed`);
  }
  return startGuestTask(call, guest, 'destroy', () => {
    call.lab.world.guests.delete(guest.vmid);
    for (const { vms } of call.lab.world.pools.values()) vms.delete(guest.vmid);
  });
}
