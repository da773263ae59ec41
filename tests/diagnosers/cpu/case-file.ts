import type { Series } from '../../../src/core/fact.ts';
import type { Signal } from '../../../src/core/signal.ts';
import type { DiagnosisInput } from '../../../src/diagnosers/diagnoser.ts';
import { type CaseFile, inputOf as inputWithoutHistory, now } from '../memory/case-file.ts';

/** A history in short: every day the same, or only the last ones. */
export interface ShortCpuHistory {
  days: number;
  /** Cores in use while it is busy, and otherwise. */
  busy: number | 'NaN';
  idle: number;
  /** How many hours of a day it is busy, from midnight UTC on. */
  hours: number;
  /** How many days back from now it has been busy on; all of them unless told. */
  busyDays?: number;
  /** Seconds between points; 300 as from Prometheus unless told. */
  step?: number;
}

/** What the diagnoser gets from the two files of a case. */
export function inputOf(signal: Signal, file: CaseFile): DiagnosisInput {
  const { 'guest.cpu.history': history, ...facts } = file.facts;
  const input = inputWithoutHistory(signal, { ...file, facts });
  if (history === undefined) return input;
  const value = historyOf(history as ShortCpuHistory);
  const source = 'prometheus pve_cpu_usage_ratio{id="lxc/200"}';
  return { ...input, facts: { ...input.facts, 'guest.cpu.history': { value, source, at: '2026-11-20T03:30:00Z' } } };
}

function historyOf({ days, busy, idle, hours, busyDays = days, step = 300 }: ShortCpuHistory): Series {
  const end = Math.floor(now / 1000 / step) * step;
  const count = Math.floor((days * 86_400) / step);
  const points = Array.from({ length: count }, (_, index): [number, number] => {
    const at = end - (count - 1 - index) * step;
    const within = at % 86_400 < hours * 3600 && now / 1000 - at < busyDays * 86_400;
    return [at, within ? Number(busy) : idle];
  });
  return { points, step };
}
