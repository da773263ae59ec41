import type { z } from 'zod';
import type { Fault, Read } from '../core/fault.ts';
import { type Path, openYaml, type YamlSource } from './yaml-source.ts';
import { didYouMean, kindOf, oneOf, shown } from './words.ts';

// A message of a schema carries its mend behind this mark, because zod gives a message one string.
const mark = '\u0001';

/** The `error` of a schema: what is wrong, and what to write instead. */
export function say(problem: string, mend = ''): string {
  return `${mark}${problem}${mark}${mend}`;
}

/**
 * Raw → valid, once: a file's text → its trusted value, or every fault at once, each with line, column, field and mend.
 * `also` sees what no single field can tell (two that exclude each other …); it gets the raw value, because it must
 * speak beside other faults too.
 */
export function readYaml<T>(
  text: string,
  file: string,
  schema: z.ZodType<T>,
  also: (source: YamlSource) => Fault[] = () => [],
): Read<T> {
  const { source, faults } = openYaml(text, file);
  if (source === undefined) return { ok: false, faults };
  const parsed = schema.safeParse(source.value, { reportInput: true });
  const wrong = parsed.success ? [] : parsed.error.issues.flatMap((issue) => faultsOf(issue, source, schema));
  const all = inOrder([...faults, ...wrong, ...also(source)]);
  const bad = all.filter(({ severity }) => severity === 'fault');
  if (parsed.success && bad.length === 0) return { ok: true, value: parsed.data, warnings: all };
  return { ok: false, faults: all };
}

type Issue = z.core.$ZodIssue;

function faultsOf(issue: Issue, source: YamlSource, schema: z.core.$ZodType): Fault[] {
  if (issue.code === 'unrecognized_keys') {
    const known = keysAt(schema, issue.path, source.value);
    return issue.keys.map((key) =>
      source.faultOfKey(
        [...issue.path, key],
        'is not a known field',
        didYouMean(key, known) || (known.length > 0 ? `known: ${known.join(', ')}` : ''),
      ),
    );
  }
  const inside = issue.code === 'invalid_union' ? meantAlternative(issue) : [];
  if (inside.length > 0) return inside.flatMap((one) => faultsOf(one, source, schema));
  const [problem, mend] = wordsOf(issue, valueAt(source.value, issue.path));
  return [source.fault(issue.path, problem, mend)];
}

/** Of a word or a map, where a map stands: what is wrong inside it, and not that it is no word. */
function meantAlternative({ errors, path }: z.core.$ZodIssueInvalidUnion): Issue[] {
  const about = ({ path: at, code }: Issue) => at.length > 0 || code === 'unrecognized_keys';
  const found = errors.filter((issues) => issues.every(about));
  const [only = []] = found.length === 1 ? found : [];
  return only.map((issue) => ({ ...issue, path: [...path, ...issue.path] }));
}

function wordsOf(issue: Issue, value: unknown): [string, string] {
  if (value === undefined) return ['is missing', optionsOf(issue)];
  if (issue.message.startsWith(mark)) {
    const [, problem = '', mend = ''] = issue.message.split(mark);
    return [problem, mend];
  }
  switch (issue.code) {
    case 'invalid_type':
      return sayType(issue.expected, value);
    case 'invalid_value': {
      const options = issue.values.map(String);
      return [`${shown(value)} is not ${oneOf(options)}`, didYouMean(shown(value), options)];
    }
    case 'invalid_union':
      return [`${shown(value)} is not known here`, didYouMean(shown(value), optionNames(issue)) || optionsOf(issue)];
    case 'too_small':
      return [`${shown(value)} is less than ${String(issue.minimum)}`, ''];
    case 'too_big':
      return [`${shown(value)} is more than ${String(issue.maximum)}`, ''];
    default:
      return [`${shown(value)} is not taken here`, ''];
  }
}

const typeNames: { readonly [type: string]: string } = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a map',
  record: 'a map',
};

