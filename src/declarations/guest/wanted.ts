import { stringify } from 'yaml';
import { amountIn } from '../../config/fields.ts';
import type { DeclaredGuest } from '../../core/declared-guest.ts';
import type { Fault } from '../../core/fault.ts';
import { readGuest } from './read.ts';

/** A guest's file as values, which may be wrong or missing. */
export interface RawGuest {
  [field: string]: unknown;
  disk?: { [field: string]: unknown };
  network?: { [field: string]: unknown };
}

/** A new guest as it was asked for, or everything that is wrong with it. */
export type WantedGuest = { ok: true; guest: DeclaredGuest } | { ok: false; faults: string[] };

/** The words of a terminal by field (`disk.size`) → values: sizes with their units, numbers, lists. What is none stays a word. */
export function wantedValues(words: { readonly [field: string]: string | undefined }): RawGuest {
  const said = Object.entries(words).flatMap(([field, word]) => (word === undefined ? [] : [[field, word] as const]));
  return said.reduce<RawGuest>((raw, [field, word]) => {
    const [outer, inner] = field.split('.') as [string, string?];
    const value = valueOf(field, word);
    return inner === undefined ? { ...raw, [outer]: value } : rawOf(raw, { [outer]: { [inner]: value } });
  }, {});
}

/** The first values with the second ones in place of them, those of `disk` and `network` one by one. */
export function rawOf(base: RawGuest, over: RawGuest): RawGuest {
  const inside = (name: 'disk' | 'network') =>
    isMap(base[name]) && isMap(over[name]) ? { [name]: { ...base[name], ...over[name] } } : {};
  return { ...base, ...over, ...inside('disk'), ...inside('network') };
}

/**
 * What was asked for, read as its file will be. `flagOf` says how a field is asked for (`disk.size` → `--disk`), so that
 * faults name what a person typed. A container without a word about swap gets Proxmox VE's own 512 MiB.
 */
export function wantedGuest(raw: RawGuest, flagOf: (field: string) => string): WantedGuest {
  const swap = raw['type'] === 'lxc' && raw['swap'] === undefined ? { swap: 512 } : {};
  const text = stringify({ disk: {}, network: {}, ...raw, ...swap });
  const read = readGuest(text, 'guests/new.yaml');
  if (read.ok) return { ok: true, guest: { ...read.value, file: `guests/${read.value.name}.yaml` } };
  const faults = read.faults.filter(({ severity }) => severity === 'fault').sort((a, b) => placeOf(a) - placeOf(b));
  const say = ({ field, problem, mend }: Fault) => `${flagOf(field)}: ${problem}${mend === '' ? '' : `; ${mend}`}`;
  return { ok: false, faults: [...new Set(faults.map(say))] };
}

const order = ['name', 'cluster', 'node', 'vmid', 'type', 'cores', 'memory', 'swap', 'disk', 'network', 'tags'];

/** What is missing has no line: faults come in the order of a file that has everything, what no file has behind them. */
function placeOf({ field }: Fault): number {
  const at = order.indexOf(/^[a-z]*/.exec(field)?.[0] ?? '');
  return at < 0 ? order.length : at;
}

function valueOf(field: string, word: string): unknown {
  if (field === 'memory' || field === 'swap') return amountIn(word, 'MiB') ?? word;
  if (field === 'disk.size') return amountIn(word, 'GiB') ?? word;
  if (field === 'cores' || field === 'vmid') return /^\d{1,15}$/.test(word) ? Number(word) : word;
  return field === 'tags' ? word.split(/[\s,]+/).filter((tag) => tag !== '') : word;
}

function isMap(value: unknown): value is { [field: string]: unknown } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
