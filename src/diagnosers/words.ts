import type { FactName, Facts, FactValues } from '../core/fact.ts';

export const MiB = 1024 * 1024;
export const GiB = 1024 * MiB;

/** 0.957 → `96 %`, 0.004 → `0.4 %`. */
export function percent(fraction: number): string {
  const value = fraction * 100;
  const digits = value !== 0 && Math.abs(value) < 1 ? 1 : 0;
  return `${value.toFixed(digits).replace('-0', '0')} %`;
}

/** Bytes → `2048 MiB`. */
export function mib(bytes: number): string {
  return `${Math.round(bytes / MiB)} MiB`;
}

/** Bytes → `10.2 GiB`. */
export function gib(bytes: number): string {
  return `${(bytes / GiB).toFixed(1)} GiB`;
}

/** A length of time as people say it: `22 minutes`, `3 hours`, `14 days`. Seconds in. */
export function lengthOf(seconds: number): string {
  const minutes = Math.max(Math.floor(seconds / 60), 0);
  if (minutes < 1) return 'less than a minute';
  if (minutes < 120) return counted(minutes, 'minute');
  if (minutes < 48 * 60) return counted(Math.floor(minutes / 60), 'hour');
  return counted(Math.round(seconds / 86_400), 'day');
}

/** `1 day`, `2 days`. */
export function counted(count: number, unit: string): string {
  return `${count} ${unit}${count === 1 ? '' : 's'}`;
}

/** The facts that decided, as a person reads them; those that were not observed are left out. */
export function decidedBy(
  facts: Facts,
  names: readonly FactName[],
): { fact: string; value: string; source: string; at: string }[] {
  return [...new Set(names)].flatMap((name) => {
    const fact = facts[name];
    return fact === undefined
      ? []
      : [{ fact: name, value: printed(name, fact.value), source: fact.source, at: fact.at }];
  });
}

function printed(name: FactName, value: FactValues[FactName]): string {
  if (typeof value === 'number') return withUnit(name, value);
  if (typeof value === 'string' || typeof value === 'boolean') return String(value);
  if ('points' in value) return `${value.points.length} points, one per ${lengthOf(value.step)}`;
  if (isTimes(value)) return value.length === 0 ? 'none' : `${value.length}`;
  return Object.entries(value as { [field: string]: number })
    .map(([field, size]) => `${field} ${size}${field === 'cores' ? '' : ' MiB'}`)
    .join(', ');
}

function withUnit(name: FactName, value: number): string {
  if (!Number.isFinite(value)) return String(value);
  if (name.includes('.psi.') || name.startsWith('guest.cpu.')) return percent(value);
  if (name.startsWith('node.memory.')) return gib(value);
  if (name.includes('.memory.') || name.startsWith('guest.swap.')) return mib(value);
  if (name === 'guest.uptime') return lengthOf(value);
  if (name === 'guest.swapIn') return `${value} pages/s`;
  return String(value);
}

function isTimes(value: unknown): value is readonly number[] {
  return Array.isArray(value);
}
