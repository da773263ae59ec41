import type { DeclaredGuest } from '../../src/core/declared-guest.ts';
import type { FoundGuest } from '../../src/import/index.ts';

/** A container as it was found. */
export function found(change: Partial<FoundGuest> = {}): FoundGuest {
  return {
    ...{ name: 'web', called: 'web', node: 'pve1', vmid: 210, type: 'lxc', cores: 2, memory: 1024, swap: 512 },
    ...{ disk: { storage: 'local-lvm', size: 8 }, tags: [], addressing: 'static', undeclared: [] },
    network: { bridge: 'vmbr0', address: '192.168.1.30/24', gateway: '192.168.1.1' },
    reached: { address: '192.168.1.30' },
    ...change,
  };
}

/** The same as a file declares it. */
export function declared(change: Partial<DeclaredGuest> = {}): DeclaredGuest {
  const { name, node, vmid, type, cores, memory, swap, disk, network } = found();
  const size = swap === undefined ? {} : { swap };
  return {
    ...{ file: 'guests/web.yaml', cluster: 'home', name, node, vmid, type, cores, memory, ...size, disk, network },
    ...{ tags: [], carries: [] },
    ...change,
  };
}
