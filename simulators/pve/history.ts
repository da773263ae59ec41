import type { Lab } from './lab.ts';
import { nodeAvailable, usageAt } from './load.ts';
import { pressureNumbers, rates, withoutPressure } from './status.ts';
import type { Guest, Node } from './world.ts';
import { isBeforePve9 } from './world.ts';

/** Seconds per point and number of points (pve-cluster `PVE::RRD::create_rrd_data`, `$setup`, since PVE 9). */
export const timeframes = {
  hour: [60, 60],
  day: [60, 1440],
  week: [1800, 336],
  month: [1800, 1440],
  year: [21_600, 1440],
  decade: [604_800, 570],
} as const;

// Before PVE 9 (`$setup_pve2`): coarser, and a decade is a year.
const olderTimeframes: Record<Timeframe, readonly [number, number]> = {
  hour: [60, 60],
  day: [1800, 70],
  week: [10_800, 70],
  month: [43_200, 70],
  year: [604_800, 70],
  decade: [604_800, 70],
};

export type Timeframe = keyof typeof timeframes;

const dayMs = 86_400_000;

/**
 * `GET …/rrddata` of a guest. Columns as pve-cluster's round-robin files of PVE 9 name them (pmxcfs `status.c`,
 * `rrd_def_vm_pve9_0`). A point with no data has only its `time` ("leave empty fields undefined"); the newest, still
 * empty one is left out. `MAX` is the highest of the minutes that `AVERAGE` averages.
 */
export function guestHistory(
  lab: Lab,
  guest: Guest,
  timeframe: Timeframe,
  cf: 'AVERAGE' | 'MAX',
): Record<string, number>[] {
  return points(lab, timeframe, guest.historyDays, (from, step) => {
    const samples = samplesIn(from, step).map((at) => guestSample(lab, guest, at));
    const point = combine(samples, cf);
    return isBeforePve9(lab.world) ? withoutPressure(point) : point;
  });
}

/** `GET /nodes/{node}/rrddata` (`rrd_def_node_pve9_0`). */
export function nodeHistory(
  lab: Lab,
  node: Node,
  timeframe: Timeframe,
  cf: 'AVERAGE' | 'MAX',
): Record<string, number>[] {
  return points(lab, timeframe, 30, (from, step) => {
    const samples = samplesIn(from, step).map((at) => {
      const memavailable = Math.round(nodeAvailable(lab.world, node.name, at));
      return { memtotal: node.memory, memused: node.memory - memavailable, memavailable, maxcpu: node.cpus };
    });
    return combine(samples, cf);
  });
}

function points(
  lab: Lab,
  timeframe: Timeframe,
  days: number,
  sample: (from: number, step: number) => Record<string, number>,
): Record<string, number>[] {
  const [step, count] = (isBeforePve9(lab.world) ? olderTimeframes : timeframes)[timeframe];
  const end = Math.floor(lab.now() / 1000 / step) * step;
  const known = Math.floor((lab.now() - days * dayMs) / 1000 / step) * step;
  const times = Array.from({ length: count }, (_, index) => end - step * (count - index));
  return times.map((time) => (time < known ? { time } : { time, ...sample(time * 1000, step * 1000) }));
}

/** Four looks into a point are enough for a wave of a day; a minute needs one. */
function samplesIn(from: number, step: number): number[] {
  return step <= 60_000 ? [from] : [0, 0.25, 0.5, 0.75].map((share) => from + share * step);
}

function guestSample(lab: Lab, guest: Guest, at: number): Record<string, number> {
  const usage = usageAt(lab.world, guest, at);
  const running = guest.status === 'running';
  // A stopped guest reports only its limits (pve-manager `pvestatd`, update_lxc_status).
  if (!running) return { maxcpu: usage.cores, maxmem: usage.maxmem, maxdisk: guest.diskSize };
  return {
    maxcpu: usage.cores,
    cpu: usage.cpu,
    maxmem: usage.maxmem,
    mem: usage.mem,
    maxdisk: guest.diskSize,
    disk: guest.type === 'lxc' ? guest.diskUsed : 0,
    ...rates,
    ...(guest.type === 'qemu' ? { memhost: usage.resident } : {}),
    ...pressureNumbers(usage),
  };
}

function combine(samples: Record<string, number>[], cf: 'AVERAGE' | 'MAX'): Record<string, number> {
  const keys = Object.keys(samples[0] ?? {});
  const of = (key: string): number[] => samples.map((sample) => sample[key] ?? 0);
  const average = (values: number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
  return Object.fromEntries(keys.map((key) => [key, cf === 'MAX' ? Math.max(...of(key)) : average(of(key))]));
}
