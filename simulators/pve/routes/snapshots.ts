import { checkLock, digestOf } from '../config.ts';
import { die } from '../errors.ts';
import type { Call, Permission, Route } from '../lab.ts';
import { route } from '../lab.ts';
import { choice, flag, guestParameters, required, text } from '../parameters.ts';
import { startGuestTask } from '../tasks.ts';
import type { Guest } from '../world.ts';
import { noteSize } from '../world.ts';
import type { GuestType } from './guests.ts';
import { auditGuest, guestOf, snapshotName } from './guests.ts';
import { startGuest, stopGuest } from './power.ts';

const manage: Permission = { path: '/vms/{vmid}', privileges: ['VM.Snapshot'] };
const goBack: Permission = { path: '/vms/{vmid}', privileges: ['VM.Snapshot', 'VM.Snapshot.Rollback'], any: true };

/** Snapshots (pve-container `PVE::API2::LXC::Snapshot`, qemu-server `PVE::API2::Qemu`, both on pve-guest-common `PVE::AbstractConfig`). */
export function snapshotRoutes(type: GuestType): Route[] {
  const guest = `/nodes/{node}/${type}/{vmid}`;
  const all = `${guest}/snapshot`;
  const named = { ...guestParameters, snapname: required(snapshotName) };
  const created = { ...named, description: text(), ...(type === 'qemu' ? { vmstate: flag() } : {}) };
  const asked = { ...guestParameters, feature: required(choice('snapshot', 'clone', 'copy')), snapname: snapshotName };
  return [
    route('GET', all, auditGuest, guestParameters, (call) => list(guestOf(call, type))),
    route('POST', all, manage, created, (call) => create(call, guestOf(call, type))),
    route('DELETE', `${all}/{snapname}`, manage, { ...named, force: flag() }, (call) =>
      remove(call, guestOf(call, type)),
    ),
    route('POST', `${all}/{snapname}/rollback`, goBack, { ...named, start: flag() }, (call) =>
      rollback(call, guestOf(call, type)),
    ),
    route('GET', `${guest}/feature`, auditGuest, asked, (call) => feature(call, guestOf(call, type))),
  ];
}

function list(guest: Guest): unknown {
  const taken = [...guest.snapshots].map(([name, { snaptime, description, parent }]) => ({
    name,
    snaptime,
    description,
    ...(parent === undefined ? {} : { parent }),
  }));
  const { parent } = guest.config;
  const current = {
    name: 'current',
    description: 'You are here!',
    digest: digestOf(guest),
    running: Number(guest.status === 'running'),
    ...(parent === undefined ? {} : { parent }),
  };
  return [...taken, current];
}

// `current` is reserved for both, `vzdump` for containers.
function create(call: Call, guest: Guest): unknown {
  const name = String(call.values.snapname);
  const reserved = name === 'current' || (name === 'vzdump' && guest.type === 'lxc');
  if (reserved) die(`unable to use snapshot name '${name}' (reserved name)`);
  return change(call, guest, 'snapshot', 'snapshot', () => {
    if (guest.snapshots.has(name)) die(`snapshot name '${name}' already used`);
    if (!canSnapshot(call, guest)) die('snapshot feature is not available');
    const { parent } = guest.config;
    const config = { ...guest.config };
    for (const own of ['parent', 'lock']) Reflect.deleteProperty(config, own);
    guest.snapshots.set(name, {
      config,
      snaptime: Math.floor(call.lab.now() / 1000),
      description: String(call.values.description ?? ''),
      ...(parent === undefined ? {} : { parent: String(parent) }),
    });
    guest.config.parent = name;
  });
}

function remove(call: Call, guest: Guest): unknown {
  const name = String(call.values.snapname);
  return change(call, guest, 'delsnapshot', 'snapshot-delete', () => {
    const gone = guest.snapshots.get(name) ?? die(`snapshot '${name}' does not exist`);
    guest.snapshots.delete(name);
    for (const owner of [guest.config, ...guest.snapshots.values()]) {
      if (owner.parent !== name) continue;
      if (gone.parent === undefined) delete owner.parent;
      else owner.parent = gone.parent;
    }
  });
}

// A rollback stops the guest; it runs again only where asked (`start`). Values that waited for a reboot are gone with it.
function rollback(call: Call, guest: Guest): unknown {
  const name = String(call.values.snapname);
  return change(call, guest, 'rollback', 'rollback', () => {
    const taken = guest.snapshots.get(name) ?? die(`snapshot '${name}' does not exist`);
    stopGuest(call.lab, guest);
    guest.config = { ...taken.config, parent: name };
    guest.pending = {};
    guest.pendingDelete = [];
    noteSize(call.lab.world, guest, call.lab.now());
    if (call.values.start === 1) startGuest(call.lab, guest);
  });
}

// A lock is looked at inside the worker: the request itself gets its UPID.
function change(call: Call, guest: Guest, verb: string, lock: string, work: () => void): string {
  const held = call.trouble.lock ?? guest.config.lock;
  if (held === undefined) return startGuestTask(call, guest, verb, work, lock);
  return startGuestTask(call, guest, verb, () => checkLock(guest, String(held)));
}

function feature(call: Call, guest: Guest): unknown {
  const hasFeature = Number(canSnapshot(call, guest));
  return guest.type === 'qemu' ? { hasFeature, nodes: [call.values.node] } : { hasFeature };
}

// `has_feature`: every volume's storage must be able to; thin pools and ZFS are.
function canSnapshot({ lab }: Call, guest: Guest): boolean {
  const volume = String(guest.config.rootfs ?? guest.config.scsi0 ?? guest.config.virtio0 ?? '');
  const type = lab.world.storages.get(volume.slice(0, volume.indexOf(':')))?.type;
  return type === 'lvmthin' || type === 'zfspool';
}
