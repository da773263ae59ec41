import type { Entry, ListValue, MapValue, Scalar, Value } from './source.ts';

/** The entry of a map. */
export function entryOf(value: Value | undefined, key: string): Entry | undefined {
  return value?.kind === 'map' ? value.entries.find((entry) => entry.key === key) : undefined;
}

/** The value of a key of a map. */
export function at(value: Value | undefined, key: string): Value | undefined {
  return entryOf(value, key)?.value;
}

/** The text of a scalar; a number or a boolean as it is written. `undefined` for everything else. */
export function textOf(value: Value | undefined): string | undefined {
  if (value?.kind !== 'scalar' || value.value === null) return undefined;
  return typeof value.value === 'string' ? value.value : value.written;
}

/** A list as it is, a single value as a list of one, nothing as none. */
export function itemsOf(value: Value | undefined): Value[] {
  if (value === undefined || isNothing(value)) return [];
  return value.kind === 'list' ? value.items : [value];
}

export function isNothing(value: Value): boolean {
  return value.kind === 'scalar' && value.value === null;
}

/** Every scalar inside. */
export function scalarsIn(value: Value): Scalar[] {
  if (value.kind === 'scalar') return [value];
  return value.kind === 'list' ? value.items.flatMap(scalarsIn) : value.entries.flatMap((one) => scalarsIn(one.value));
}

/** Every scalar inside with the keys that lead to it; the items of a list have no place of their own. */
export function placedScalars(
  value: Value,
  keys: readonly string[] = [],
): { keys: readonly string[]; scalar: Scalar }[] {
  if (value.kind === 'scalar') return [{ keys, scalar: value }];
  return value.kind === 'list'
    ? value.items.flatMap((item) => placedScalars(item, [...keys, '']))
    : value.entries.flatMap((entry) => placedScalars(entry.value, [...keys, entry.key]));
}

/** Every key inside. */
export function keysIn(value: Value): Entry[] {
  if (value.kind === 'list') return value.items.flatMap(keysIn);
  return value.kind === 'map' ? value.entries.flatMap((entry) => [entry, ...keysIn(entry.value)]) : [];
}

/** The same, with every scalar put through `change`. */
export function mapScalars(value: Value, change: (scalar: Scalar) => Value): Value {
  if (value.kind === 'scalar') return change(value);
  if (value.kind === 'list')
    return { ...value, items: value.items.map((one) => mapScalars(one, change)) } satisfies ListValue;
  const entries = value.entries.map((entry) => ({ ...entry, value: mapScalars(entry.value, change) }));
  return { ...value, entries } satisfies MapValue;
}

/** A text as Jinja sees it: whether anything in it is a template. */
export function hasTemplate(text: string): boolean {
  return /\{[{%#]/.test(text);
}
