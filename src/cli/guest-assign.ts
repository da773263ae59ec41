import { didYouMean } from '../config/words.ts';
import type { Tree } from '../core/change-set.ts';
import type { DeclaredGuest } from '../core/declared-guest.ts';
import { GitmendError } from '../core/errors.ts';
import { type Fault, printFault } from '../core/fault.ts';
import { type Json, sameValue } from '../core/json.ts';
import { readGuests } from '../declarations/guest/index.ts';
import { type FieldEdit, withEdits } from '../import/index.ts';

/** `memory=3072`, `tags+=web`, `tags-=old` */
export interface Assignment {
  field: string;
  how: '=' | '+=' | '-=';
  value: string;
}

const lists = ['tags', 'carries', 'leave'] as const;
const texts = ['node', 'disk.storage', 'network.bridge', 'network.address', 'network.gateway'] as const;
const numbers = ['cores', 'memory', 'swap', 'disk.size'] as const;
const switches = ['started', 'protection'] as const;
const fields: readonly string[] = [...numbers, ...texts, ...switches, ...lists];

/** Words of a command: those that set something, and the guests before them. Throws USAGE, naming every field there is. */
export function parseWords(words: readonly string[]): { targets: string[]; assignments: Assignment[] } {
  const split = words.map((word) => /^([a-z][a-z.]*)(\+=|-=|=)(.*)$/s.exec(word));
  const targets = words.filter((_, index) => split[index] === null);
  const assignments = split.flatMap((match): Assignment[] => {
    if (match === null) return [];
    const [, field = '', how = '=', value = ''] = match;
    return [{ field, how: how as Assignment['how'], value }];
  });
  for (const { field, how } of assignments) {
    if (!fields.includes(field))
      throw new GitmendError(
        'USAGE',
        `${field} is not a field that can be set; ${didYouMean(field, fields) || `there are ${fields.join(', ')}`}`,
      );
    if (how !== '=' && !isList(field)) throw new GitmendError('USAGE', `${field} is no list: write ${field}=VALUE`);
  }
  if (assignments.length === 0) throw new GitmendError('USAGE', 'nothing to set: write memory=3072, tags+=web …');
  return { targets, assignments };
}

function isList(field: string): field is (typeof lists)[number] {
  return (lists as readonly string[]).includes(field);
}

/** One guest whose file changes, and how. */
export interface Assigned {
  guest: DeclaredGuest;
  edits: FieldEdit[];
}

/**
 * The files with these values, each edit as small as it can be. Guests that say so already are left out. Throws
 * CONFIG_INVALID with every fault that the values would bring, and where a file cannot be edited in one place.
 */
export function assigned(
  tree: Tree,
  guests: readonly DeclaredGuest[],
  assignments: readonly Assignment[],
): { edits: Map<string, string>; changed: Assigned[] } {
  const edits = new Map<string, string>();
  const changed: Assigned[] = [];
  for (const guest of guests) {
    const wanted = editsOf(guest, assignments);
    if (wanted.length === 0) continue;
    const { text, left } = withEdits(tree.get(guest.file) ?? '', wanted);
    if (left.length > 0)
      throw new GitmendError(
        'CONFIG_INVALID',
        `${guest.file} has to be edited by hand: ${left.map(({ field }) => field).join(', ')}`,
      );
    edits.set(guest.file, text);
    changed.push({ guest, edits: wanted });
  }
  const faults = newFaults(tree, new Map([...tree, ...edits]));
  if (faults.length > 0) throw new GitmendError('CONFIG_INVALID', faults.map(printFault).join('\n'));
  return { edits, changed };
}

function newFaults(before: Tree, after: Tree): Fault[] {
  const known = new Set(readGuests(before).faults.map(printFault));
  return readGuests(after).faults.filter((fault) => !known.has(printFault(fault)));
}

/** One edit for each field, however often it is said: `tags+=web tags-=old` is both. */
function editsOf(guest: DeclaredGuest, assignments: readonly Assignment[]): FieldEdit[] {
  return [...new Set(assignments.map(({ field }) => field))].flatMap((field): FieldEdit[] => {
    const path = field.split('.');
    const from = path.reduce<unknown>(
      (inside, key) => (inside as { [key: string]: unknown } | undefined)?.[key],
      guest,
    ) as Json | undefined;
    const said = assignments.filter((one) => one.field === field);
    const to = said.reduce<Json | undefined>((now, one) => assignedTo(now, one), from);
    if (from === to || (from !== undefined && to !== undefined && sameValue(from, to))) return [];
    if (from === undefined && Array.isArray(to) && to.length === 0) return [];
    return [{ path, field, ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) }];
  });
}

function assignedTo(now: Json | undefined, { field, how, value }: Assignment): Json | undefined {
  if (isList(field)) return listOf(Array.isArray(now) ? now.map(String) : [], how, value);
  return valueOf(field, value);
}

/** What is no number and no switch is left to the reader of the file, who says what is meant: `2g`, `2048MiB`, `yes`. */
function valueOf(field: string, value: string): Json | undefined {
  if (value === '') return undefined;
  if ((switches as readonly string[]).includes(field) && /^(?:true|false)$/.test(value)) return value === 'true';
  return (numbers as readonly string[]).includes(field) && /^\d{1,15}$/.test(value) ? Number(value) : value;
}

function listOf(before: readonly string[], how: Assignment['how'], value: string): string[] {
  const words = value.split(/[\s,]+/).filter((word) => word !== '');
  if (how === '=') return words;
  if (how === '+=') return [...before, ...words.filter((word) => !before.includes(word))];
  return before.filter((word) => !words.includes(word));
}
