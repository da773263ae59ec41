import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Logged } from '../../../simulators/github/index.ts';

/** What of GitHub's own description is held against requests and answers: see extract.ts. */
export interface Schema {
  $ref?: string;
  type?: string;
  nullable?: boolean;
  enum?: unknown[];
  required?: string[];
  items?: Schema;
  properties?: { [name: string]: Schema };
  additionalProperties?: boolean | Schema;
  oneOf?: Schema[];
  anyOf?: Schema[];
  allOf?: Schema[];
}
interface Operation {
  query: string[];
  body?: Schema;
  answers: { [status: string]: Schema | true };
}
export const description = JSON.parse(readFileSync(join(import.meta.dirname, 'description.json'), 'utf8')) as {
  operations: { [route: string]: Operation };
  schemas: { [name: string]: Schema };
};

/** What one exchange says that the description does not have: the request's path, query and body, and the answer's JSON. */
export function faultsOf({ method, path, query, body, status, json }: Logged): string[] {
  // 5xx are nobody's promise, limits and credentials every operation's; GraphQL is not described here.
  if (status === 'none' || status >= 500 || [304, 401, 403, 429].includes(status) || path === 'graphql') return [];
  const what = `${method} ${path}`;
  const operation = operationOf(method, path);
  if (operation === undefined) return [`${what}: is not described`];
  const unknown = Object.keys(query).filter((name) => !operation.query.includes(name));
  return [
    ...unknown.map((name) => `${what}: no query ${name}`),
    ...(status >= 400 || body === undefined ? [] : bodyFaults(operation, body, what)),
    ...answerFaults(operation, status, json, what),
  ];
}

function bodyFaults({ body: form }: Operation, body: unknown, what: string): string[] {
  if (form === undefined) return Object.keys(body as object).length === 0 ? [] : [`${what}: takes no body`];
  return faults(form, body, { where: `${what} body`, asked: true });
}

function answerFaults({ answers }: Operation, status: number, json: unknown, what: string): string[] {
  const schema = answers[String(status)];
  // "Not found" and "cannot be processed" are described for some operations and given by all.
  if (schema === undefined) return [404, 410, 422].includes(status) ? [] : [`${what}: no answer ${status}`];
  if (schema === true || json === undefined || status >= 400) return [];
  return faults(schema, json, { where: `${what} ${status}`, asked: false });
}

function operationOf(method: string, path: string): Operation | undefined {
  const parts = path.replace(/\/$/, '').split('/');
  const candidates = Object.entries(description.operations).filter(([route]) => {
    const [verb, template = ''] = route.split(' ');
    const wanted = template.slice(1).split('/');
    if (verb !== method) return false;
    // A branch may hold slashes.
    if (template.endsWith('{branch}') ? parts.length < wanted.length : parts.length !== wanted.length) return false;
    return wanted.every((part, at) => (part.startsWith('{') ? parts[at] !== '' : part === parts[at]));
  });
  const fixed = (route: string) => route.split('/').filter((part) => !part.startsWith('{')).length;
  return candidates.sort(([a], [b]) => fixed(b) - fixed(a))[0]?.[1];
}

interface Place {
  where: string;
  /** A request: then what is required has to be there. An answer of the stand-in holds a part. */
  asked: boolean;
}

export function resolve(schema: Schema): Schema {
  return schema.$ref === undefined ? schema : resolve(description.schemas[schema.$ref] ?? {});
}

/** Names, types, values of lists, and whether something may be null. */
function faults(given: Schema, value: unknown, place: Place): string[] {
  const schema = resolve(given);
  const choices = schema.oneOf ?? schema.anyOf;
  if (choices !== undefined) {
    const all = choices.map((one) => faults(one, value, place));
    const bases = schema.properties === undefined ? [] : faults(bare(schema), value, place);
    return all.some((one) => one.length === 0) ? bases : (all[0] ?? []);
  }
  if (schema.allOf !== undefined) return faults(merged(schema.allOf), value, place);
  if (value === null)
    return schema.nullable === true || schema.type === undefined ? [] : [`${place.where}: is never null`];
  if (schema.type === 'array' || schema.items !== undefined) return listFaults(schema, value, place);
  if (schema.type === 'object' || schema.properties !== undefined) return objectFaults(schema, value, place);
  const type = schema.type === 'integer' ? 'number' : schema.type;
  const fits = type === undefined || typeof value === type;
  const listed = schema.enum === undefined || schema.enum.includes(value);
  return fits && listed ? [] : [`${place.where}: ${JSON.stringify(value)} is no ${schema.type ?? ''}`];
}

function bare({ properties, required }: Schema): Schema {
  return { type: 'object', ...(properties && { properties }), ...(required && { required }) };
}

export function merged(all: readonly Schema[]): Schema {
  const each = all.map(resolve);
  return {
    type: 'object',
    properties: Object.assign({}, ...each.map(({ properties }) => properties ?? {})) as { [name: string]: Schema },
    required: each.flatMap(({ required }) => required ?? []),
  };
}

function listFaults({ items }: Schema, value: unknown, { where, asked }: Place): string[] {
  if (!Array.isArray(value)) return [`${where}: no list`];
  // A null among entries is what the faults put there.
  const real = value.filter((one) => one !== null);
  return real.flatMap((one) => faults(items ?? {}, one, { where: `${where}[]`, asked }));
}

function objectFaults(schema: Schema, value: unknown, { where, asked }: Place): string[] {
  const { properties, required = [], additionalProperties: more } = schema;
  if (typeof value !== 'object' || Array.isArray(value)) return [`${where}: no object`];
  const missing = asked ? required.filter((name) => !(name in (value as object))) : [];
  if (properties === undefined) return missing.map((name) => `${where}: needs ${name}`);
  return [
    ...missing.map((name) => `${where}: needs ${name}`),
    ...Object.entries(value as { [name: string]: unknown }).flatMap(([name, one]) => {
      const property = properties[name];
      if (property === undefined && more === true) return [];
      if (property === undefined && typeof more === 'object')
        return faults(more, one, { where: `${where}.${name}`, asked });
      return property === undefined
        ? [`${where}: has no ${name}`]
        : faults(property, one, { where: `${where}.${name}`, asked });
    }),
  ];
}
