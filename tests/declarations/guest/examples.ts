import type { DeclaredGuest } from '../../../src/core/declared-guest.ts';
import type { LiveGuest } from '../../../src/core/guest.ts';

/** The container of examples.md. */
export const declared = (changes: Partial<DeclaredGuest> = {}): DeclaredGuest => ({
  file: 'guests/postgres.yaml',
  name: 'postgres',
  cluster: 'home',
  node: 'pve1',
  vmid: 200,
  type: 'lxc',
  cores: 2,
  memory: 2048,
  swap: 512,
  disk: { storage: 'local-lvm', size: 32 },
  network: { bridge: 'vmbr0', address: '192.168.1.20/24', gateway: '192.168.1.1' },
  tags: ['database'],
  carries: [],
  ...changes,
});

export const live = (changes: Partial<LiveGuest> = {}): LiveGuest => ({
  cluster: 'home',
  node: 'pve1',
  type: 'lxc',
  vmid: 200,
  name: 'postgres',
  status: 'running',
  digest: 'a'.repeat(40),
  running: { cores: 2, memory: 2048, swap: 512 },
  pending: {},
  rootDisk: { storage: 'local-lvm', size: 32 },
  hotplug: [],
  tags: [],
  uptime: 86_400,
  at: '2026-11-20T03:34:10Z',
  ...changes,
});

/** A copy without one of its keys. */
export function without<T extends object, K extends keyof T>(value: T, key: K): Omit<T, K> {
  return Object.fromEntries(Object.entries(value).filter(([name]) => name !== key)) as Omit<T, K>;
}

/** The same as a virtual machine. */
export const declaredVm = (changes: Partial<DeclaredGuest> = {}): DeclaredGuest => {
  return without(declared({ type: 'qemu', ...changes }), 'swap');
};

export const liveVm = (changes: Partial<LiveGuest> = {}): LiveGuest =>
  live({ type: 'qemu', running: { cores: 2, memory: 2048 }, hotplug: ['network', 'disk', 'usb'], ...changes });
