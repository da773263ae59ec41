import { readFileSync } from 'node:fs';
import { sharedSchema } from '../synth/examples.ts';

interface Attribute {
  type?: unknown;
  nested_type?: { nesting_mode: string; attributes: { [name: string]: Attribute } };
  required?: boolean;
  optional?: boolean;
}

export interface Block {
  attributes?: { [name: string]: Attribute };
  block_types?: { [name: string]: { max_items?: number; block: Block } };
}

/** The resources of bpg/proxmox 0.111.1 by type, as `terraform providers schema -json` says them. */
export function providerSchemas(): { [type: string]: { block: Block } } {
  return (JSON.parse(readFileSync(sharedSchema, 'utf8')) as { resource_schemas: { [type: string]: { block: Block } } }).resource_schemas;
}

/** Everything of a value that a block of the schema does not have, or has with another type, by path. */
export function unknownTo(schema: Block, value: object, path: string): string[] {
  return Object.entries(value).flatMap(([name, inner]: [string, unknown]) => {
    const here = `${path}.${name}`;
    const block = schema.block_types?.[name];
    const attribute = schema.attributes?.[name];
    if (block !== undefined) return [inner].flat().flatMap((one) => unknownTo(block.block, one as object, here));
    if (attribute === undefined) return [here];
    const { nested_type: nested } = attribute;
    if (nested?.nesting_mode === 'single') return unknownTo({ attributes: nested.attributes }, inner as object, here);
    return fits(attribute.type, inner) ? [] : [`${here}: ${JSON.stringify(inner)}`];
  });
}

function fits(type: unknown, value: unknown): boolean {
  // Null: the provider's own choice, in a list of objects where every attribute must be named.
  if (value === null) return true;
  if (typeof type === 'string') return typeof value === (type === 'bool' ? 'boolean' : type);
  const [kind, of] = type as [string, { [name: string]: unknown }];
  if (kind === 'list') return Array.isArray(value) && value.every((item) => fits(of, item));
  if (typeof value !== 'object') return false;
  if (kind === 'map') return Object.values(value).every((inner) => fits(of, inner));
  return kind === 'object' && Object.entries(value).every(([name, inner]) => name in of && fits(of[name], inner));
}

/** What the schema demands and the value has not. */
export function missingFrom(schema: Block, value: object): string[] {
  const required = Object.entries(schema.attributes ?? {}).filter(([, attribute]) => attribute.required === true);
  const here = required.map(([name]) => name).filter((name) => !(name in value));
  const inside = Object.entries(schema.block_types ?? {}).flatMap(([name, { block }]) => {
    const inner = (value as { [name: string]: unknown })[name];
    return inner === undefined ? [] : [inner].flat().flatMap((one) => missingFrom(block, one as object));
  });
  return [...here, ...inside];
}
