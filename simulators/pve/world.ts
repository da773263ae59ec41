import type { Load } from './load.ts';
import type { Interfaces, Pool, RemoteFile, StoredFile } from './resources.ts';

/** What a guest's configuration file holds; PVE parses integers and booleans of a container into numbers. */
export type Config = Record<string, string | number>;

export interface Snapshot {
  config: Config;
  /** Seconds since the epoch. */
  snaptime: number;
  description: string;
  parent?: string;
}

/** How big the guest was from `at` on: history is drawn with the cap of its day. MiB, and cores. */
export interface SizeChange {
  at: number;
  memory: number;
  swap: number;
  cores: number;
}

export interface Guest {
  vmid: number;
  type: 'lxc' | 'qemu';
  node: string;
  status: 'running' | 'stopped';
  /** Values in force. */
  config: Config;
  /** Values that wait for a reboot: the `[pve:pending]` section of the file. */
  pending: Config;
  /** Keys whose deletion waits for a reboot. */
  pendingDelete: string[];
  snapshots: Map<string, Snapshot>;
  /** Milliseconds since the epoch; meaningless while stopped. */
  startedAt: number;
  load: Load;
  /** What it did before `loadSince` (milliseconds since the epoch). */
  loadBefore?: Load;
  loadSince?: number;
  sizes: SizeChange[];
  /** How far back the node's round-robin file knows it. */
  historyDays: number;
  /** VM: what the guest agent would answer; absent where it does not run. */
  agent?: { addresses: { name: string; mac: string; address: string }[] };
  /** Its high availability is managed: what is asked of it its manager does, whose own task takes so many seconds. */
  ha?: { seconds: number; state?: 'started' | 'stopped' | 'disabled' | 'ignored' };
  /** Jobs of replication.cfg, by their ids. */
  replication?: { [id: string]: { target: string } };
  /** LXC: what DHCP gave to the cards that ask it, `192.168.1.90/24`; absent where nothing answers. */
  lease?: string;
  /** Root file system or boot disk, bytes. */
  diskSize: number;
  diskUsed: number;
}

export interface Node {
  name: string;
  address: string;
  /** Bytes. */
  memory: number;
  cpus: number;
  /** What the host itself uses, bytes. */
  hostMemory: number;
  /** Milliseconds since the epoch. */
  bootedAt: number;
  online: boolean;
  /** /etc/network/interfaces, and interfaces.new: what waits for a reload. */
  interfaces: Interfaces;
  pendingInterfaces?: Interfaces;
}

export interface Storage {
  name: string;
  type: 'dir' | 'lvmthin' | 'zfspool' | 'nfs' | 'pbs';
  content: string[];
  shared: boolean;
  /** Only on these nodes (`nodes` of storage.cfg); absent: on all. */
  nodes?: string[];
  /** Bytes. */
  total: number;
  used: number;
  /** Of a storage with folders, by content and name: `vztmpl/debian-13.tar.zst`. */
  files: Map<string, StoredFile>;
}

export interface Token {
  /** `user@realm!name`. */
  id: string;
  secret: string;
  /** Privileges by path. The deepest path that is named decides, as in PVE (permissions.ts). */
  acl: Record<string, readonly string[]>;
  /** Seconds since the epoch. */
  expire?: number;
}

export interface Task {
  upid: string;
  node: string;
  pid: number;
  pstart: number;
  type: string;
  id: string;
  /** The token or user that started it. */
  user: string;
  /** Seconds since the epoch. */
  starttime: number;
  endtime?: number;
  /** Absent while it runs. */
  exitstatus?: string;
  /** It ended, and the node's list of active tasks still has it. */
  unsaved?: boolean;
  log: string[];
}

/** The lab's whole state. Tests may read and change any of it between two requests. */
export interface World {
  cluster: string;
  version: { version: string; release: string; repoid: string };
  nodes: Map<string, Node>;
  guests: Map<number, Guest>;
  storages: Map<string, Storage>;
  tokens: Map<string, Token>;
  tasks: Map<string, Task>;
  pools: Map<string, Pool>;
  /** The `vzdump:` sections of jobs.cfg, by their ids. */
  backupJobs: Map<string, Config>;
  /** What nodes reach out there, by URL. */
  internet: Map<string, RemoteFile>;
}

/** A resource that its manager leaves alone (`ignored`) is as without (pve-ha-manager `PVE::HA::Config::get_service_status`). */
export function isManaged({ ha }: Guest): boolean {
  return ha !== undefined && ha.state !== 'ignored';
}

/** The guest's own name: `hostname` of a container, `name` of a VM. */
export function guestName(guest: Guest): string {
  const name = guest.type === 'lxc' ? guest.config.hostname : guest.config.name;
  return String(name ?? (guest.type === 'lxc' ? `CT${guest.vmid}` : `VM ${guest.vmid}`));
}

/** What the running guest may use now, MiB and cores, by PVE's own defaults (512 MiB; all the node's CPUs for a container). */
export function sizeOf(world: World, guest: Guest): Omit<SizeChange, 'at'> {
  const cpus = world.nodes.get(guest.node)?.cpus ?? 1;
  const cores = Number(guest.config.cores ?? guest.config.cpulimit ?? (guest.type === 'lxc' ? cpus : 1));
  const sockets = guest.type === 'qemu' ? Number(guest.config.sockets ?? 1) : 1;
  const swap = guest.type === 'lxc' ? Number(guest.config.swap ?? 0) : 0;
  return { memory: Number(guest.config.memory ?? 512), swap, cores: cores * sockets };
}

/** Notes the guest's size in its history where it is another than before. */
export function noteSize(world: World, guest: Guest, at: number): void {
  const size = sizeOf(world, guest);
  const last = guest.sizes.at(-1);
  const same = last?.memory === size.memory && last.swap === size.swap && last.cores === size.cores;
  if (!same) guest.sizes.push({ at, ...size });
}

/** Pressure, and finer round-robin data, came with Proxmox VE 9; a world whose version says 8 has neither. */
export function isBeforePve9(world: World): boolean {
  return Number.parseInt(world.version.version, 10) < 9;
}
