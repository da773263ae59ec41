import type { Load } from './load.ts';
import { GiB, MiB, nodeAvailable } from './load.ts';
import type { Guest, World } from './world.ts';

const minute = 60_000;

// Two flat weeks at 93 % of 2048 MiB, without stalls.
const calm: Partial<Load> = { anon: 1905 * MiB, shared: 60 * MiB };

/**
 * Scenario *memory*: postgres wants 2476 MiB and has 2048. For 22 minutes 96 % of the cap in use, 500 MiB of its shared
 * buffers swapped out, stalled 31 % of the time; before that two flat weeks at 93 %. With 3072 MiB: 64 %, stalls 0.4 %.
 * Times in milliseconds since the epoch; each scenario changes the world of `homeLab` and returns it.
 */
export function memoryShort(world: World, now: number): World {
  return change(world, { anon: 1976 * MiB, shared: 500 * MiB }, { before: calm, since: now - 22 * minute });
}

/** Scenario *false-alarm*: 40 % in use, no pressure; what fills the rest is page cache. */
export function falseAlarm(world: World): World {
  return change(world, { anon: 823 * MiB, shared: 60 * MiB, cache: 1060 * MiB });
}

/** Scenario *no-headroom*: postgres is short as in *memory*, and the node has 1.1 GiB left. */
export function noHeadroom(world: World, now: number): World {
  memoryShort(world, now);
  const node = world.nodes.get('pve1');
  if (node) node.hostMemory += nodeAvailable(world, 'pve1', now) - 1.1 * GiB;
  return world;
}

/**
 * Scenario *not-healed*. Short as in *memory*; what a raise to 3072 MiB leads to differs:
 * - `oldCapSafe: false`: the server takes all it can get: 98 % in use and stalled 24 % of the time again.
 * - `oldCapSafe: true`: 1700 MiB in use (55 %) and no stalls; 1.15 × 1700 fits into the old 2048. Nothing in the guest shows a
 *   fault any more: it takes an alert that goes on firing to make this a failure.
 */
export function notHealed(world: World, now: number, { oldCapSafe }: { oldCapSafe: boolean }): World {
  const since = now - 22 * minute;
  if (oldCapSafe) {
    const before = { ...calm, anon: 1640 * MiB };
    return change(world, { anon: 1700 * MiB, shared: 776 * MiB }, { before, since });
  }
  return change(world, { anon: 1976 * MiB, shared: 500 * MiB, shareOfCap: 0.985 }, { before: calm, since });
}

/** A leak: 60 MiB more every day, and full now. */
export function leaking(world: World, now: number): World {
  const growing = { anon: 1976 * MiB, leak: 60 * MiB };
  return change(world, { ...growing, shared: 420 * MiB }, { before: { ...growing, shared: 0 }, since: now });
}

/** Short of CPU: 3.6 cores wanted, 2 allotted, memory at ease. */
export function cpuShort(world: World): World {
  return change(world, { cpu: 3.6 });
}

function change(world: World, load: Partial<Load>, past?: { before: Partial<Load>; since: number }): World {
  const guest = postgres(world);
  const usual = guest.load;
  guest.load = { ...usual, ...load };
  if (past) {
    guest.loadBefore = { ...usual, ...past.before };
    guest.loadSince = past.since;
  }
  return world;
}

function postgres(world: World): Guest {
  const found = world.guests.get(200);
  if (!found) throw new Error('the home lab has no guest 200');
  return found;
}
