import { gib, GiB, MiB } from '../words.ts';
import { rules } from './rules.ts';
import { roundDown, roundUp } from './amount.ts';

/** What the node has, and what is promised of it. Bytes. */
export interface Room {
  available: number;
  total: number;
  /** Σ caps of the running guests on it. */
  caps: number;
  /** Growth in open pull requests and earlier proposals of this delivery. */
  promised: number;
  overcommit: number;
}

/** Step 6 for a growth: the value in MiB and what bounded it, or that nothing worth it fits. */
export type Bounded =
  | { fits: true; memory: number; bound: 'none' | 'twice' | 'floor' | 'headroom'; wanted: number }
  | { fits: false; wanted: number; room: number; limit: 'available' | 'caps' };

/** The bounds of one growth, after rounding. `need` and `cap` in MiB. */
export function boundGrowth(need: number, cap: number, room: Room): Bounded {
  const rounded = roundUp(need);
  const twice = Math.min(rounded, Math.floor(rules.most * cap));
  const wanted = Math.max(twice, rules.floorMiB);
  const free = roomFor(room);
  if (wanted - cap <= free.mebibytes) {
    const bound = wanted === rounded ? 'none' : wanted === twice ? 'twice' : 'floor';
    return { fits: true, memory: wanted, bound, wanted };
  }
  const memory = roundDown(cap + Math.max(free.mebibytes, 0));
  // Below the dead band or the floor it is not worth a pull request.
  if (memory >= rules.deadBand * cap && memory >= rules.floorMiB)
    return { fits: true, memory, bound: 'headroom', wanted };
  return { fits: false, wanted, room: free.mebibytes, limit: free.limit };
}

/** How much a guest may grow on its node, in MiB (negative where too much is taken already), and what limits it. */
export function roomFor(room: Room): { mebibytes: number; limit: 'available' | 'caps' } {
  const reserve = Math.max(rules.reserve.bytes, rules.reserve.fraction * room.total);
  const available = Math.floor((room.available - room.promised - reserve) / MiB);
  const caps = Math.floor((room.total * room.overcommit - room.caps - room.promised) / MiB);
  return available <= caps ? { mebibytes: available, limit: 'available' } : { mebibytes: caps, limit: 'caps' };
}

/** Step 6 for a shrink: at most by half, never below the floor. MiB. */
export function boundShrink(need: number, cap: number): number {
  return Math.max(roundUp(need), Math.ceil(rules.leastShrink * cap), rules.floorMiB);
}

/** What the node has, in a sentence: why a growth does not fit. */
export function roomInWords(room: Room, limit: 'available' | 'caps'): string {
  const promised = room.promised > 0 ? `, ${gib(room.promised)} are promised to open pull requests` : '';
  if (limit === 'caps') {
    const times = room.overcommit === 1 ? '' : ` × ${room.overcommit}`;
    return `${gib(room.caps)} are given to running guests of ${gib(room.total)}${times}${promised}`;
  }
  const reserve = Math.max(rules.reserve.bytes, rules.reserve.fraction * room.total);
  return `${gib(room.available)} of ${gib(room.total)} are available and ${gib(reserve)} stay reserved${promised}`;
}

/** Whether a node could ever be judged by these figures. */
export function plausible(room: Room): boolean {
  return room.total >= GiB / 4 && room.available >= 0 && room.available <= room.total && room.caps >= 0;
}
