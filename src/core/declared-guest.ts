import type { GuestTarget } from './target.ts';

/** guests/<name>.yaml, trusted. Memory and swap in MiB, disk in GiB. */
export interface DeclaredGuest extends GuestTarget {
  /** The file that declares it. */
  file: string;
  name: string;
  node: string;
  cores: number;
  memory: number;
  /** LXC only. */
  swap?: number;
  disk: { storage: string; size: number };
  network: { bridge: string; address?: string; gateway?: string };
  /** What policies tell guests by. Those that an edit adds or takes away are set in Proxmox VE, too; it may have more. */
  tags: string[];
  /** Whether it is to run. Undeclared: not managed. */
  started?: boolean;
  /** Whether Proxmox VE refuses to destroy it. Undeclared: not managed. */
  protection?: boolean;
  /** `forge`, `gitmend`, `prometheus`, `state`: what must not be stopped for lightly. */
  carries: string[];
  /** Of a new guest: the template that it is cloned from. Read once; an edit of it later changes nothing. */
  clone?: { from: number };
  /** What Terraform leaves as it is, because this file cannot say it in full: a disk beside others, a name as it is written. */
  leave?: Leavable[];
}

/** The parts of a guest that its stack can be told to leave alone. */
export const leavable = ['disk', 'name'] as const;
export type Leavable = (typeof leavable)[number];

/** The fields of a declared guest that a difference can be in. Identity (cluster, type, vmid) is not one. */
export const guestFields = [
  ...(['name', 'node', 'cores', 'memory', 'swap', 'disk', 'network', 'tags', 'carries'] as const),
  ...(['started', 'protection'] as const),
] as const;
export type GuestField = (typeof guestFields)[number];

/**
 * Whether a guest's live name is the declared one. PVE's names are DNS names: a domain may follow, and case means
 * nothing (pve-common `pve_verify_dns_name`, RFC 4343).
 */
export function isCalled(declared: string, live: string): boolean {
  return live.split('.')[0]?.toLowerCase() === declared.toLowerCase();
}
