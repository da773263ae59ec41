import type { Tree } from '../../src/core/change-set.ts';

export const postgresYaml = `# The database of everything. Ask before you stop it.
name: postgres
cluster: home
node: pve1
vmid: 200
type: lxc
cores: 2
memory: 2048      # MiB
swap: 512         # MiB
disk: { storage: local-lvm, size: 32 }      # GiB
network: { bridge: vmbr0, address: 192.168.1.20/24, gateway: 192.168.1.1 }
tags: [database]
carries: []
`;

export const frigateYaml = `name: frigate
cluster: home
node: pve1
vmid: 101
type: qemu
cores: 2
memory: 4096
disk: { storage: local-lvm, size: 32 }
network: { bridge: vmbr0 }
`;

export function tree(changes: { [path: string]: string } = {}): Tree {
  return new Map(
    Object.entries({
      'guests/postgres.yaml': postgresYaml,
      'guests/frigate.yaml': frigateYaml,
      'README.md': 'hello',
      ...changes,
    }),
  );
}
