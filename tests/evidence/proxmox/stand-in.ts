import type { GuestStatus, RrdPoint, SeenGuest } from '../../../src/clients/proxmox/index.ts';
import type { Clock } from '../../../src/core/clock.ts';
import type { EvidenceRequest } from '../../../src/core/evidence-request.ts';
import type { GuestType } from '../../../src/core/target.ts';
import { memoryDiagnoser } from '../../../src/diagnosers/memory/index.ts';
import type { ProxmoxReads } from '../../../src/evidence/proxmox/reads.ts';
import type { Signal } from '../../../src/core/signal.ts';

export const MiB = 2 ** 20;
export const start = Date.parse('2026-11-20T03:34:10Z');

/** A clock that only sleeping moves. */
export function steppedClock(from = start): Clock & { slept: number[] } {
  let at = from;
  const slept: number[] = [];
  return {
    slept,
    now: () => at,
    sleep: async (milliseconds) => {
      slept.push(milliseconds);
      at += milliseconds;
    },
  };
}

export function request(type: GuestType = 'lxc'): EvidenceRequest {
  const guest = { cluster: 'home', type, vmid: 200 };
  return memoryDiagnoser.needs({} as Signal, { target: `home/${type}/200`, guest, node: 'pve1', name: 'postgres' });
}

export function status(changes: Partial<GuestStatus> = {}, clock: Clock = steppedClock()): GuestStatus {
  return {
    ...{
      node: 'pve1',
      type: 'lxc',
      vmid: 200,
      name: 'postgres',
      status: 'running',
      uptime: 86_400,
      template: false,
      tags: [],
    },
    ...{ mem: 1966 * MiB, maxmem: 2048 * MiB, swap: 500 * MiB, maxswap: 512 * MiB },
    pressure: { memory: { some: 0.4, full: 0.31 }, cpu: { some: 0.1 }, io: { some: 0.2 } },
    at: new Date(clock.now()).toISOString(),
    ...changes,
  };
}

/** Rows named by the start of their interval, the newest complete one last. */
export function rows(step: number, count: number, values: RrdPoint['values'], now = start / 1000): RrdPoint[] {
  const end = Math.floor(now / step) * step;
  return Array.from({ length: count }, (_, index) => ({ time: end - step * (count - index), values }));
}

export function seen(at = '2026-11-20T03:34:10Z', type: GuestType = 'lxc'): SeenGuest {
  return {
    guest: {
      ...{ cluster: 'home', node: 'pve1', type, vmid: 200, name: 'postgres', status: 'running', digest: 'd' },
      ...{ running: { cores: 2, memory: 2048, swap: 512 }, pending: {}, hotplug: [], tags: [], uptime: 86_400, at },
    },
    node: {
      cluster: 'home',
      node: 'pve1',
      memoryTotal: 32 * 2 ** 30,
      memoryAvailable: 11.2 * 2 ** 30,
      cpus: 8,
      memoryPromised: 12 * 2 ** 30,
      at,
    },
    template: false,
    pending: [],
  };
}

export function reads(changes: Partial<ProxmoxReads> = {}): ProxmoxReads {
  const minute = { pressurememorysome: 0.38, pressurememoryfull: 0.29, pressurecpusome: 0.1, pressureiosome: 0.2 };
  const halfHour = { mem: 1900 * MiB, maxmem: 2048 * MiB, pressurememorysome: 0.3 };
  return {
    seen: async () => seen(),
    status: async () => status(),
    rrd: async (_node, _guest, timeframe) => (timeframe === 'hour' ? rows(60, 60, minute) : rows(1800, 1440, halfHour)),
    version: async () => '9.1.3',
    starts: async () => [],
    ...changes,
  };
}
