import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Schema } from './pve-schema.ts';
import { wants } from './needs.ts';
import { faultsOf } from './pve-schema.ts';

/** PVE's own description of its API, 9.1.3: every method with parameters, permission and return type. */
const file = resolve(import.meta.dirname, '../../../shared/data/pve-api-9.1.3.json');

export interface Method {
  method: string;
  path: string;
  permissions?: { user?: string; check?: unknown[] };
  parameters?: Schema;
  returns?: Schema;
}

export interface PveContract {
  /** Whether the description is there; without it nothing is ever a violation, and tests of the contract are to be skipped. */
  present: boolean;
  /** What is wrong with a request: unknown path, unknown or missing parameter, type, range, enumeration, pattern. */
  check: (method: string, path: string, parameters: Record<string, unknown>) => string[];
  /** What is wrong with an answer's `data`: keys that must be there, types, enumerations. */
  checkAnswer: (method: string, path: string, data: unknown) => string[];
  /** Keys of an answer that the description does not name. PVE sends some; a stand-in should know which and why. */
  undocumented: (method: string, path: string, data: unknown) => string[];
  /** The description of one method by its template, `/nodes/{node}/lxc/{vmid}/config`. */
  find: (method: string, template: string) => Method | undefined;
}

/**
 * The contract that every PVE request of every test is held against:
 * `startPve({ onRequest: ({ method, path, parameters }) => violations.push(...contract.check(method, path, parameters)) })`.
 * `path` is below /api2/json; parameters of query and body together, as text or JSON values.
 */
export function pveContract(): PveContract {
  const methods = wants('the API description of Proxmox VE in ../shared/data', existsSync(file))
    ? (JSON.parse(readFileSync(file, 'utf8')) as { methods: Method[] }).methods
    : [];
  if (methods.length === 0) {
    return { present: false, check: () => [], checkAnswer: () => [], undocumented: () => [], find: () => undefined };
  }
  const lookUp = (method: string, path: string): Match | undefined => bestMatch(methods, method, path);
  return {
    present: true,
    check: (method, path, parameters) => {
      const match = lookUp(method, path);
      return match ? requestFaults(match, parameters) : [`${method} ${path}: no such method`];
    },
    checkAnswer: (method, path, data) => {
      const returns = lookUp(method, path)?.method.returns;
      return returns ? faultsOf(returns, data, '').map((fault) => `${method} ${path} answers ${fault}`) : [];
    },
    undocumented: (method, path, data) => {
      const returns = lookUp(method, path)?.method.returns;
      return returns ? [...new Set(unknownKeys(returns, data))].toSorted() : [];
    },
    find: (method, template) => methods.find((one) => one.method === method && one.path === template),
  };
}

/** Where the description is expected, for the message of a skipped test. */
export const contractFile = file;

interface Match {
  method: Method;
  inPath: Record<string, string>;
}

function requestFaults({ method, inPath }: Match, given: Record<string, unknown>): string[] {
  const properties = method.parameters?.properties ?? {};
  const parameters: Record<string, unknown> = { ...given, ...inPath };
  const known = (name: string): Schema | undefined => properties[name] ?? properties[name.replace(/\d+$/, '[n]')];
  const faults = Object.entries(parameters).flatMap(([name, value]) => {
    const schema = known(name);
    if (!schema) return [`${name}: no such parameter`];
    const { requires } = schema;
    const lacks = requires !== undefined && parameters[requires] === undefined ? [`${name}: needs ${requires}`] : [];
    return [...faultsOf(schema, value, name), ...lacks];
  });
  const missing = Object.entries(properties)
    .filter(([name, schema]) => !schema.optional && !name.endsWith('[n]') && parameters[name] === undefined)
    .map(([name]) => `${name}: missing`);
  return [...faults, ...missing].map((fault) => `${method.method} ${method.path}: ${fault}`);
}

// Literal segments win over parameters: /cluster/nextid is no guest's name.
function bestMatch(methods: Method[], method: string, path: string): Match | undefined {
  const matches = methods
    .filter((one) => one.method === method)
    .map((one) => ({ method: one, inPath: segmentsOf(one.path, path) }))
    .filter((match): match is Match => match.inPath !== undefined);
  return matches.sort((a, b) => Object.keys(a.inPath).length - Object.keys(b.inPath).length)[0];
}

function segmentsOf(template: string, path: string): Record<string, string> | undefined {
  // A trailing or doubled slash means nothing to PVE.
  const [wanted = [], parts = []] = [template, path].map((text) => text.split('/').filter((part) => part !== ''));
  // A volume takes all that is left: it may hold a slash.
  const rest = wanted.at(-1) === '{volume}' ? [parts.slice(wanted.length - 1).join('/')] : undefined;
  const given = rest === undefined ? parts : [...parts.slice(0, wanted.length - 1), ...rest];
  if (wanted.length !== given.length) return undefined;
  const values: Record<string, string> = {};
  for (const [index, part] of wanted.entries()) {
    if (part.startsWith('{')) values[part.slice(1, -1)] = given[index] ?? '';
    else if (part !== given[index]) return undefined;
  }
  return values;
}

function unknownKeys(schema: Schema, value: unknown): string[] {
  if (Array.isArray(value)) return schema.items ? value.flatMap((item) => unknownKeys(schema.items ?? {}, item)) : [];
  const { properties } = schema;
  if (typeof value !== 'object' || value === null || !properties || Object.keys(properties).length === 0) return [];
  return Object.entries(value).flatMap(([key, inner]) => {
    const known = properties[key] ?? properties[key.replace(/\d+$/, '[n]')];
    return known ? unknownKeys(known, inner) : [key];
  });
}
