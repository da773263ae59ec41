import type { CpuSettings, GuestSize } from './guest.ts';
import type { GuestType } from './target.ts';

/** One thing read live, with where and when. */
export interface Fact<T> {
  value: T;
  /** e.g. `PVE GET /nodes/pve1/lxc/200/status/current`, or `prometheus pve_memory_usage_bytes{…}`. */
  source: string;
  /** When it was read (for history: the end of its window), ISO 8601 UTC. */
  at: string;
}

/** A history of one figure: pairs of [seconds since the epoch, value], oldest first. */
export interface Series {
  points: readonly (readonly [number, number])[];
  /** Seconds between points, as the source aggregates. */
  step: number;
}

/**
 * Every fact that evidence sources can give and diagnosers can ask for, by name. Bytes, fractions (0–1) and seconds
 * unless the name says otherwise.
 */
export interface FactValues {
  'guest.name': string;
  'guest.type': GuestType;
  'guest.node': string;
  'guest.status': string;
  'guest.lock': string;
  'guest.uptime': number;
  /** Live values (not pending): cores, memory and swap in MiB. */
  'guest.size': GuestSize;
  'guest.pending': GuestSize;
  'guest.cpu.settings': CpuSettings;
  'guest.template': boolean;
  /** Memory cap in bytes (`maxmem`). */
  'guest.memory.cap': number;
  /** PVE's `mem`: for an LXC a lower bound (without page cache AND without shared memory); for a VM an upper bound. */
  'guest.memory.used': number;
  /** Working set including shared memory (cAdvisor, node_exporter inside); decides where present. */
  'guest.memory.workingSet': number;
  /** VM only: MemAvailable from inside, bytes. */
  'guest.memory.available': number;
  /** VM only: whether PVE has balloon statistics. */
  'guest.memory.balloonStats': boolean;
  /** VM only: memory that the guest has now (`status/current.balloon`, else `memory`), bytes. */
  'guest.memory.current': number;
  /** Page cache that can be dropped (without shared memory), bytes. */
  'guest.memory.cache': number;
  'guest.swap.used': number;
  'guest.swap.cap': number;
  /** PSI of the guest's cgroup, fractions of time over the last 10 s. */
  'guest.psi.memory.some': number;
  'guest.psi.memory.full': number;
  'guest.psi.cpu.some': number;
  'guest.psi.io.some': number;
  /** The same, mean over the last five minutes. */
  'guest.psi.memory.some.5m': number;
  'guest.psi.memory.full.5m': number;
  /** VM only: the same from inside (`node_pressure_memory_*`), mean over five minutes. */
  'guest.psi.memory.some.inside': number;
  'guest.psi.memory.full.inside': number;
  'guest.psi.cpu.some.30m': number;
  'guest.psi.io.some.30m': number;
  /** VM only: the same from inside (`node_pressure_{cpu,io}_waiting`), mean over thirty minutes. */
  'guest.psi.cpu.some.inside': number;
  'guest.psi.io.some.inside': number;
  /** VM only: shares of its CPU time that went to waiting for storage and to the host, over thirty minutes. */
  'guest.cpu.iowait': number;
  'guest.cpu.steal': number;
  /** LXC only: share of the scheduler's periods in which it was held back by its CPU limit, over thirty minutes. */
  'guest.cpu.throttled': number;
  /** Number of OOM kills of this guest within the window, and when the last one was (ISO). */
  'guest.oomKills': number;
  'guest.oomKills.last': string;
  /** Pages swapped in per second, seen from inside. */
  'guest.swapIn': number;
  /** Largest swap use seen in the window, bytes. */
  'guest.swap.peak': number;
  /** Working set (or `mem`) over the window, bytes: the maximum of each half hour. */
  'guest.memory.history': Series;
  /** The cap over the same time: shows when it was last changed. */
  'guest.memory.cap.history': Series;
  'guest.psi.memory.history': Series;
  /** Start of guest (or OOM kill) times within the window, seconds since the epoch. */
  'guest.restarts': readonly number[];
  /** CPU cores in use, 5-minute means over the window. */
  'guest.cpu.history': Series;
  'node.name': string;
  'node.memory.total': number;
  'node.memory.available': number;
  /** Sum of the caps of the guests that run on the node, bytes. */
  'node.memory.promised': number;
  'node.cpus': number;
  'pve.version': string;
}
export type FactName = keyof FactValues;

/** What was gathered: some of the facts. A missing one is a reason, never a zero. */
export type Facts = { [K in FactName]?: Fact<FactValues[K]> };

/** A source that did not answer, or a fact that it cannot give. */
export interface EvidenceGap {
  source: string;
  /** What is missing and why. */
  problem: string;
}

export interface Evidence {
  facts: Facts;
  gaps: EvidenceGap[];
}
