import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Logged } from '../../../simulators/gitea/index.ts';

/** Gitea's own description of its API (Swagger 2.0), where this machine has it. */
const file = join(import.meta.dirname, '../../../../shared/data/gitea-1.25.1-api.json');
export const described = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Description) : undefined;

interface Schema {
  $ref?: string;
  type?: string;
  items?: Schema;
  enum?: unknown[];
  properties?: { [name: string]: Schema };
  /** Of every name that is not among the properties. */
  additionalProperties?: Schema;
}
interface Operation {
  parameters?: { in: string; name: string; schema?: Schema }[];
  responses: { [status: string]: { $ref?: string; schema?: Schema } };
}
interface Description {
  paths: { [path: string]: { [method: string]: Operation } };
  definitions: { [name: string]: Schema };
  responses: { [name: string]: { schema?: Schema } };
}

/** What one exchange says that the description does not have: the request's path, query and body, and the answer's JSON. */
export function faultsOf({ method, path, query, body, status, json }: Logged): string[] {
  // A real one says so of the teams of a person's repository, and describes it nowhere.
  if (status === 405 && method === 'GET' && path.endsWith('/teams')) return [];
  // 5xx are nobody's promise; a stand-in's own faults are told as such.
  if (described === undefined || status === 'none' || status >= 500 || status === 401 || status === 429) return [];
  const operation = operationOf(method, path);
  const what = `${method} ${path}`;
  if (operation === undefined) return [`${what}: is not described`];
  const known = (where: string) => (operation.parameters ?? []).filter((one) => one.in === where);
  const names = known('query').map(({ name }) => name);
  const form = known('body')[0]?.schema;
  return [
    ...Object.keys(query)
      .filter((name) => !names.includes(name))
      .map((name) => `${what}: no query ${name}`),
    ...(form === undefined ? [] : mismatches(form, body, `${what} body`)),
    ...answerFaults(operation, status, json, what),
  ];
}

function answerFaults(operation: Operation, status: number, json: unknown, what: string): string[] {
  const response = operation.responses[String(status)];
  if (response === undefined) return [`${what}: no answer ${status}`];
  const name = response.$ref?.replace('#/responses/', '');
  const schema = name === undefined ? response.schema : described?.responses[name]?.schema;
  return schema === undefined || json === undefined || status >= 400
    ? []
    : mismatches(schema, json, `${what} ${status}`);
}

function operationOf(method: string, path: string): Operation | undefined {
  const parts = path.replace(/\/$/, '').split('/');
  const candidates = Object.entries(described?.paths ?? {}).filter(([template, operations]) => {
    const wanted = template.slice(1).split('/');
    const last = wanted.at(-1) ?? '';
    // The last parameter may hold slashes: a branch, a ref, two names to compare.
    const open = /^\{(ref|branch|basehead|head)\}$/.test(last);
    if (operations[method.toLowerCase()] === undefined) return false;
    if (open ? parts.length < wanted.length : parts.length !== wanted.length) return false;
    return wanted.every((part, at) => (part.startsWith('{') ? parts[at] !== '' : part === parts[at]));
  });
  const fixed = (template: string) => template.split('/').filter((part) => !part.startsWith('{')).length;
  const [best] = candidates.sort(([a], [b]) => fixed(b) - fixed(a));
  return best?.[1][method.toLowerCase()];
}

/** Types and names; null is allowed everywhere, as Go's JSON has it. */
function mismatches(schema: Schema, value: unknown, where: string): string[] {
  const real = schema.$ref === undefined ? schema : described?.definitions[schema.$ref.replace('#/definitions/', '')];
  if (real === undefined) return [`${where}: ${schema.$ref ?? ''} is not defined`];
  if (value === null || value === undefined) return [];
  // One reference or a list of them: the description has only the list.
  if (real.type === 'array' && !Array.isArray(value) && where.includes('/git/refs/'))
    return mismatches(real.items ?? {}, value, where);
  if (real.type === 'array')
    return Array.isArray(value)
      ? value.flatMap((one) => mismatches(real.items ?? {}, one, `${where}[]`))
      : [`${where}: no list`];
  if (real.type === 'object' || real.properties !== undefined) return objectFaults(real, value, where);
  const type = real.type === 'integer' ? 'number' : real.type;
  const fits = type === undefined || typeof value === type;
  const listed = real.enum === undefined || real.enum.includes(value);
  return fits && listed ? [] : [`${where}: ${JSON.stringify(value)} is no ${real.type ?? ''}`];
}

function objectFaults({ properties, additionalProperties }: Schema, value: unknown, where: string): string[] {
  if (typeof value !== 'object' || Array.isArray(value)) return [`${where}: no object`];
  return Object.entries(value as { [name: string]: unknown }).flatMap(([name, one]) => {
    const property = properties?.[name] ?? additionalProperties;
    return property === undefined ? [`${where}: has no ${name}`] : mismatches(property, one, `${where}.${name}`);
  });
}
