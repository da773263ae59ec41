import { describe, expect, it } from 'vitest';
import type { Permission } from '../../../simulators/pve/lab.ts';
import type { Parameter } from '../../../simulators/pve/parameters.ts';
import { routes } from '../../../simulators/pve/router.ts';
import { ask } from '../../support/pve-client.ts';
import type { Method } from '../../support/pve-contract.ts';
import { contractFile, pveContract } from '../../support/pve-contract.ts';
import { pveLab } from '../../support/pve-lab.ts';
import type { Schema } from '../../support/pve-schema.ts';

// The description of PVE's API is test data that lies beside a checkout, not in it.
const contract = pveContract();
const name = contractFile.split('/').at(-1) ?? '';
const titled = routes.map((route) => ({ route, title: `${route.method} ${route.path}` }));

function described(method: string, path: string): Method {
  const found = contract.find(method, path);
  if (!found) throw new Error(`${method} ${path} is not described`);
  return found;
}

const schemasOf = (method: string, path: string): Record<string, Schema> =>
  described(method, path).parameters?.properties ?? {};

describe.skipIf(!contract.present)(`a method of the simulator beside PVE’s own description, ${name}`, () => {
  it.each(titled)('$title exists', ({ route }) => {
    expect(contract.find(route.method, route.path)).toBeDefined();
  });

  it.each(titled)('$title takes no parameter that PVE does not, within the same bounds', ({ route }) => {
    const schemas = schemasOf(route.method, route.path);
    const own = Object.entries(route.parameters);
    expect(own.flatMap(([parameter, rule]) => differences(parameter, rule, schemas[parameter]))).toEqual([]);
  });

  it.each(titled)('$title demands every parameter that PVE demands', ({ route }) => {
    const inPath = (key: string): boolean => route.path.includes(`{${key}}`);
    const schemas = Object.entries(schemasOf(route.method, route.path));
    const theirs = schemas.filter(([key, { optional }]) => !optional && !key.endsWith('[n]') && !inPath(key));
    const ours = Object.entries(route.parameters).filter(([key, { optional }]) => optional !== true && !inPath(key));
    expect(ours.map(([key]) => key).toSorted()).toEqual(theirs.map(([key]) => key).toSorted());
  });

  it.each(titled)('$title asks for the privileges that PVE asks for', ({ route }) => {
    expect(described(route.method, route.path).permissions).toMatchObject(asDescribed(route.permission));
  });
});

describe.skipIf(!contract.present)('an answer of the simulator', () => {
  // What PVE sends without naming it in its description; each is read from its sources (simulators/pve/status.ts).
  it.each([
    ['/nodes/pve1/lxc/200/status/current', ['pid', 'pressurecpufull', 'swap', 'type']],
    ['/nodes/pve1/qemu/203/status/current', ['balloon', 'disk', 'freemem']],
    ['/cluster/resources', []],
    ['/cluster/status', []],
    ['/nodes/pve1/lxc/200/config', []],
    ['/nodes/pve1/qemu/203/config', []],
    ['/nodes/pve1/lxc/200/interfaces', []],
    ['/nodes/pve1/lxc/200/pending', []],
    ['/nodes/pve1/storage', []],
    ['/version', []],
  ])('to GET %s adds only what is known to be undocumented', async (path, keys) => {
    const pve = await pveLab();
    const { json } = await ask(pve, 'GET', path);
    expect(contract.undocumented('GET', path, json.data)).toEqual(keys);
  });
});

function differences(parameter: string, own: Parameter, schema: Schema | undefined): string[] {
  if (!schema) return [`${parameter} is not described`];
  const maximum = own.maximum === Number.MAX_SAFE_INTEGER ? undefined : own.maximum;
  const pairs = {
    type: [own.type, schema.type],
    minimum: [own.minimum, Number(schema.minimum)],
    maximum: [maximum, Number(schema.maximum)],
    maxLength: [own.maxLength, schema.maxLength],
    enum: [own.enum?.toSorted().join(), schema.enum?.toSorted().join()],
  };
  return Object.entries(pairs)
    .filter(([, [ours, theirs]]) => ours !== undefined && ours !== theirs)
    .map(([key, [ours, theirs]]) => `${parameter}: ${key} is ${String(ours)}, PVE's ${String(theirs)}`);
}

function asDescribed(permission: Permission): object {
  return permission === 'all' ? { user: 'all' } : { check: checkOf(permission) };
}

function checkOf(permission: Exclude<Permission, 'all'>): unknown[] {
  if ('path' in permission) {
    const { path, privileges, any, requires } = permission;
    const only = requires === undefined ? [] : ['require_param', requires];
    return ['perm', path, privileges, ...(any === true ? ['any', 1] : []), ...only];
  }
  const [word, of] = 'and' in permission ? ['and', permission.and] : ['or', permission.or];
  return [word, ...of.map((one) => (one === 'all' ? [] : checkOf(one)))];
}
