import type { Json } from './json.ts';
import type { GuestType } from './target.ts';

/** What PVE takes for a guest through `PUT …/config` in this project. Memory and swap in MiB. */
export interface GuestSize {
  cores?: number;
  memory?: number;
  /** LXC only. */
  swap?: number;
}

/** What beside its cores says how many CPUs a guest has; each only where it makes a difference. */
export interface CpuSettings {
  /** VM: its cores count as many times. */
  sockets?: number;
  /** VM: so many of its CPUs are plugged in. */
  vcpus?: number;
  /** CPUs' worth of time that it gets at most, however many it has (`cpulimit`). */
  limit?: number;
}

/**
 * One guest as read live from Proxmox VE. `running` are the values in force now (`GET …/config?current=1` for what
 * PVE applied), `pending` those that wait for a reboot (`GET …/pending`).
 */
export interface LiveGuest {
  cluster: string;
  node: string;
  type: GuestType;
  vmid: number;
  name: string;
  status: 'running' | 'stopped' | 'paused' | 'unknown';
  /** PVE's lock (backup, snapshot, migrate …), where one is held. */
  lock?: string;
  /** PVE's own digest of the configuration file, sent with every write. */
  digest: string;
  running: GuestSize;
  pending: GuestSize;
  cpu?: CpuSettings;
  /** Root disk in GiB, where the configuration names one. */
  rootDisk?: { storage: string; size: number };
  /**
   * The first network card, where it is on a bridge. An address that is set inside the guest (`inside`) is not known
   * here, and one of DHCP is none.
   */
  network?: { bridge: string; address?: string; gateway?: string; addressing: 'static' | 'dhcp' | 'inside' };
  /** Its high availability (HA) starts it, and moves it to another node. */
  ha?: true;
  /** Of its HA beside that, and of its replication: only read of a guest that is to be destroyed. */
  ties?: GuestTies;
  /** It may not be destroyed (`protection`). */
  protected?: boolean;
  /** Volumes of its own that no backup holds, by their keys: `mp0`, `scsi1`, `unused0`. */
  notBackedUp?: string[];
  /** The keys of the volumes that a backup of it must hold: `rootfs`, `mp0`, `scsi0`; where it is not known, none. */
  volumes?: string[];
  /** VM only: which changes it takes live (`hotplug`), e.g. ['network', 'disk', 'usb']. */
  hotplug: string[];
  tags: string[];
  /** Seconds since the guest started; 0 when stopped. */
  uptime: number;
  /** When it was read, ISO 8601 UTC. */
  at: string;
}

/** What Proxmox VE does not destroy a guest for, beside its own configuration and `ha`. */
export interface GuestTies {
  /** Its HA resource, where it has one, also one that its manager leaves alone (`ignored`); null: this token may not see it. */
  resource?: { state: string } | null;
  /** Jobs that copy its volumes to another node. */
  replication: readonly { id: string; to: string }[];
}

/** `vmbr0, 192.168.1.20/24 via 192.168.1.1`; without an address the bridge alone. */
export function networkWords({
  bridge,
  address,
  gateway,
}: {
  bridge: string;
  address?: string;
  gateway?: string;
}): string {
  const way = gateway === undefined ? '' : ` via ${gateway}`;
  return address === undefined ? bridge : `${bridge}, ${address}${way}`;
}

/** A backup that ended well, as PVE's list of tasks and the task's log have it. */
export interface Backup {
  /** Of the task, which may have saved other guests, too. */
  upid: string;
  /** Of the task. ISO 8601 UTC. */
  endedAt: string;
  /** The keys of the volumes in it: `rootfs`, `scsi0`. */
  holds: readonly string[];
}

/** What is live of a field, as steps say it: a disk by its size in GiB. `undefined`: not set, or not known. */
export function liveValue(guest: LiveGuest, field: string): Json | undefined {
  switch (field) {
    case 'disk':
      return guest.rootDisk?.size;
    case 'network':
      return guest.network && networkWords(guest.network);
    case 'storage':
      return guest.rootDisk?.storage;
    case 'tags':
      return tagWords(guest.tags);
    case 'protection':
      return guest.protected === true;
    case 'name':
    case 'node':
    case 'status':
      return guest[field];
    default:
      return guest.running[field as keyof GuestSize];
  }
}

/** A guest as it was before a step, where that step is done: these values, as steps say them, and nothing that waits for them. */
export function asBefore(guest: LiveGuest, before: { readonly [field: string]: unknown }): LiveGuest {
  const pending = Object.fromEntries(Object.entries(guest.pending).filter(([field]) => !(field in before)));
  const { status = guest.status, name = guest.name, tags, protection, node, storage, disk, network, ...sizes } = before;
  const rootDisk = {
    ...(typeof storage === 'string' ? { storage } : {}),
    ...(typeof disk === 'number' ? { size: disk } : {}),
  };
  return {
    ...guest,
    ...{ status: status as LiveGuest['status'], name: name as string },
    ...(typeof node === 'string' ? { node } : {}),
    ...(guest.rootDisk === undefined ? {} : { rootDisk: { ...guest.rootDisk, ...rootDisk } }),
    ...(typeof network === 'string' ? { network: networkIn(network, guest.network) } : {}),
    ...(typeof tags === 'string' ? { tags: tagsIn(tags) } : {}),
    ...(typeof protection === 'boolean' ? { protected: protection } : {}),
    running: { ...guest.running, ...sizes },
    pending,
  };
}

/** What `networkWords` said; whether an address is set inside the guest is as it is now. */
function networkIn(words: string, now: LiveGuest['network']): NonNullable<LiveGuest['network']> {
  const [, bridge = words, address, gateway] = /^([^,]+)(?:, (\S+)(?: via (\S+))?)?$/.exec(words) ?? [];
  if (address === undefined) return { bridge, addressing: now?.addressing === 'inside' ? 'inside' : 'dhcp' };
  return { bridge, address, ...(gateway === undefined ? {} : { gateway }), addressing: 'static' };
}

/** Tags as steps say them, whatever their order: `database, web`. */
export function tagWords(tags: readonly string[]): string {
  return tags.length === 0 ? noTags : [...new Set(tags)].sort().join(', ');
}

function tagsIn(words: string): string[] {
  return words === noTags ? [] : words.split(', ');
}

/** No tag is called so. */
const noTags = '(none)';

/** For the values before and after a step: a guest that is declared as stopped, and is, stays so. */
export function resting(declared: { started?: boolean }, { status }: LiveGuest): { status?: 'stopped' } {
  return declared.started === false && status === 'stopped' ? { status } : {};
}

/** The same for a move of what is stopped, which its file says something about: else it may be started meanwhile. */
export function stillStopped(declared: { started?: boolean }, { status }: LiveGuest): { status?: 'stopped' } {
  return declared.started !== undefined && status === 'stopped' ? { status } : {};
}

/** For a step on a guest that is stopped and whose file does not say whether it runs: then nobody asked it to. */
export function mayRest(declared: { started?: boolean }, { status }: LiveGuest): { mayRest?: true } {
  return declared.started === undefined && status === 'stopped' ? { mayRest: true } : {};
}

/** The node a guest runs on, for headroom. Bytes. */
export interface LiveNode {
  cluster: string;
  node: string;
  memoryTotal: number;
  /** MemTotal − used as PVE reports it. */
  memoryAvailable: number;
  cpus: number;
  /** Sum of the memory caps of the running guests on it, bytes. */
  memoryPromised: number;
  at: string;
}
