import type { World } from './world.ts';

/** A pool of user.cfg: a guest is in one at most, a storage in any number. */
export interface Pool {
  comment?: string;
  vms: Set<number>;
  storages: Set<string>;
}

/** One interface of /etc/network/interfaces as PVE reads it: `mtu` and `vlan-id` are texts there. */
export type Interface = { type: string } & { [key: string]: string | number | string[] };
export type Interfaces = Map<string, Interface>;

export interface StoredFile {
  /** Bytes. */
  size: number;
  /** Seconds since the epoch. */
  ctime: number;
  /** Of a backup on a server that verifies them. */
  verification?: 'ok' | 'failed';
}

/** What a web server would say of a file. */
export interface RemoteFile {
  /** Bytes. */
  size: number;
  type: string;
  sha256?: string;
}

/** The pool that a guest is in. */
export function poolOf({ pools }: World, vmid: number): string | undefined {
  return [...pools].find(([, { vms }]) => vms.has(vmid))?.[0];
}

/** The installer's: one card, and a bridge on it that has the node's address. */
export function homeInterfaces(): Interfaces {
  const card: Interface = {
    type: 'eth',
    method: 'manual',
    method6: 'manual',
    families: ['inet'],
    exists: 1,
    active: 1,
    priority: 3,
  };
  const bridge: Interface = {
    ...{
      type: 'bridge',
      autostart: 1,
      active: 1,
      priority: 4,
      families: ['inet'],
      method: 'static',
      method6: 'manual',
    },
    ...{ address: '192.168.1.10', netmask: '24', cidr: '192.168.1.10/24', gateway: '192.168.1.1' },
    ...{ bridge_ports: 'eno1', bridge_stp: 'off', bridge_fd: '0' },
  };
  return new Map([
    ['eno1', card],
    ['vmbr0', bridge],
  ]);
}

/** One container template, where Proxmox keeps its own. */
export function homeInternet(): Map<string, RemoteFile> {
  const folder = 'http://download.proxmox.com/images/system';
  const file = { size: 129_710_398, type: 'application/octet-stream', sha256: 'b6'.repeat(32) };
  return new Map([[`${folder}/debian-13-standard_13.1-2_amd64.tar.zst`, file]]);
}
