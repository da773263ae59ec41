import type { Load } from './load.ts';
import { GiB, MiB } from './load.ts';
import { administrator, roles } from './permissions.ts';
import { homeInterfaces, homeInternet } from './resources.ts';
import type { Config, Guest, Node, Storage, Token, World } from './world.ts';
import { noteSize } from './world.ts';

const day = 86_400_000;

/** Tokens of the home lab: read-only, gitmend's writing one, and an administrator's for Terraform. */
export const homeTokens = {
  read: 'gitmend@pve!read=1b9d6bcd-bbfd-4b2d-9b5d-ab8dfbbd4bed',
  write: 'gitmend@pve!write=9f8e7d6c-5b4a-4938-8271-60514a3b2c1d',
  admin: 'terraform@pve!admin=6ec0bd7f-11c0-43da-975e-2a8ad9ebae0b',
} as const;

const config = (...parts: string[]): string[] => parts.map((part) => `VM.Config.${part}`);

/** What the writing token may do: change, restart and back up guests; nothing about nodes, storages or permissions. */
export const writePrivileges: readonly string[] = [
  ...roles.PVEAuditor,
  ...config('Memory', 'CPU', 'Options', 'Disk'),
  ...['VM.PowerMgmt', 'VM.Migrate', 'VM.Snapshot', 'VM.Backup', 'Datastore.AllocateSpace'],
];

/**
 * The demo's lab, all well: cluster `home`, node `pve1` (24 GiB, 8 CPUs), five guests as `infra/guests` declares them.
 * `now` in milliseconds since the epoch; guests have run for 21 days, their history goes back 14.
 */
export function homeLab(now: number): World {
  const guests = [...sketches.map((sketch) => container(sketch, now)), homeAssistant(now)];
  const world: World = {
    cluster: 'home',
    version: { version: '9.1.3', release: '9.1', repoid: '6ae1a2c8' },
    nodes: new Map([['pve1', { ...pve1, bootedAt: now - 40 * day, interfaces: homeInterfaces() }]]),
    guests: new Map(guests.map((guest) => [guest.vmid, guest])),
    storages: new Map(storages.map((storage) => [storage.name, { ...storage, files: new Map() }])),
    tokens: new Map(tokens().map((token) => [token.id, token])),
    tasks: new Map(),
    pools: new Map(),
    backupJobs: new Map(),
    internet: homeInternet(),
  };
  for (const guest of guests) noteSize(world, guest, now - 30 * day);
  return world;
}

const pve1: Omit<Node, 'bootedAt' | 'interfaces'> = {
  name: 'pve1',
  address: '192.168.1.10',
  memory: 24 * GiB,
  cpus: 8,
  hostMemory: 1.4 * GiB, // leaves 11.2 GiB free in the scenario memory
  online: true,
};

const local: Omit<Storage, 'files'> = {
  name: 'local',
  type: 'dir',
  content: ['iso', 'vztmpl', 'backup'],
  shared: false,
  total: 100 * GiB,
  used: 22 * GiB,
};

const localLvm: Omit<Storage, 'files'> = {
  name: 'local-lvm',
  type: 'lvmthin',
  content: ['images', 'rootdir'],
  shared: false,
  total: 800 * GiB,
  used: 210 * GiB,
};

const storages = [local, localLvm];

function tokens(): Token[] {
  const acl = { read: roles.PVEAuditor, write: writePrivileges, admin: administrator };
  return (['read', 'write', 'admin'] as const).map((name) => {
    const [id = '', secret = ''] = homeTokens[name].split('=');
    return { id, secret, acl: { '/': acl[name] } };
  });
}

interface Sketch {
  vmid: number;
  name: string;
  /** MiB, MiB, GiB. */
  size: [memory: number, swap: number, disk: number];
  tag: string;
  load: Load;
}

/** In MiB: anonymous, shared, page cache. */
const load = (anon: number, shared: number, cache: number, cpu = 0.3): Load => ({
  anon: anon * MiB,
  shared: shared * MiB,
  cache: cache * MiB,
  cpu,
  io: 0.5,
});

const sketches: Sketch[] = [
  { vmid: 200, name: 'postgres', size: [2048, 512, 32], tag: 'database', load: load(1180, 500, 40) },
  { vmid: 201, name: 'nextcloud', size: [4096, 512, 64], tag: 'web', load: load(2100, 60, 900) },
  { vmid: 202, name: 'frigate', size: [4096, 0, 32], tag: 'camera', load: load(2300, 256, 600, 1.1) },
  { vmid: 204, name: 'gitea', size: [2048, 512, 32], tag: 'git', load: load(620, 20, 300) },
];

function container({ vmid, name, size: [memory, swap, disk], tag, load }: Sketch, now: number): Guest {
  const mac = `BC:24:11:00:00:${(vmid - 180).toString(16)}`;
  const options: Config = {
    arch: 'amd64',
    cores: 2,
    hostname: name,
    memory,
    net0: `name=eth0,bridge=vmbr0,gw=192.168.1.1,hwaddr=${mac},ip=${addressOf(vmid)},type=veth`,
    onboot: 1,
    ostype: 'debian',
    rootfs: `local-lvm:vm-${vmid}-disk-0,size=${disk}G`,
    swap,
    tags: tag,
    unprivileged: 1,
  };
  return guest({ vmid, type: 'lxc', config: options, load, disk }, now);
}

function homeAssistant(now: number): Guest {
  const mac = 'BC:24:11:00:00:17';
  const options: Config = {
    agent: '1',
    boot: 'order=scsi0',
    cores: 2,
    cpu: 'x86-64-v2-AES',
    memory: '4096', // a property string in PVE, unlike a container's
    name: 'homeassistant',
    net0: `virtio=${mac},bridge=vmbr0`,
    onboot: 1,
    ostype: 'l26',
    scsi0: 'local-lvm:vm-203-disk-0,size=32G',
    scsihw: 'virtio-scsi-single',
    sockets: 1,
    tags: 'home',
  };
  const agent = { addresses: [{ name: 'enp0s18', mac: mac.toLowerCase(), address: addressOf(203) }] };
  const inside = { ...load(1900, 0, 700), balloon: true };
  return { ...guest({ vmid: 203, type: 'qemu', config: options, load: inside, disk: 32 }, now), agent };
}

// 200 is 192.168.1.20, and so on.
const addressOf = (vmid: number): string => `192.168.1.${vmid - 180}/24`;

type Given = Pick<Guest, 'vmid' | 'type' | 'config' | 'load'> & { disk: number };

function guest({ disk, ...given }: Given, now: number): Guest {
  return {
    ...given,
    node: 'pve1',
    status: 'running',
    pending: {},
    pendingDelete: [],
    snapshots: new Map(),
    startedAt: now - 21 * day,
    sizes: [],
    historyDays: 14,
    diskSize: disk * GiB,
    diskUsed: Math.round(disk * 0.3 * GiB),
  };
}
