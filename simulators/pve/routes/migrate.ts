import { checkLock, parseProperties } from '../config.ts';
import { die, refuseParameters } from '../errors.ts';
import type { Call, Lab, Permission, Route } from '../lab.ts';
import { route } from '../lab.ts';
import { flag, guestParameters, integer, number, required, text } from '../parameters.ts';
import { startGuestTask, tellManager } from '../tasks.ts';
import { isOn } from './storage.ts';
import { type Guest, isManaged, noteSize } from '../world.ts';
import type { GuestType } from './guests.ts';
import { guestOf } from './guests.ts';
import { startGuest, stopGuest } from './power.ts';

const permission: Permission = { path: '/vms/{vmid}', privileges: ['VM.Migrate'] };
const most = Number.MAX_SAFE_INTEGER;
const target = { target: required(text()), online: flag() };
const sending = {
  lxc: { ...target, bwlimit: number(0, most), restart: flag(), 'target-storage': text(), timeout: integer() },
  qemu: { ...target, bwlimit: integer(0), force: flag(), targetstorage: text(), 'with-local-disks': flag() },
};

/** Moving a guest to another node of the cluster (pve-container `PVE::API2::LXC`, qemu-server `PVE::API2::Qemu`: migrate_vm, migrate_vm_precondition). */
export function migrateRoutes(type: GuestType): Route[] {
  const path = `/nodes/{node}/${type}/{vmid}/migrate`;
  const asking = { ...guestParameters, target: text() };
  return [
    route('GET', path, permission, asking, (call) => precondition(call, guestOf(call, type))),
    route('POST', path, permission, { ...guestParameters, ...sending[type] }, (call) =>
      migrate(call, guestOf(call, type)),
    ),
  ];
}

function precondition({ lab, values }: Call, guest: Guest): unknown {
  const others = [...lab.world.nodes.values()].filter(({ name, online }) => online && name !== guest.node);
  const without = new Map(others.map(({ name }) => [name, missingOn(lab, guest, name)]));
  const allowed = others.map(({ name }) => name).filter((name) => without.get(name)?.length === 0);
  const running = guest.status === 'running';
  if (guest.type === 'lxc') return { running, 'allowed-nodes': allowed, 'not-allowed-nodes': {} };
  const missing = without.get(String(values.target)) ?? [];
  const unavailable = missing.length === 0 ? {} : { [String(values.target)]: { unavailable_storages: missing } };
  return {
    running,
    allowed_nodes: allowed,
    not_allowed_nodes: unavailable,
    local_disks: localVolumes(lab, guest).map((volid) => ({ volid, size: guest.diskSize, cdrom: 0, is_unused: 0 })),
    local_resources: Object.keys(guest.config).filter((key) => /^(hostpci|usb)\d+$/.test(key)),
    'mapped-resources': [],
    'mapped-resource-info': {},
    'has-dbus-vmstate': 1,
  };
}

function migrate(call: Call, guest: Guest): unknown {
  const { lab, values } = call;
  const to = String(values.target);
  if (to === guest.node) refuseParameters({ target: 'target is local node.' });
  const node = lab.world.nodes.get(to) ?? die(`no such cluster node '${to}'`);
  if (!node.online) die(`node '${to}' is not online`);
  checkLock(guest, call.trouble.lock);
  const running = guest.status === 'running';
  if (running && guest.type === 'lxc' && values.online !== 1 && values.restart !== 1)
    die("Can't migrate running container without --online or --restart");
  if (running && guest.type === 'qemu' && values.online !== 1) die("can't migrate running VM without --online");
  const [missing] = missingOn(lab, guest, to);
  if (missing !== undefined) die(`storage '${missing}' is not available on node '${to}'`);
  const work = (): void => {
    if (running && guest.type === 'lxc' && values.restart !== 1) die('lxc live migration is currently not implemented');
    if (running && guest.type === 'qemu' && values['with-local-disks'] !== 1 && localVolumes(lab, guest).length > 0)
      die("can't live migrate attached local disks without with-local-disks option");
    if (running && guest.type === 'lxc') stopGuest(lab, guest);
    guest.node = to;
    if (running && guest.type === 'lxc') startGuest(lab, guest);
    noteSize(lab.world, guest, lab.now());
  };
  const name = guest.type === 'lxc' ? 'vzmigrate' : 'qmigrate';
  if (isManaged(guest)) return tellManager(call, guest, 'hamigrate', name, work);
  return startGuestTask(call, guest, name, work, 'migrate');
}

function localVolumes(lab: Lab, guest: Guest): string[] {
  return volumesOf(guest).filter((volume) => lab.world.storages.get(storageOf(volume))?.shared === false);
}

function missingOn(lab: Lab, guest: Guest, node: string): string[] {
  const stores = new Set(volumesOf(guest).map(storageOf));
  return [...stores].filter((name) => !isOn(lab.world.storages.get(name), node));
}

function volumesOf(guest: Guest): string[] {
  const keys = Object.entries(guest.config).filter(([key]) => /^(rootfs|mp\d+|(scsi|virtio|sata|ide)\d+)$/.test(key));
  const volumes = keys.map(([, value]) => parseProperties(value, 'volume').get('volume') ?? '');
  return volumes.filter((volume) => volume.includes(':') && !volume.startsWith('/'));
}

const storageOf = (volume: string): string => volume.slice(0, volume.indexOf(':'));
