import type { CpuSettings, GuestSize, LiveGuest } from '../../core/guest.ts';
import type { GuestType } from '../../core/target.ts';
import type { ProxmoxClient } from './client.ts';
import { readNetwork } from './network.ts';
import { anyConfig, guestConfig, numeric, pendingList, tagsOf } from './shapes.ts';

/** Where a guest's configuration is. */
export interface GuestPlace {
  node: string;
  type: GuestType;
  vmid: number;
}

/** The values in force, in the words of core/guest.ts. */
export interface GuestConfig {
  digest: string;
  name?: string;
  lock?: string;
  size: GuestSize;
  cpu?: CpuSettings;
  rootDisk?: { storage: string; size: number };
  network?: NonNullable<LiveGuest['network']>;
  hotplug: string[];
  tags: string[];
  template?: boolean;
  protected?: boolean;
  notBackedUp?: string[];
  volumes?: string[];
}

/** One key that waits for a restart; `undefined` where the restart takes it out. */
export interface Pending {
  key: string;
  value: number | string | undefined;
}

/** What is in force. Without `current=1` PVE answers with the pending values mixed in. Throws a GitmendError. */
export async function readConfig(client: ProxmoxClient, place: GuestPlace): Promise<GuestConfig> {
  const answer: unknown = await configAnswer(client, place, true);
  return configOf(client, place, answer);
}

/** A guest's configuration with every key as it came. */
export interface WholeConfig {
  config: GuestConfig;
  keys: { readonly [key: string]: unknown };
  /** Keys that will be otherwise, or gone, after a restart. */
  waiting: string[];
}

/** What is in force and what will be: PVE answers the one with `current=1`, the other without. Throws a GitmendError. */
export async function readWholeConfig(client: ProxmoxClient, place: GuestPlace): Promise<WholeConfig> {
  const answer: unknown = await configAnswer(client, place, true);
  const keys = client.read(anyConfig, pathOf(place), answer);
  const later = client.read(anyConfig, pathOf(place), await configAnswer(client, place, false));
  const all = [...new Set([...Object.keys(keys), ...Object.keys(later)])].filter((key) => key !== 'digest');
  const differs = (key: string) => JSON.stringify(keys[key]) !== JSON.stringify(later[key]);
  return { config: configOf(client, place, answer), keys, waiting: all.filter(differs).sort() };
}

async function configAnswer(client: ProxmoxClient, place: GuestPlace, current: boolean): Promise<unknown> {
  const guest = client.api.nodes.$(place.node)[place.type].$(place.vmid);
  const answer: unknown = await guest.config.$get(current ? { current } : {});
  return answer;
}

function pathOf({ node, type, vmid }: GuestPlace): string {
  return `/nodes/${node}/${type}/${vmid}/config`;
}

function configOf(client: ProxmoxClient, place: GuestPlace, answer: unknown): GuestConfig {
  const { type } = place;
  const path = pathOf(place);
  const raw = client.read(guestConfig, path, answer);
  const name = type === 'lxc' ? raw.hostname : raw.name;
  const keys = client.read(anyConfig, path, answer);
  const [rootDisk, card, notBackedUp] = [rootDiskOf(type, keys), readNetwork(keys), notBackedUpOf(type, keys)];
  const volumes = volumesOf(type, keys);
  return {
    digest: raw.digest,
    ...(name === undefined ? {} : { name }),
    ...(raw.lock === undefined || raw.lock === '' ? {} : { lock: raw.lock }),
    size: sizeInForce(type, raw),
    ...cpuOf(type, raw),
    ...(rootDisk === undefined ? {} : { rootDisk }),
    ...(card === undefined ? {} : { network: { ...card.network, addressing: card.addressing } }),
    hotplug: type === 'lxc' ? [] : hotplugOf(raw.hotplug, raw.numa ?? false),
    tags: tagsOf(raw.tags),
    ...(raw.template === undefined ? {} : { template: raw.template }),
    ...(raw.protection === true ? { protected: true } : {}),
    ...(notBackedUp.length === 0 ? {} : { notBackedUp }),
    ...(volumes.length === 0 ? {} : { volumes }),
  };
}

