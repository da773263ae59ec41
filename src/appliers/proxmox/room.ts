import type { NodeStatus, NodeStorage } from '../../clients/proxmox/index.ts';
import { printBytes } from '../../texts/words.ts';

// Whether a guest has room elsewhere: each says in words what stands against it, and nothing where nothing does.

/** What stays free of a node's memory, in bytes: a tenth, and a GiB at least. */
export function keptFree({ memoryTotal }: NodeStatus): number {
  return Math.max(2 ** 30, memoryTotal / 10);
}

/** Whether the node has this much memory (bytes) and what stays free besides. */
export function hasMemory(node: NodeStatus, bytes: number): boolean {
  return node.memoryAvailable - bytes >= keptFree(node);
}

/** Of memory (bytes) that the node named `to` has no room for, which the caller found out. */
export function memoryShort(to: string, node: NodeStatus, bytes: number): string {
  return `${printBytes(bytes)} do not fit on ${to}: ${printBytes(node.memoryAvailable)} are free, of which ${printBytes(keptFree(node))} stay free`;
}

/** Of the cores that a guest has. */
export function againstCores(to: string, { cpus }: NodeStatus, cores: number): string[] {
  return cores > cpus ? [`${to} has ${cpus} CPUs, fewer than ${cores}`] : [];
}

/** Of a storage that has to be there, as the token sees it (Datastore.Audit). */
export function againstAbsent(store: NodeStorage | undefined, storage: string, to: string): string[] {
  if (store?.active === true) return [];
  return [
    `${storage} is not among the active storages of ${to} that the token may see (Datastore.Audit on /storage/${storage})`,
  ];
}

/** Of a storage that takes no disks of such guests. */
export function againstContent(store: NodeStorage | undefined, type: 'lxc' | 'qemu'): string[] {
  const content = type === 'lxc' ? 'rootdir' : 'images';
  return store === undefined || store.content.includes(content) ? [] : [`${store.storage} takes no ${content}`];
}

/** Of a disk of so many GiB. `where` completes the storage's name: ` of pve2`. */
export function againstFull(store: NodeStorage | undefined, size: number, where = ''): string[] {
  const wanted = size * 2 ** 30;
  if (store === undefined || store.available >= wanted) return [];
  return [`${printBytes(store.available)} are free in ${store.storage}${where}, fewer than ${printBytes(wanted)}`];
}
