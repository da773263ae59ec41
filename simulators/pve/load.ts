import type { Guest, SizeChange, World } from './world.ts';
import { sizeOf } from './world.ts';

export const MiB = 1024 ** 2;
export const GiB = 1024 ** 3;

/** What runs inside a guest. Bytes, and cores. */
export interface Load {
  /** Anonymous memory that is wanted: what `mem` of a container shows. */
  anon: number;
  /** Shared memory and tmpfs (shared_buffers): counted against the cap, invisible in a container's `mem`. */
  shared: number;
  /** Page cache that would be used if there were room. */
  cache: number;
  /** The demand is at least this share of the cap, whatever the cap is (a server that takes all it can get). */
  shareOfCap?: number;
  /** Growth of `anon` per day. */
  leak?: number;
  /** Busy cores wanted. */
  cpu: number;
  /** Per cent of the time that some task waits for storage when memory is no trouble. */
  io: number;
  /** VM: the guest has a balloon driver that reports statistics. */
  balloon?: boolean;
}

/** Percentages of the last ten seconds. */
export interface Pressure {
  cpu: { some: number; full: number };
  io: { some: number; full: number };
  memory: { some: number; full: number };
}

export interface Usage {
  /** As PVE shows them, bytes. */
  mem: number;
  swap: number;
  maxmem: number;
  maxswap: number;
  /** Share of the allotted cores. */
  cpu: number;
  cores: number;
  pressure: Pressure;
  /** What the node has really given, page cache left out, bytes. */
  resident: number;
  /** VM: the guest's own view, where a balloon driver reports it. */
  freemem?: number;
}

// The kernel and page cache that cannot be given back keep a container from using all of its cap as anonymous memory:
// 72 MiB show as 96 % of 2048 MiB and 98 % of 3072 MiB.
const floor = 72 * MiB;

// Stalls grow with what does not fit: 100 × e / (e + 0.543), e the excess in caps. A missing quarter of the cap
// (500 of 2048 MiB) stalls 31 % of the time, a sixth 24 %. A model, not a law: the kernel promises no curve.
const stallKnee = 0.543;

const quiet = { some: 0.6, full: 0.4 };

/**
 * What PVE would show for the guest at a time, from its load and the size in force then.
 *
 * A container's `mem` is memory.current without file pages, and those include shared memory
 * (pve-common `PVE::CGroup::get_memory_stat`, kernel `memory.stat: file`); what does not fit is swapped, shared memory first.
 */
export function usageAt(world: World, guest: Guest, at: number): Usage {
  const size = sizeAt(world, guest, at);
  const load = at >= (guest.loadSince ?? 0) ? guest.load : (guest.loadBefore ?? guest.load);
  const cap = size.memory * MiB;
  const idle = { mem: 0, swap: 0, cpu: 0, resident: 0, pressure: noPressure() };
  const base = { maxmem: cap, maxswap: size.swap * MiB, cores: size.cores };
  if (guest.status === 'stopped') return { ...base, ...idle };
  const memory = guest.type === 'lxc' ? container(load, guest, at, size) : machine(load, cap);
  const cpu = Math.min(1, load.cpu / size.cores);
  return {
    ...base,
    ...memory,
    cpu: ripple(cpu, at, guest.vmid, 0.04),
    pressure: pressureOf(load, size, memory.excess),
  };
}

interface Memory {
  mem: number;
  swap: number;
  resident: number;
  excess: number;
  freemem?: number;
}

function container(load: Load, guest: Guest, at: number, size: Omit<SizeChange, 'at'>): Memory {
  const cap = size.memory * MiB;
  const room = Math.max(0, cap - floor);
  const days = (at - (guest.loadSince ?? guest.startedAt)) / 86_400_000;
  const wanted = Math.max(load.anon + (load.leak ?? 0) * days, (load.shareOfCap ?? 0) * cap);
  const anon = ripple(wanted, at, guest.vmid, 0.004);
  const excess = Math.max(0, wanted + load.shared - room);
  const swap = Math.min(excess, size.swap * MiB);
  const shared = Math.max(0, load.shared - swap);
  const mem = Math.max(0, Math.min(anon - Math.max(0, swap - load.shared), room - shared));
  return { mem: Math.round(mem), swap: Math.round(swap), resident: Math.round(mem + shared + floor), excess };
}

/**
 * A VM: its host cgroup holds all memory that it ever touched. With balloon statistics `mem` is total − free as the guest
 * counts it, page cache included; without them it is the host's figure (qemu-server `PVE::QemuServer::vmstatus`).
 */
function machine(load: Load, cap: number): Memory {
  const used = Math.min(cap * 0.99, load.anon + load.shared);
  const withCache = Math.min(cap * 0.97, used + load.cache);
  const excess = Math.max(0, load.anon + load.shared - cap);
  const memhost = Math.round(Math.min(cap, Math.max(withCache, cap * 0.97)) + 60 * MiB);
  if (!load.balloon) return { mem: memhost, swap: 0, resident: memhost, excess };
  return { mem: Math.round(withCache), swap: 0, resident: memhost, excess, freemem: Math.round(cap - withCache) };
}

function pressureOf(load: Load, size: Omit<SizeChange, 'at'>, excess: number): Pressure {
  const share = excess / (size.memory * MiB);
  const full = excess > 0 ? (100 * share) / (share + stallKnee) : quiet.full;
  const some = excess > 0 ? Math.min(99, full * 1.2) : quiet.some;
  const short = Math.max(0, load.cpu / size.cores - 1);
  const cpu = short > 0 ? Math.min(95, (100 * short) / (short + 1)) : Math.min(8, (load.cpu / size.cores) * 6);
  const io = Math.max(load.io, excess > 0 ? full * 0.6 : 0);
  return {
    cpu: { some: hundredths(cpu), full: 0 },
    io: { some: hundredths(io), full: hundredths(io * 0.8) },
    memory: { some: hundredths(some), full: hundredths(full) },
  };
}

function sizeAt(world: World, guest: Guest, at: number): Omit<SizeChange, 'at'> {
  return guest.sizes.findLast((size) => size.at <= at) ?? guest.sizes[0] ?? sizeOf(world, guest);
}

/** A small daily wave, the same at every run: flat for a trend test, not a dead line. Never above the value itself. */
function ripple(value: number, at: number, seed: number, share: number): number {
  const phase = (2 * Math.PI * (at + seed * 3_600_000)) / 86_400_000;
  return value * (1 - share * (0.5 - 0.5 * Math.cos(phase)));
}

const hundredths = (value: number): number => Math.round(value * 100) / 100;

export function noPressure(): Pressure {
  return { cpu: { some: 0, full: 0 }, io: { some: 0, full: 0 }, memory: { some: 0, full: 0 } };
}

/** Memory that the node can still give (MemAvailable), bytes. */
export function nodeAvailable(world: World, node: string, at: number): number {
  const host = world.nodes.get(node);
  if (!host) return 0;
  const guests = [...world.guests.values()].filter((guest) => guest.node === node);
  const given = guests.reduce((sum, guest) => sum + usageAt(world, guest, at).resident, 0);
  return Math.max(0, host.memory - host.hostMemory - given);
}
