import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import * as shapes from '../../../src/forges/github/shapes.ts';
import { description, faultsOf, merged, resolve, type Schema } from './described.ts';

/** What each shape is read from: the name in GitHub's description. A list's entries where lists hold less. */
const read: { [shape: string]: string[] } = {
  pullShape: ['pull-request', 'pull-request-simple'],
  commentShape: ['issue-comment'],
  reviewShape: ['pull-request-review'],
  statusShape: ['status', 'simple-commit-status'],
  checkShape: ['check-run'],
  workflowRunShape: ['workflow-run'],
  issueShape: ['issue'],
  repositoryShape: ['full-repository'],
  branchShape: ['branch-with-protection'],
  permissionShape: ['repository-collaborator-permission'],
  membershipShape: ['team-membership'],
  teamShape: ['team-full'],
  userShape: ['simple-user', 'collaborator'],
  collaboratorShape: ['collaborator'],
  environmentShape: ['environment'],
  branchPolicyShape: ['deployment-branch-policy'],
};

interface Demand {
  type?: string | string[];
  properties?: { [name: string]: Demand };
  required?: string[];
  items?: Demand;
  anyOf?: Demand[];
}

function takesNull({ type, anyOf = [] }: Demand): boolean {
  return [type].flat().includes('null') || anyOf.some(takesNull);
}

/** What a shape demands that the description does not promise: a value that may be missing, or null. */
function broken(demand: Demand, given: Schema | undefined, where: string): string[] {
  const found = given === undefined ? undefined : resolve(given);
  const schema = found?.allOf === undefined ? found : merged(found.allOf);
  if (schema === undefined) return [`${where}: is not described`];
  const nullable = takesNull(demand);
  const here = schema.nullable === true && !nullable ? [`${where}: may be null`] : [];
  const inner = demand.anyOf?.find(({ type }) => type !== 'null') ?? demand;
  if (inner.items !== undefined && schema.items !== undefined && schema.items.oneOf === undefined)
    return [...here, ...broken(inner.items, schema.items, `${where}[]`)];
  if (inner.properties === undefined || schema.properties === undefined) return here;
  const missing = (inner.required ?? []).filter((name) => schema.required?.includes(name) !== true);
  return [
    ...here,
    ...missing.map((name) => `${where}.${name}: may be missing`),
    ...Object.entries(inner.properties).flatMap(([name, one]) =>
      schema.properties?.[name] === undefined && inner.required?.includes(name) !== true
        ? []
        : broken(one, schema.properties?.[name], `${where}.${name}`),
    ),
  ];
}

describe('what is read of GitHub', () => {
  test.each(Object.entries(read))('%s demands nothing that GitHub does not promise', (name, described) => {
    const shape = (shapes as unknown as { [name: string]: z.ZodType })[name];
    if (shape === undefined) throw new Error(`there is no ${name}`);
    const demand = z.toJSONSchema(shape, { io: 'input', unrepresentable: 'any' }) as Demand;
    expect(Object.keys(demand.properties ?? {})).not.toEqual([]);
    for (const one of described) expect(broken(demand, description.schemas[one], one)).toEqual([]);
  });

  test('every shape with its own type is held', () => {
    const plain = ['listOf', 'ruleShape'];
    expect(Object.keys(shapes).filter((name) => !(name in read) && !plain.includes(name))).toEqual([]);
  });
});

test('what is held against GitHub’s description is noticed', () => {
  const exchange = { method: 'GET', path: 'repos/a/b/pulls', query: {}, body: undefined, status: 200 };
  const list = [{ number: 1, title: 'x' }];
  expect(faultsOf({ ...exchange, json: list })).toEqual([]);
  expect(faultsOf({ ...exchange, path: 'repos/a/b/nothing', json: list })).toHaveLength(1);
  expect(faultsOf({ ...exchange, query: { stat: 'open' }, json: list })).toHaveLength(1);
  expect(faultsOf({ ...exchange, json: [{ number: '1', nope: 1, title: null }] })).toHaveLength(3);
  const merge = { ...exchange, method: 'PUT', path: 'repos/a/b/pulls/1/merge', json: undefined };
  expect(faultsOf({ ...merge, body: { merge_method: 'nothing', x: 1 } })).toHaveLength(2);
  const open = { ...exchange, method: 'POST', path: 'repos/a/b/pulls', status: 201, json: undefined };
  expect(faultsOf({ ...open, body: { title: 'x', head: 'y' } })).toEqual(['POST repos/a/b/pulls body: needs base']);
});
