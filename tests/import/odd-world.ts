import type { Guest, World } from '../../simulators/pve/index.ts';

type Config = { [key: string]: string | number };

/** What is on the wire of one guest, beside the usual keys. */
interface Odd {
  vmid: number;
  type: 'lxc' | 'qemu';
  node?: string;
  config: Config;
  without?: string;
  snapshot?: true;
}

const bridged = (mac: string): string => `virtio=BC:24:11:00:02:${mac},bridge=vmbr0`;

/** Guests that are declared although they are odd. */
const declarable: Odd[] = [
  // Sizes in other units, terabytes and mebibytes.
  { vmid: 300, type: 'qemu', config: { name: 'units', scsi0: 'local-lvm:vm-300-disk-0,size=1T', net0: bridged('00') } },
  { vmid: 301, type: 'lxc', config: { hostname: 'mebi', rootfs: 'local-lvm:vm-301-disk-0,size=16384M' } },
  // Old buses and cards, a card that is unplugged, trunks and queues; the drive of cloud-init before the disk.
  {
    vmid: 303,
    type: 'qemu',
    config: {
      name: 'legacy',
      ide0: 'local-lvm:vm-303-disk-0,size=4G',
      sata3: 'local-lvm:vm-303-disk-1,size=40G',
      boot: 'order=ide0;net0',
      net0: 'rtl8139=BC:24:11:00:02:03,bridge=vmbr0,link_down=1,queues=2,trunks=2;3;4',
      net1: 'vmxnet3=BC:24:11:00:02:33,bridge=vmbr1',
    },
  },
  {
    vmid: 304,
    type: 'qemu',
    config: {
      name: 'seeded',
      ide0: 'local-lvm:vm-304-cloudinit,media=cdrom,size=4M',
      scsi0: 'local-lvm:vm-304-disk-0,size=10G',
      boot: 'order=ide0;scsi0',
      net0: bridged('04'),
      ipconfig0: 'ip=dhcp,ip6=auto',
      efidisk0: 'local-lvm:vm-304-disk-1,efitype=4m,size=4M',
      bios: 'ovmf',
      sockets: 2,
      vcpus: 2,
    },
    snapshot: true,
  },
  // Unprivileged with volumes and a folder of the host; only an address of IPv6; by a bridge of a software-defined network.
  {
    vmid: 305,
    type: 'lxc',
    config: {
      hostname: 'volumes',
      unprivileged: 1,
      mp0: 'local-lvm:vm-305-disk-1,mp=/data,size=4G',
      mp12: '/tank,mp=/tank,shared=1',
      unused0: 'local-lvm:vm-305-disk-2',
    },
    snapshot: true,
  },
  {
    vmid: 306,
    type: 'lxc',
    config: {
      hostname: 'six',
      net0: 'name=eth0,bridge=vnet7,hwaddr=BC:24:11:00:02:06,ip6=fd00::6/64,gw6=fd00::1,type=veth',
    },
  },
  {
    vmid: 307,
    type: 'lxc',
    config: { hostname: 'manual', net0: 'name=eth0,bridge=vmbr0,hwaddr=BC:24:11:00:02:07,ip=manual,type=veth' },
  },
  // One of two by one name, whatever the letters and the domain: the other one is left out.
  { vmid: 327, type: 'lxc', config: { hostname: 'twin.a.lan' } },
];

/** Guests that no file can say: each with the word of its reason. */
const unsayable: (Odd & { why: RegExp })[] = [
  {
    vmid: 320,
    type: 'qemu',
    why: /template/,
    config: { name: 'golden', template: 1, scsi0: 'local-lvm:base-320-disk-0,size=8G' },
  },
  { vmid: 321, type: 'qemu', why: /no first disk/, config: { name: 'pxe', boot: 'order=net0', net0: bridged('21') } },
  {
    vmid: 322,
    type: 'qemu',
    why: /no first disk/,
    config: { name: 'rawdisk', scsi0: '/dev/disk/by-id/ata-X_123,size=931G', net0: bridged('22') },
  },
  {
    vmid: 323,
    type: 'lxc',
    why: /no first disk of whole GiB/,
    config: { hostname: 'half', rootfs: 'local-lvm:vm-323-disk-0,size=2560M' },
  },
  {
    vmid: 324,
    type: 'qemu',
    why: /no net0/,
    config: { name: 'nat', scsi0: 'local-lvm:vm-324-disk-0,size=8G', net0: 'virtio=BC:24:11:00:02:24' },
  },
  { vmid: 325, type: 'lxc', why: /no net0/, config: { hostname: 'island' }, without: 'net0' },
  { vmid: 326, type: 'lxc', why: /limit of cores/, config: { hostname: 'unbound' }, without: 'cores' },
  {
    ...{ vmid: 302, type: 'qemu', why: /cannot say its name/, without: 'name' },
    config: { scsi0: 'local-lvm:vm-302-disk-0,size=8G', net0: bridged('02') },
  },
  {
    vmid: 328,
    type: 'qemu',
    node: 'pve2',
    why: /^lxc\/327 has the same name$/,
    config: { name: 'TWIN', scsi0: 'local-lvm:vm-328-disk-0,size=8G', net0: bridged('28') },
  },
];

/** Why each that cannot be declared is left out, by its id. */
export const leftOutOdd = new Map(unsayable.map(({ type, vmid, why }) => [`${type}/${vmid}`, why]));
export const declaredOdd = declarable.map(({ type, vmid }) => `${type}/${vmid}`);

/** A cluster of two nodes with nothing but odd guests. */
export function oddWorld(world: World, now: number): World {
  const node = world.nodes.get('pve1');
  if (node !== undefined) world.nodes.set('pve2', { ...node, name: 'pve2' });
  world.guests.clear();
  for (const one of [...declarable, ...unsayable]) world.guests.set(one.vmid, guestOf(one, now));
  return world;
}

function guestOf({ vmid, type, node = 'pve1', config, without, snapshot }: Odd, now: number): Guest {
  const usual: Config =
    type === 'lxc'
      ? {
          ...{ arch: 'amd64', cores: 1, memory: 512, swap: 0, ostype: 'alpine', unprivileged: 1 },
          rootfs: `local-lvm:vm-${vmid}-disk-0,size=8G`,
          net0: `name=eth0,bridge=vmbr0,hwaddr=BC:24:11:00:03:${vmid % 100},ip=dhcp,type=veth`,
        }
      : { name: `vm-${vmid}`, cores: 1, memory: '1024', ostype: 'l26' };
  const all = Object.entries({ ...usual, ...config }).filter(([key]) => key !== without);
  const whole: Config = Object.fromEntries([...all, ...(snapshot === true ? [['parent', 'before-upgrade']] : [])]);
  return {
    ...{ vmid, type, node, status: 'running', config: whole, pending: {}, pendingDelete: [] },
    snapshots: new Map(
      snapshot === true
        ? [['before-upgrade', { config: { ...whole }, snaptime: Math.floor(now / 1000) - 3600, description: '' }]]
        : [],
    ),
    ...{ startedAt: now - 86_400_000, sizes: [], historyDays: 1, ...(vmid % 2 === 0 ? { ha: { seconds: 0 } } : {}) },
    load: { anon: 100 * 2 ** 20, shared: 0, cache: 0, cpu: 0.1, io: 0 },
    ...{ diskSize: 8 * 2 ** 30, diskUsed: 2 ** 30 },
  };
}
