import { parse, type Scalar } from 'yaml';
import type { Json } from '../core/json.ts';

/** How a scalar may be written in the place of another, the form most like the old one first. */
export function scalarForms(old: Scalar, value: Json): string[] {
  if (typeof value !== 'string') return [JSON.stringify(value)];
  const double = JSON.stringify(value);
  if (old.type === 'QUOTE_DOUBLE') return [double];
  if (old.type === 'QUOTE_SINGLE') return [`'${value.replaceAll("'", "''")}'`, double];
  return old.type === 'PLAIN' ? [value, double] : [double];
}

/** A value on one line: `[a, b]`, `{ size: 32 }`, `text`, `"a: text"`. */
export function flow(value: Json): string {
  if (isList(value)) return `[${value.map(flow).join(', ')}]`;
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value).map(([key, inner]) => `${flow(key)}: ${flow(inner)}`);
    return entries.length === 0 ? '{}' : `{ ${entries.join(', ')} }`;
  }
  return typeof value === 'string' && isPlain(value) ? value : JSON.stringify(value);
}

function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}

/** Only words that no reader takes for anything but a text stand without quotes. */
function isPlain(text: string): boolean {
  return /^[A-Za-z_][A-Za-z0-9_./-]*$/.test(text) && !/^(y|n|yes|no|on|off)$/i.test(text) && parse(text) === text;
}
