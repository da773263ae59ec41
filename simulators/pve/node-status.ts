import type { Lab } from './lab.ts';
import { GiB, nodeAvailable } from './load.ts';
import type { Node } from './world.ts';
import { isBeforePve9 } from './world.ts';

/** A node in the lists (pve-manager `PVE::API2Tools::extract_node_stats`); without `audit` only that it is there. */
export function nodeStats(lab: Lab, node: Node, audit: boolean): object {
  const status = node.online ? 'online' : 'offline';
  const entry = { id: `node/${node.name}`, node: node.name, type: 'node', status, level: '' };
  if (!audit) return entry;
  const figures = { maxcpu: node.cpus, maxmem: node.memory, maxdisk: 100 * GiB };
  if (!node.online) return { ...entry, ...figures };
  const mem = node.memory - Math.round(nodeAvailable(lab.world, node.name, lab.now()));
  return { ...entry, ...figures, uptime: uptimeOf(lab, node), cpu: 0.18, mem, disk: 22 * GiB };
}

/**
 * `GET /nodes/{node}/status` (pve-manager `PVE::API2::Nodes::Nodeinfo`). `used` is total − available
 * (pve-common `PVE::ProcFSTools::read_meminfo`); loadavg is a list of strings.
 */
export function nodeStatus(lab: Lab, node: Node): object {
  const { version, repoid } = lab.world.version;
  const kernel = { release: '6.17.2-1-pve', version: '#1 SMP PREEMPT_DYNAMIC PMX 6.17.2-1' };
  return {
    uptime: uptimeOf(lab, node),
    idle: 0,
    cpu: 0.18,
    wait: 0.01,
    loadavg: ['1.24', '1.10', '1.05'],
    memory: memoryOf(lab, node),
    swap: { total: 8 * GiB, used: 0, free: 8 * GiB },
    ksm: { shared: 0 },
    rootfs: { total: 100 * GiB, used: 22 * GiB, free: 78 * GiB, avail: 73 * GiB },
    cpuinfo: { cpus: node.cpus, cores: node.cpus / 2, sockets: 1, model: 'Simulated CPU', mhz: '2400.000', hvm: '1' },
    kversion: `Linux ${kernel.release} ${kernel.version}`,
    'current-kernel': { sysname: 'Linux', machine: 'x86_64', ...kernel },
    'boot-info': { mode: 'efi', secureboot: 0 },
    pveversion: `pve-manager/${version}/${repoid}`,
  };
}

function memoryOf(lab: Lab, node: Node): object {
  const available = Math.round(nodeAvailable(lab.world, node.name, lab.now()));
  const memory = { total: node.memory, used: node.memory - available, free: Math.round(available * 0.4) };
  return isBeforePve9(lab.world) ? memory : { ...memory, available };
}

const uptimeOf = (lab: Lab, node: Node): number => Math.floor((lab.now() - node.bootedAt) / 1000);