/** Configuration and pending values of one and the same version of the file, where PVE shows the digest in both. */
export async function readSettled(
  client: ProxmoxClient,
  place: GuestPlace,
): Promise<{ config: GuestConfig; pending: Pending[] }> {
  const looks = 3;
  for (let look = 1; ; look += 1) {
    const config = await readConfig(client, place);
    const { pending, digest } = await readPending(client, place);
    if (digest === undefined || digest === config.digest || look === looks) return { config, pending };
  }
}

/** What waits for a restart, without what is in force already. */
export async function readPending(
  client: ProxmoxClient,
  { node, type, vmid }: GuestPlace,
): Promise<{ pending: Pending[]; digest?: string }> {
  const answer: unknown = await client.api.nodes.$(node)[type].$(vmid).pending.$get();
  const entries = client.read(pendingList, `/nodes/${node}/${type}/${vmid}/pending`, answer);
  const digest = entries.find(({ key }) => key === 'digest')?.value;
  const pending = entries.flatMap(({ key, value, ...entry }): Pending[] => {
    if ((entry.delete ?? 0) > 0) return [{ key, value: defaultOf(type, key) }];
    const waiting = valueOf(entry.pending);
    return waiting === undefined || waiting === valueOf(value) ? [] : [{ key, value: waiting }];
  });
  return { pending, ...(typeof digest === 'string' ? { digest } : {}) };
}

/** PVE's own defaults for what a file leaves out: pve-container `vmstatus`, qemu-server `$confdesc`. No cores: all. */
function sizeInForce(type: GuestType, { cores, memory, swap }: { [field: string]: unknown }): GuestSize {
  const sizes = {
    cores: cores ?? defaultOf(type, 'cores'),
    memory: memory ?? defaultOf(type, 'memory'),
    swap: swap ?? defaultOf(type, 'swap'),
  };
  return Object.fromEntries(
    Object.entries(sizes).filter(([field, value]) => value !== undefined && (field !== 'swap' || type === 'lxc')),
  );
}

/** qemu-server and pve-container `vmstatus`: sockets × cores, unless fewer are plugged in; 0 is no limit. */
function cpuOf(
  type: GuestType,
  raw: { [K in 'cores' | 'sockets' | 'vcpus' | 'cpulimit']?: number | undefined },
): { cpu?: CpuSettings } {
  const sockets = type === 'qemu' ? (raw.sockets ?? 1) : 1;
  const cpus = raw.cores === undefined && type === 'lxc' ? Infinity : sockets * (raw.cores ?? 1);
  const { vcpus = 0, cpulimit = 0 } = raw;
  const cpu = {
    ...(sockets > 1 ? { sockets } : {}),
    ...(type === 'qemu' && vcpus > 0 && vcpus < cpus ? { vcpus } : {}),
    ...(cpulimit > 0 && cpulimit <= cpus ? { limit: cpulimit } : {}),
  };
  return Object.keys(cpu).length === 0 ? {} : { cpu };
}

function defaultOf(type: GuestType, key: string): number | undefined {
  if (key === 'memory') return 512;
  if (key === 'swap') return type === 'lxc' ? 0 : undefined;
  return key === 'cores' && type === 'qemu' ? 1 : undefined;
}

/** Numbers as numbers; a VM's `current=2048` as well. */
function valueOf(value: unknown): number | string | undefined {
  if (value === undefined || value === null) return undefined;
  const text = typeof value === 'string' ? value.replace(/^current=(\d+)$/, '$1') : value;
  const number = numeric.safeParse(text);
  if (number.success) return number.data;
  return typeof text === 'string' ? text : JSON.stringify(text);
}

/**
 * qemu-server `parse_hotplug_features`: `1` or nothing means network, disk and USB; `0` none. Left out is what the word
 * promises and PVE does not do live: memory without NUMA, and `cpu`, which plugs `vcpus` while `cores` wait.
 */
