import { checkLock, digestOf, parseProperties } from '../config.ts';
import { die } from '../errors.ts';
import type { Call, Permission, Route } from '../lab.ts';
import { route } from '../lab.ts';
import { GiB, MiB } from '../load.ts';
import { flag, guestParameters, required, text } from '../parameters.ts';
import { demand } from '../permissions.ts';
import { startGuestTask } from '../tasks.ts';
import { lxcRules, qemuRules } from '../update-rules.ts';
import type { Guest } from '../world.ts';
import type { GuestType } from './guests.ts';
import { guestOf } from './guests.ts';

const disks = {
  lxc: /^(rootfs|mp(\d{1,2}|1\d\d|2[0-4]\d|25[0-5]))$/,
  qemu: /^(ide[0-3]|scsi([0-9]|[12]\d|30)|virtio([0-9]|1[0-5])|sata[0-5]|efidisk0|tpmstate0)$/,
};

/** `PUT …/resize`: disks only grow (pve-container and qemu-server, `resize_vm`). */
export function resizeRoute(type: GuestType): Route {
  const permission: Permission = { path: '/vms/{vmid}', privileges: ['VM.Config.Disk'], any: type === 'lxc' };
  const parameters = {
    ...guestParameters,
    digest: text({ maxLength: 40 }),
    disk: required(text({ pattern: disks[type] })),
    size: required(text({ pattern: /^\+?\d+(\.\d+)?[KMGT]?$/ })),
    ...(type === 'qemu' ? { skiplock: flag() } : {}),
  };
  const path = `/nodes/{node}/${type}/{vmid}/resize`;
  return route('PUT', path, permission, parameters, (call) => resize(call, guestOf(call, type)));
}

// A UPID for both; a container is looked at before the task starts and again in it, a VM only in it.
function resize(call: Call, guest: Guest): unknown {
  if (guest.type === 'lxc') newSize(call, guest);
  return startGuestTask(call, guest, 'resize', () => {
    const { key, size } = newSize(call, guest);
    const volume = parseProperties(guest.config[key], 'volume');
    volume.set('size', `${size / GiB}G`);
    const parts = [...volume].map(([name, value]) => (name === 'volume' ? value : `${name}=${value}`));
    guest.config[key] = parts.join(',');
    if (key === 'rootfs' || key === 'scsi0') guest.diskSize = size;
  });
}

function newSize(call: Call, guest: Guest): { key: string; size: number } {
  const { digest, disk, size: asked } = call.values;
  const rules = guest.type === 'lxc' ? lxcRules : qemuRules;
  const wrongDigest = digest !== undefined && digest !== '' && digest !== digestOf(guest);
  if (guest.type === 'lxc') checkLock(guest, call.trouble.lock);
  if (wrongDigest) die(rules.digestMessage);
  if (guest.type === 'qemu') checkLock(guest, call.trouble.lock);
  const key = String(disk);
  const volume = parseProperties(guest.config[key] ?? die(`disk '${key}' does not exist`), 'volume');
  const [store = ''] = (volume.get('volume') ?? '').split(':');
  demand(call.token, `/storage/${store}`, ['Datastore.AllocateSpace']);
  const now = bytesOf(volume.get('size') ?? '0');
  return { key, size: grown(guest, now, String(asked)) };
}

function grown(guest: Guest, now: number, asked: string): number {
  const size = Math.floor(asked.startsWith('+') ? now + bytesOf(asked.slice(1)) : bytesOf(asked));
  if (size < now) die(guest.type === 'lxc' ? 'unable to shrink disk size' : 'shrinking disks is not supported');
  if (size === now && guest.type === 'lxc') die('disk is already at specified size');
  return size;
}

const units: Record<string, number> = { K: 1024, M: MiB, G: GiB, T: 1024 * GiB };

// A bare number is bytes (pve-common `PVE::JSONSchema::parse_size`).
function bytesOf(text: string): number {
  const unit = units[text.at(-1) ?? ''];
  return unit === undefined ? Number(text) : Number(text.slice(0, -1)) * unit;
}
