import { checkLock, parseProperties } from '../config.ts';
import { die, PveError } from '../errors.ts';
import type { Call, Permission, Route } from '../lab.ts';
import { route } from '../lab.ts';
import { flag, guestParameters, integer, number, required, text } from '../parameters.ts';
import { demand } from '../permissions.ts';
import { startTask } from '../tasks.ts';
import type { Guest } from '../world.ts';
import { noteSize } from '../world.ts';
import type { GuestType } from './guests.ts';
import { guestOf } from './guests.ts';
import { isOn } from './storage.ts';

const allocate = { privileges: ['VM.Allocate'] };
const permission: Permission = {
  and: [
    { path: '/vms/{vmid}', privileges: ['VM.Clone'] },
    {
      or: [
        { path: '/vms/{newid}', ...allocate },
        { path: '/pool/{pool}', ...allocate, requires: 'pool' },
      ],
    },
  ],
};
const most = Number.MAX_SAFE_INTEGER;
const common = {
  ...{ newid: required(integer(100)), description: text(), full: flag(), pool: text() },
  ...{ snapname: text(), storage: text(), target: text() },
};
const sending = {
  lxc: { ...common, bwlimit: number(0, most), hostname: text() },
  qemu: { ...common, bwlimit: integer(0), format: text(), name: text() },
};

/** `POST …/clone` (pve-container `PVE::API2::LXC`, qemu-server `PVE::API2::Qemu`: clone_vm). */
export function cloneRoute(type: GuestType): Route {
  const parameters = { ...guestParameters, ...sending[type] };
  return route('POST', `/nodes/{node}/${type}/{vmid}/clone`, permission, parameters, (call) =>
    clone(call, guestOf(call, type)),
  );
}

// Full clones only. While the task runs the new configuration holds a lock and nothing else, and a container's source is
// locked, too.
function clone(call: Call, source: Guest): unknown {
  const { lab, token, values } = call;
  const { guests } = lab.world;
  const newid = Number(values.newid);
  const [kind, label] = source.type === 'lxc' ? (['vzclone', 'CT'] as const) : (['qmclone', 'VM'] as const);
  const taken = guests.get(newid);
  if (taken) die(`unable to create ${label} ${newid}: ${label} ${newid} already exists on node '${taken.node}'`);
  const node = String(values.target ?? source.node);
  const store = String(values.storage ?? storageOf(source));
  demand(token, `/storage/${store}`, ['Datastore.AllocateSpace']);
  if (!isOn(lab.world.storages.get(store), node)) die(`storage '${store}' is not available on node '${node}'`);
  if (node !== source.node && lab.world.storages.get(storageOf(source))?.shared !== true)
    die(`can't clone to non-shared storage '${storageOf(source)}'`);
  checkLock(source, call.trouble.lock);
  const made = { ...source, node, vmid: newid, status: 'stopped', startedAt: 0, historyDays: 0 } as const;
  const lock = source.type === 'lxc' ? 'create' : 'clone';
  const fresh = { ...made, config: { lock }, pending: {}, pendingDelete: [], snapshots: new Map(), sizes: [] };
  guests.set(newid, fresh);
  const order = { node: source.node, type: kind, id: String(source.vmid), user: token.id };
  const held = source.type === 'lxc' ? { ...order, lock: { guest: source, as: 'disk' } } : order;
  return startTask(lab, held, () => {
    guests.delete(newid);
    if (call.trouble.taskFailure !== undefined) throw new PveError(500, call.trouble.taskFailure);
    const guest: Guest = { ...fresh, config: configOf(source, newid, store, values) };
    guests.set(newid, guest);
    noteSize(lab.world, guest, lab.now());
  });
}

function configOf(source: Guest, newid: number, store: string, values: Call['values']): Guest['config'] {
  const entries = Object.entries(source.config).flatMap(([key, value]): [string, string | number][] => {
    if (key === 'template' || key === 'lock') return [];
    const text = String(value);
    if (/^net\d+$/.test(key)) return [[key, text.replace(/(BC:24:11:)[0-9A-F:]{8}/, `$1${macOf(newid)}`)]];
    if (/^(rootfs|mp\d+|(scsi|virtio|sata|ide)\d+)$/.test(key))
      return [[key, text.replace(/^[^:]+:[^,]*?(-disk-\d+)/, `${store}:vm-${newid}$1`)]];
    return [[key, value]];
  });
  const name = values.hostname ?? values.name;
  const title = source.type === 'lxc' ? 'hostname' : 'name';
  return {
    ...Object.fromEntries(entries),
    ...(name === undefined ? {} : { [title]: String(name) }),
    ...(values.description === undefined ? {} : { description: String(values.description) }),
  };
}

const macOf = (vmid: number): string =>
  (vmid % 0x1000000)
    .toString(16)
    .toUpperCase()
    .padStart(6, '0')
    .replace(/(..)(?=.)/g, '$1:');

function storageOf({ config }: Guest): string {
  const volume = parseProperties(config.rootfs ?? config.scsi0, 'volume').get('volume') ?? '';
  return volume.slice(0, volume.indexOf(':'));
}