function hotplugOf(text: string | undefined, numa: boolean): string[] {
  if (text === undefined || text === '1') return ['network', 'disk', 'usb'];
  const features = text === '0' ? [] : text.split(/[,;\s]+/).filter((feature) => feature !== '');
  return features.filter((feature) => feature !== 'cpu' && (feature !== 'memory' || numa));
}

/** `local-lvm:vm-200-disk-0,size=32G`: a container's rootfs, or the first disk that a VM boots from. */
function rootDiskOf(type: GuestType, config: { [key: string]: unknown }): GuestConfig['rootDisk'] {
  const disk = type === 'lxc' ? config['rootfs'] : config[bootDiskOf(config) ?? ''];
  if (typeof disk !== 'string') return undefined;
  const storage = /^(?:file=|volume=)?([A-Za-z][A-Za-z0-9_.-]*):/.exec(disk)?.[1];
  const [, amount, unit = ''] = /(?:^|,)size=(\d+(?:\.\d+)?)([KMGT]?)/.exec(disk) ?? [];
  if (storage === undefined || amount === undefined) return undefined;
  return { storage, size: (Number(amount) * (bytesPer[unit] ?? 1)) / 2 ** 30 };
}

/**
 * What a destruction removes and a backup leaves out: a container's mount points on a storage without `backup=1`, a
 * virtual machine's disks with `backup=0`, and disks that are not attached (vzdump(1), PVE::VZDump::{LXC,QemuServer}).
 */
function notBackedUpOf(type: GuestType, config: { [key: string]: unknown }): string[] {
  const isLeftOut = (key: string, value: string): boolean => {
    if (/^unused\d+$/.test(key)) return true;
    if (type === 'lxc') return /^mp\d+$/.test(key) && !/^(?:volume=)?\//.test(value) && !/,backup=1(?:,|$)/.test(value);
    const isDisk = /^(?:scsi|virtio|sata|ide)\d+$/.test(key) && !value.includes('media=cdrom');
    return isDisk && /,backup=(?:0|no|off|false)(?:,|$)/.test(value);
  };
  return keysWhere(config, isLeftOut);
}

/** The volumes that a whole backup holds. Firmware's variables are not among them: a machine boots without. */
function volumesOf(type: GuestType, config: { [key: string]: unknown }): string[] {
  return keysWhere(config, (key, value) => {
    if (type === 'lxc') return /^(?:rootfs|mp\d+)$/.test(key) && !/^(?:volume=)?\//.test(value);
    return /^(?:scsi|virtio|sata|ide|tpmstate)\d+$/.test(key) && !value.includes('media=cdrom');
  });
}

function keysWhere(config: { [key: string]: unknown }, holds: (key: string, value: string) => boolean): string[] {
  const isText = (pair: [string, unknown]): pair is [string, string] => typeof pair[1] === 'string';
  const found = Object.entries(config).filter(isText);
  return found.flatMap(([key, value]) => (holds(key, value) ? [key] : [])).sort();
}

const bytesPer: { [unit: string]: number } = { K: 2 ** 10, M: 2 ** 20, G: 2 ** 30, T: 2 ** 40 };

/** `scsi0`: the disk of a virtual machine that it boots from. */
export function bootDiskOf(config: { readonly [key: string]: unknown }): string | undefined {
  const isDisk = (key: string): boolean => {
    const value = config[key];
    return /^(scsi|virtio|sata|ide)\d+$/.test(key) && typeof value === 'string' && !value.includes('media=cdrom');
  };
  const boot = typeof config['boot'] === 'string' ? config['boot'] : '';
  const ordered = (/order=([^,]*)/.exec(boot)?.[1] ?? '').split(';');
  const named = typeof config['bootdisk'] === 'string' ? [config['bootdisk']] : [];
  return [...ordered, ...named, ...Object.keys(config).sort()].find(isDisk);
}
