import type { Json } from '../core/json.ts';

/** The unit of a declared field, '' for a plain number. */
export function unitOf(field: string): string {
  if (field === 'disk' || field === 'disk.size') return 'GiB';
  return field === 'memory' || field === 'swap' ? 'MiB' : '';
}

/** `memory 2048 → 3072 MiB`, `cores 2 → 4`, `swap none → 512 MiB` */
export function printChange(
  field: string,
  before: Json | undefined,
  after: Json | undefined,
  unit = unitOf(field),
): string {
  return `${field} ${printValue(before)} → ${withUnit(after, unit)}`;
}

/** `memory 3072 MiB, cores 4`: values as they are. */
export function printValues(values: { readonly [field: string]: Json }): string {
  return Object.entries(values)
    .map(([field, value]) => `${field} ${withUnit(value, unitOf(field))}`)
    .join(', ');
}

/** A fraction as people read it: 0.64 → `64 %`, 0.004 → `0.4 %`, 0 → `0 %`. One decimal below 10 %. */
export function printPercent(fraction: number): string {
  const percent = fraction * 100;
  const rounded = Math.abs(percent) < 10 ? Math.round(percent * 10) / 10 : Math.round(percent);
  return `${rounded} %`;
}

/** Bytes as `3072 MiB`: what a guest has, in the unit of its declaration. */
export function printMebibytes(bytes: number): string {
  return `${Math.round(bytes / 2 ** 20)} MiB`;
}

/** Bytes as `10.2 GiB`, or `512 MiB` below one GiB. */
export function printBytes(bytes: number): string {
  const mib = bytes / 2 ** 20;
  return Math.abs(mib) < 1024 ? `${Math.round(mib)} MiB` : `${Math.round((mib / 1024) * 10) / 10} GiB`;
}

/** Seconds in words, rounded to the largest unit that does not hide them: `5 seconds`, `22 minutes`, `24 hours`, `14 days`. */
export function printSpan(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  const [size, name] = units.find(([limit]) => whole >= 2 * limit) ??
    units.find(([limit]) => whole >= limit) ?? [1, 'second'];
  const amount = Math.round(whole / size);
  return `${amount} ${name}${amount === 1 ? '' : 's'}`;
}

/** A day stays 24 hours, and an hour 60 minutes: `24 h` is what people write in policies. */
const units: readonly (readonly [number, string])[] = [
  [86_400, 'day'],
  [3600, 'hour'],
  [60, 'minute'],
  [1, 'second'],
];

/** How long ago, short: `4 s`, `12 min`, `3 h`, `2 d`. */
export function printAge(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 120) return `${whole} s`;
  if (whole < 7200) return `${Math.round(whole / 60)} min`;
  return whole < 172_800 ? `${Math.round(whole / 3600)} h` : `${Math.round(whole / 86_400)} d`;
}

/** `2026-11-20T03:41:07Z` → `03:41:07Z` */
export function clockOf(iso: string): string {
  return iso.slice(11);
}

/** `2026-11-20T03:51:10Z` → `03:51Z` */
export function minuteOf(iso: string): string {
  return `${iso.slice(11, 16)}Z`;
}

/** `2026-11-20T03:34:00Z` → `2026-11-20 03:34Z` */
export function dayAndMinuteOf(iso: string): string {
  return `${iso.slice(0, 10)} ${minuteOf(iso)}`;
}

/** `1 change`, `3 changes` */
export function counted(amount: number, one: string, many = `${one}s`): string {
  return `${amount} ${amount === 1 ? one : many}`;
}

/** `a`, `a and b`, `a, b and c` */
export function listed(words: readonly string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1) ?? ''}`;
}

/** Sentence case, for notes that are written without it. */
export function capitalised(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}

function withUnit(value: Json | undefined, unit: string): string {
  return unit === '' || typeof value !== 'number' ? printValue(value) : `${printValue(value)} ${unit}`;
}

function printValue(value: Json | undefined): string {
  if (value === undefined || value === null) return 'none';
  return typeof value === 'string' ? value : JSON.stringify(value);
}
