import type { Series } from '../../core/fact.ts';
import { percentile, type Point } from '../../core/statistics.ts';
import type { Conclusion } from '../conclude.ts';
import { counted, lengthOf } from '../words.ts';
import { rules } from './rules.ts';

const day = 86_400;

/** How many cores were in use over the window. */
export interface CpuUsage {
  /** Cores that sufficed 95 % of the time. */
  high: number;
  points: number;
  /** Points left out: no number, negative, or more than there are cores. */
  faulty: number;
  days: number;
  /** Seconds that one point sums up. */
  step: number;
  /** On how many of the days it was as busy as that. */
  busyDays: number;
}

/** The last fortnight of a history, or why it does not suffice. `now` in seconds. */
export function usageOf(history: Series | undefined, cores: number, now: number): CpuUsage | Conclusion {
  const recent = (history?.points ?? []).filter(([at]) => at > now - rules.windowDays * day && at <= now);
  // A fifth over is how far two clocks that are read one after the other may be apart; it is no other size.
  const valid = recent.filter(([, used]) => used >= 0 && used <= 1.2 * cores);
  const [first, last] = [valid[0], valid.at(-1)];
  const seconds = first === undefined || last === undefined ? 0 : last[0] - first[0];
  if (valid.length < rules.least.points || seconds < rules.least.hours * 3600) return tooLittle(valid.length, seconds);
  const high = percentile(
    valid.map(([, used]) => Math.min(used, cores)),
    rules.percentile,
  );
  return {
    high,
    points: valid.length,
    faulty: recent.length - valid.length,
    days: seconds / day,
    step: history?.step ?? 0,
    busyDays: busyDays(valid, high, now),
  };
}

function tooLittle(points: number, seconds: number): Conclusion {
  const seen = points === 0 ? 'nothing of' : `only ${counted(points, 'point')} over ${lengthOf(seconds)} of`;
  return {
    outcome: 'unknown',
    rule: 'no-history',
    summary: `short of CPU, but ${seen} its history could be read, so no size can be told`,
    facts: ['guest.cpu.history'],
    helps: ['Proxmox VE 9 keeps half hours for a month, Prometheus keeps `pve_cpu_usage_ratio`'],
  };
}

/** Days, counted back from now, on which at least one point came near. */
function busyDays(points: readonly Point[], high: number, now: number): number {
  const near = points.filter(([, used]) => used >= 0.9 * high);
  return new Set(near.map(([at]) => Math.floor((now - at) / day))).size;
}
