import { checkLock, digestOf, parseProperties } from '../config.ts';
import { die } from '../errors.ts';
import type { Call, Permission, Route } from '../lab.ts';
import { route } from '../lab.ts';
import { flag, guestParameters, integer, number, required, text } from '../parameters.ts';
import { demand } from '../permissions.ts';
import { startGuestTask } from '../tasks.ts';
import { lxcRules } from '../update-rules.ts';
import type { Guest } from '../world.ts';
import type { GuestType } from './guests.ts';
import { guestOf } from './guests.ts';
import { isOn } from './storage.ts';

const permission: Permission = { path: '/vms/{vmid}', privileges: ['VM.Config.Disk'] };
const shared = { delete: flag(), digest: text({ maxLength: 40 }), storage: text() };
const asked = {
  lxc: { ...shared, volume: required(text()), bwlimit: number(0, Number.MAX_SAFE_INTEGER) },
  qemu: { ...shared, disk: required(text()), bwlimit: integer(0) },
};

/** A volume to another storage (pve-container `PVE::API2::LXC` move_volume, qemu-server `PVE::API2::Qemu` move_vm_disk); not to another guest. */
export function moveRoute(type: GuestType): Route {
  const path = `/nodes/{node}/${type}/{vmid}/${type === 'lxc' ? 'move_volume' : 'move_disk'}`;
  return route('POST', path, permission, { ...guestParameters, ...asked[type] }, (call) =>
    move(call, guestOf(call, type)),
  );
}

function move(call: Call, guest: Guest): unknown {
  const { lab, token, values } = call;
  const key = String(values.volume ?? values.disk);
  const to = String(values.storage ?? '');
  demand(token, `/storage/${to}`, ['Datastore.AllocateSpace']);
  checkLock(guest, call.trouble.lock);
  // Both ask `assert_if_modified` here, though qemu-server words it otherwise where a configuration is written.
  if (values.digest !== undefined && values.digest !== '' && values.digest !== digestOf(guest))
    die(lxcRules.digestMessage);
  const parts = parseProperties(guest.config[key] ?? die(`disk '${key}' does not exist`), 'volume');
  const volume = parts.get('volume') ?? '';
  const [from = ''] = volume.split(':');
  if (from === to) die("you can't move to the same storage with same format");
  const store = lab.world.storages.get(to);
  if (store === undefined || !isOn(store, guest.node)) die(`storage '${to}' does not exist`);
  const kind = guest.type === 'lxc' ? 'rootdir' : 'images';
  if (!store.content.includes(kind)) die(`storage '${to}' does not support content-type '${kind}'`);
  if (guest.type === 'lxc' && guest.status === 'running') die('cannot move volumes of a running container');
  const name = guest.type === 'lxc' ? 'move_volume' : 'qmmove';
  return startGuestTask(
    call,
    guest,
    name,
    () => {
      const free = Array.from({ length: 256 }, (_, at) => `unused${at}`).find((one) => guest.config[one] === undefined);
      parts.set('volume', volume.replace(/^[^:]+/, to));
      guest.config[key] = [...parts].map(([part, value]) => (part === 'volume' ? value : `${part}=${value}`)).join(',');
      if (values.delete !== 1 && free !== undefined) guest.config[free] = volume;
    },
    // A container is locked while it moves; a virtual machine's configuration says nothing of it, only the task does.
    guest.type === 'lxc' ? 'disk' : undefined,
  );
}
