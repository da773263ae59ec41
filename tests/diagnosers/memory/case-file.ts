import type { Fact, FactName, Facts, Series } from '../../../src/core/fact.ts';
import type { Signal } from '../../../src/core/signal.ts';
import { parseGuestTarget } from '../../../src/core/target.ts';
import type { DiagnosisInput, Limits } from '../../../src/diagnosers/diagnoser.ts';

/** Every case happens at this moment, 22 minutes after its alert began. */
export const now = Date.parse('2026-11-20T03:34:10Z');

const units: { [unit: string]: number } = { '%': 0.01, MiB: 2 ** 20, GiB: 2 ** 30, s: 1, m: 60, h: 3600, d: 86_400 };

/** One facts.json: facts by name with their units, and what else the decision is given. */
export interface CaseFile {
  /** `home/lxc/200 postgres on pve1` */
  target: string;
  declared: { memory: number; cores?: number };
  limits?: { overcommit?: number; promised?: string };
  facts: { [name: string]: unknown };
  gaps?: string[];
  /** Facts that were read at another time than now. */
  at?: { [name: string]: string };
}

/** A history in short: one value per day, saw teeth, or the points themselves. */
interface ShortHistory {
  /** Daily maxima, oldest first; the last day ends now. Reached at night, a tenth less by day. */
  days?: string[];
  /** Climbs from `low` to `high` between the resets, given in days before now. */
  teeth?: { low: string; high: string; resets: number[]; days: number };
  /** `[days before now, value]`: holds until the next. */
  steps?: [number, string][];
}

/** Builds what the diagnoser gets from the two files of a case. */
export function inputOf(signal: Signal, file: CaseFile): DiagnosisInput {
  const [target = '', name = '', , node = ''] = file.target.split(' ');
  const guest = parseGuestTarget(target);
  if (guest === undefined) throw new Error(`${target} is no target`);
  const limits: Limits = {
    overcommit: file.limits?.overcommit ?? 1,
    promisedByOpenProposals: amount(file.limits?.promised ?? '0 MiB'),
  };
  const declared = {
    ...{ ...guest, name, node, cores: 2, file: `guests/${name}.yaml`, tags: [], carries: [], ...file.declared },
    ...{ disk: { storage: 'local-lvm', size: 32 }, network: { bridge: 'vmbr0' } },
  };
  const gaps = (file.gaps ?? []).map((problem) => ({ source: 'PVE', problem }));
  return { target, guest, node, name, signal, declared, facts: factsOf(file), gaps, limits, now };
}

function factsOf({ facts, at }: CaseFile): Facts {
  const entries = Object.entries(facts).map(([name, text]): [string, Fact<unknown>] => {
    const source = name.startsWith('node.')
      ? 'PVE GET /nodes/pve1/status'
      : 'PVE GET /nodes/pve1/lxc/200/status/current';
    return [name, { value: valueOf(name as FactName, text), source, at: at?.[name] ?? '2026-11-20T03:34:10Z' }];
  });
  return Object.fromEntries(entries);
}

function valueOf(name: FactName, text: unknown): unknown {
  if (name === 'guest.restarts') return (text as number[]).map((days) => Math.round(now / 1000 - days * 86_400));
  if (name.endsWith('.history')) return historyOf(text as ShortHistory);
  return typeof text === 'string' ? measured(text) : text;
}

/** `31 %` → 0.31, `2048 MiB` → bytes, `NaN` → NaN; any other text stays what it is. */
function measured(text: string): number | string {
  if (text === 'NaN') return NaN;
  const [, number, unit = ''] = /^(-?[0-9.]+) (%|MiB|GiB|s|m|h|d)$/.exec(text) ?? [];
  return number === undefined ? text : Number(number) * (units[unit] ?? 1);
}

function amount(text: string): number {
  return Number(measured(text));
}

function historyOf({ days, teeth, steps }: ShortHistory): Series {
  const step = 1800;
  const end = Math.floor(now / 1000 / step) * step;
  const length = days?.length ?? teeth?.days ?? Math.max(...(steps ?? []).map(([before]) => before));
  const points = Array.from({ length: length * 48 }, (_, index): [number, number] => {
    const at = end - (length * 48 - 1 - index) * step;
    const before = (now / 1000 - at) / 86_400;
    if (days !== undefined) return [at, nightly(amount(days[Math.floor(length - before)] ?? '0 MiB'), at)];
    return [at, teeth === undefined ? held(steps ?? [], before) : tooth(teeth, before, at)];
  });
  return { points, step };
}

// The maximum at 02:00 UTC, a tenth less over the day.
function nightly(peak: number, at: number): number {
  return at % 86_400 === 7200 ? peak : peak * 0.9;
}

function tooth({ low, high, resets, days }: NonNullable<ShortHistory['teeth']>, before: number, at: number): number {
  const last = Math.min(...resets.filter((reset) => reset >= before), days);
  const [first = 1, second = 0] = resets;
  const share = (last - before) / (first - second);
  const ripple = 2 ** 20 * ((at / 1800) % 3);
  return Math.min(amount(low) + share * (amount(high) - amount(low)) + ripple, amount(high));
}

function held(steps: readonly [number, string][], before: number): number {
  return amount(steps.findLast(([from]) => from >= before)?.[1] ?? '0 MiB');
}
