import type { FactName } from '../../core/fact.ts';

/**
 * What Prometheus can say and Proxmox VE cannot, or says worse: what is in use with shared memory, what a VM sees from
 * inside, kills, and histories that reach further back. What Proxmox VE says of itself is never taken from here.
 */
export const given: readonly FactName[] = [
  'guest.memory.workingSet',
  'guest.memory.available',
  'guest.memory.cache',
  'guest.swap.used',
  'guest.swap.cap',
  'guest.swapIn',
  'guest.oomKills',
  'guest.oomKills.last',
  'guest.psi.memory.some.5m',
  'guest.psi.memory.full.5m',
  'guest.psi.memory.some.inside',
  'guest.psi.memory.full.inside',
  'guest.psi.cpu.some.30m',
  'guest.psi.io.some.30m',
  'guest.psi.cpu.some.inside',
  'guest.psi.io.some.inside',
  'guest.cpu.throttled',
  'guest.cpu.iowait',
  'guest.cpu.steal',
  'guest.memory.history',
  'guest.memory.cap.history',
  'guest.psi.memory.history',
  'guest.cpu.history',
  'guest.restarts',
];