function sayType(expected: string, value: unknown): [string, string] {
  const wanted = typeNames[expected] ?? expected;
  if (value === null) return ['is empty', `write ${wanted}, or leave the line out`];
  const numeric = typeof value === 'string' && /^-?[0-9]+(\.[0-9]+)?$/.test(value) && wanted.endsWith('number');
  if (numeric) return [`"${shown(value)}" is a text, not ${wanted}`, `write ${shown(value)} without quotes`];
  const scalar = typeof value !== 'object';
  if (expected === 'array' && scalar) return [`${shown(value)} is not a list`, `did you mean [${shown(value)}]?`];
  if (expected === 'string' && scalar)
    return [`${shown(value)} is ${kindOf(value)}, not a text`, `did you mean "${shown(value)}"?`];
  return [`${scalar ? shown(value) : `this is ${kindOf(value)},`} ${scalar ? 'is ' : ''}not ${wanted}`, ''];
}

function optionNames(issue: Issue): string[] {
  if (issue.code === 'invalid_value') return issue.values.map(String);
  const options = (issue as { options?: unknown }).options;
  return Array.isArray(options) ? options.map(String) : [];
}

function optionsOf(issue: Issue): string {
  const names = optionNames(issue);
  return names.length === 0 ? '' : `write ${oneOf(names)}`;
}

function valueAt(value: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    (inside, key) => (isRecord(inside) && Object.hasOwn(inside, key) ? inside[key] : undefined),
    value,
  );
}

/** The names of the fields that a schema knows at a path, for “did you mean”. */
function keysAt(schema: z.core.$ZodType, path: Path, value: unknown): string[] {
  const here = unwrapped(schema, value);
  const { def } = here._zod;
  const [head, ...rest] = path;
  if (def.type === 'object') {
    const { shape } = def as z.core.$ZodObjectDef;
    if (head === undefined) return Object.keys(shape);
    const next = shape[String(head)];
    return next === undefined ? [] : keysAt(next, rest, valueAt(value, [head]));
  }
  if (def.type === 'array' && head !== undefined)
    return keysAt((def as z.core.$ZodArrayDef).element, rest, valueAt(value, [head]));
  if (def.type === 'record' && head !== undefined)
    return keysAt((def as z.core.$ZodRecordDef).valueType, rest, valueAt(value, [head]));
  return [];
}

function unwrapped(schema: z.core.$ZodType, value: unknown): z.core.$ZodType {
  const def = schema._zod.def as Partial<{
    innerType: z.core.$ZodType;
    in: z.core.$ZodType;
    discriminator: string;
    options: z.core.$ZodType[];
  }>;
  const inner = def.innerType ?? def.in;
  if (inner !== undefined) return unwrapped(inner, value);
  if (def.options === undefined) return schema;
  // Of a union the alternative that the value names, or the first one that is a map.
  const alternatives = def.options.map((option) => unwrapped(option, value));
  const name = def.discriminator === undefined ? undefined : valueAt(value, [def.discriminator]);
  const chosen = alternatives.find(
    ({ _zod }) => _zod.def.type === 'object' && names(_zod.def, def.discriminator, name),
  );
  return chosen ?? alternatives.find(({ _zod }) => _zod.def.type === 'object') ?? schema;
}

function names(def: z.core.$ZodTypeDef, discriminator: string | undefined, name: unknown): boolean {
  const kind = discriminator === undefined ? undefined : (def as z.core.$ZodObjectDef).shape[discriminator];
  return kind?._zod.values?.has(name as never) ?? false;
}

function isRecord(value: unknown): value is { [key: PropertyKey]: unknown } {
  return typeof value === 'object' && value !== null;
}

/** Reading order: file, line, column. */
export function inOrder(faults: readonly Fault[]): Fault[] {
  return [...faults].sort((a, b) => compare(a.file, b.file) || a.line - b.line || a.column - b.column);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
