/** A node of PVE's JSON schema, as its API description holds it; numbers may be written as strings there. */
export interface Schema {
  type?: string;
  optional?: number;
  properties?: Record<string, Schema>;
  additionalProperties?: number | Schema;
  items?: Schema;
  enum?: string[];
  pattern?: string;
  format?: string | Record<string, Schema>;
  minimum?: number | string;
  maximum?: number | string;
  minLength?: number;
  maxLength?: number;
  requires?: string;
  default_key?: number;
  alias?: string;
  keyAlias?: string;
}

/**
 * What is wrong with a value, as `where: what`. Types are Perl's: a number may be a numeric text, a boolean is 0 or 1, a text may
 * be a number (pve-common `PVE::JSONSchema::check_type`).
 */
export function faultsOf(schema: Schema, value: unknown, where: string): string[] {
  if (schema.type === 'null') return value === null ? [] : [`${where}: not null`];
  if (schema.type === 'array') return arrayFaults(schema, value, where);
  if (schema.type === 'object' || (schema.type === undefined && schema.properties))
    return objectFaults(schema, value, where);
  if (schema.type === undefined) return [];
  return scalarFaults(schema, value, where);
}

function arrayFaults({ items }: Schema, value: unknown, where: string): string[] {
  if (!Array.isArray(value)) return [`${where}: not an array`];
  return items ? value.flatMap((item, index) => faultsOf(items, item, `${where}[${index}]`)) : [];
}

function objectFaults({ properties = {} }: Schema, value: unknown, where: string): string[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return [`${where}: not an object`];
  const entries = new Map(Object.entries(value));
  return Object.entries(properties).flatMap(([key, schema]) => {
    const at = where === '' ? key : `${where}.${key}`;
    if (key.endsWith('[n]')) return numbered(entries, key).flatMap(([name, one]) => faultsOf(schema, one, name));
    if (!entries.has(key)) return schema.optional ? [] : [`${at}: missing`];
    return faultsOf(schema, entries.get(key), at);
  });
}

const numbered = (entries: Map<string, unknown>, key: string): [string, unknown][] =>
  [...entries].filter(([name]) => name.replace(/\d+$/, '[n]') === key);

function scalarFaults(schema: Schema, value: unknown, where: string): string[] {
  if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean') {
    return [`${where}: ${typeof value} where ${schema.type ?? 'a scalar'} is due`];
  }
  const text = typeof value === 'boolean' ? String(Number(value)) : String(value);
  const shape = shapes[schema.type ?? ''];
  if (shape && !shape.test(text)) return [`${where}: ${text} is no ${schema.type ?? ''}`];
  return [...rangeFaults(schema, text), ...textFaults(schema, text)].map((fault) => `${where}: ${fault}`);
}

const shapes: Record<string, RegExp> = {
  integer: /^[+-]?\d+$/,
  number: /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/,
  boolean: /^[01]$/,
};

function rangeFaults({ minimum, maximum }: Schema, text: string): string[] {
  const faults: string[] = [];
  if (minimum !== undefined && Number(text) < Number(minimum)) faults.push(`${text} is below ${minimum}`);
  if (maximum !== undefined && Number(text) > Number(maximum)) faults.push(`${text} is above ${maximum}`);
  return faults;
}

function textFaults(schema: Schema, text: string): string[] {
  const faults: string[] = [];
  if (schema.enum && !schema.enum.includes(text)) faults.push(`${text} is none of ${schema.enum.join(', ')}`);
  if (schema.maxLength !== undefined && text.length > schema.maxLength) faults.push(`longer than ${schema.maxLength}`);
  if (schema.minLength !== undefined && text.length < schema.minLength) faults.push(`shorter than ${schema.minLength}`);
  if (schema.pattern !== undefined && !perl(schema.pattern).test(text))
    faults.push(`${text} does not match ${schema.pattern}`);
  return [...faults, ...formatFaults(schema, text)];
}

/** A Perl pattern as JavaScript's; PVE anchors patterns itself. */
function perl(pattern: string): RegExp {
  return new RegExp(`^(?:${pattern.replace(/\(\?\^\w*:/g, '(?:')})$`);
}

// pve-common `PVE::JSONSchema`: register_format
const formats: Record<string, RegExp> = {
  'pve-node': /^[a-zA-Z0-9]([a-zA-Z0-9-]*[a-zA-Z0-9])?$/,
  'pve-configid': /^[a-z][a-z0-9_-]+$/i,
  'pve-configid-list': /^[a-z][a-z0-9_-]+([,;\s]+[a-z][a-z0-9_-]+)*$/i,
  'pve-storage-id': /^[a-z][a-z0-9_.-]*[a-z0-9]$/i,
  'pve-tag-list': /^[a-z0-9_][a-z0-9_+.-]*([,;\s]+[a-z0-9_][a-z0-9_+.-]*)*$/i,
  'pve-vmid-list': /^\d+([,;\s]+\d+)*$/,
  'dns-name': /^[a-zA-Z0-9]([a-zA-Z0-9.-]*[a-zA-Z0-9])?$/,
};

function formatFaults({ format }: Schema, text: string): string[] {
  if (format === undefined) return [];
  if (typeof format === 'object') return propertyFaults(format, text);
  return formats[format]?.test(text) === false ? [`${text} is no ${format}`] : [];
}

/** A property string, `name=eth0,bridge=vmbr0`: each key must be known and its value right. */
function propertyFaults(format: Record<string, Schema>, text: string): string[] {
  const first = Object.keys(format).find((key) => format[key]?.default_key);
  const given = text.split(',').map((part): [string, string] => {
    const at = part.indexOf('=');
    return at < 0 ? [first ?? '', part] : [part.slice(0, at), part.slice(at + 1)];
  });
  const faults = given.flatMap(([key, value]) => {
    const schema = format[format[key]?.alias ?? key];
    // A card's model stands in the place of a key: `virtio=BC:24:…` (keyAlias).
    if (!schema) return [`${key} is no part of it`];
    return faultsOf(schema.type === undefined ? { ...schema, type: 'string' } : schema, value, key);
  });
  const named = new Set(given.map(([key]) => key));
  const missing = Object.entries(format).filter(
    ([key, schema]) => !schema.optional && !schema.alias && !named.has(key),
  );
  // `model` may have come under the card's own name.
  return [...faults, ...missing.filter(([key]) => key !== 'model').map(([key]) => `${key} is missing`)];
}
