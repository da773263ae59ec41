import { describe, expect, it } from 'vitest';
import { reachOf } from '../../src/terraform/index.ts';

const container = 'proxmox_virtual_environment_container';
const stack = (resource: object, more: object = {}) => ({
  terraform: { backend: { local: { path: 'a' } } },
  resource,
  ...more,
});
const reached = (before: object, after: object) =>
  reachOf({ guests: before }, { guests: after }).map(({ addresses, removed, parts }) => ({
    addresses,
    removed,
    parts,
  }));

describe('what a difference of two syntheses can reach', () => {
  it('is nothing where only what cdktn notes beside a block differs', () => {
    const noted = (id: string) => stack({ terraform_data: { a: { '//': { id }, input: 1 } } }, { '//': { id } });
    expect(reached(noted('x'), noted('y'))).toEqual([]);
  });

  it('is what differs further in by a key of that name: Terraform evaluates it there', () => {
    const noted = (value: string) => stack({ terraform_data: { a: { input: { '//': value } } } });
    expect(reached(noted('x'), noted('y'))).toEqual([{ addresses: ['terraform_data.a'], removed: [], parts: [] }]);
  });

  it('is each address that differs, comes or goes, and no stack that does not differ', () => {
    const before = stack({ terraform_data: { a: { input: 1 }, b: { input: 1 }, c: {} } });
    const after = stack({ terraform_data: { a: { input: 2 }, b: { input: 1 } }, [container]: { web: {} } });
    expect(reachOf({ dns: before, guests: before }, { dns: before, guests: after })).toEqual([
      {
        stack: 'guests',
        addresses: [`${container}.web`, 'terraform_data.a', 'terraform_data.c'],
        removed: ['terraform_data.c'],
        parts: [],
      },
    ]);
  });

  it('is also what refers to one of them, directly or through others, and no mere namesake', () => {
    const of = (input: number) =>
      stack(
        {
          terraform_data: {
            a: { input },
            b: { input: '${terraform_data.a.output}' },
            c: { depends_on: ['data.terraform_data.x', 'terraform_data.b'] },
            ab: { input: '${terraform_data.ab2.output} my_terraform_data.a' },
          },
        },
        { data: { proxmox_virtual_environment_nodes: { all: { names: '${terraform_data.c.id}' } } } },
      );
    expect(reached(of(1), of(2))).toEqual([
      {
        addresses: [
          'data.proxmox_virtual_environment_nodes.all',
          'terraform_data.a',
          'terraform_data.b',
          'terraform_data.c',
        ],
        removed: [],
        parts: [],
      },
    ]);
  });

  it('follows a data source to whoever reads it', () => {
    const of = (id: number) =>
      stack(
        { terraform_data: { a: { input: '${data.x.y.id}' }, b: { input: '${x.y.id}' } } },
        { data: { x: { y: { id } } } },
      );
    expect(reached(of(1), of(2))).toMatchObject([{ addresses: ['data.x.y', 'terraform_data.a'] }]);
  });

  it.each(['terraform', 'provider', 'variable', 'output', 'locals', 'check'])(
    'is the whole stack where its %s differs, and what is gone too',
    (part) => {
      const before = stack({ terraform_data: { a: {}, b: {} } }, { [part]: { one: 1 } });
      const after = stack({ terraform_data: { b: {}, c: {} } }, { [part]: { one: 2 } });
      expect(reached(before, after)).toEqual([
        {
          addresses: ['terraform_data.a', 'terraform_data.b', 'terraform_data.c'],
          removed: ['terraform_data.a'],
          parts: [part],
        },
      ]);
    },
  );

  it('is what an import or a move names, where that differs', () => {
    const one = stack({ terraform_data: { a: {}, b: {} } }, { import: [{ to: 'terraform_data.a', id: '1' }] });
    const other = stack(
      { terraform_data: { a: {}, b: {} } },
      {
        import: [{ to: 'terraform_data.a', id: '2' }],
        moved: [{ from: 'terraform_data.x["k"]', to: 'terraform_data.b' }],
      },
    );
    expect(reached(one, other)).toMatchObject([
      { addresses: ['terraform_data.a', 'terraform_data.b', 'terraform_data.x'], removed: [], parts: [] },
    ]);
  });

  it('is all of a stack that comes or goes', () => {
    const whole = { guests: stack({ terraform_data: { a: {} } }) };
    expect(reachOf({}, whole)).toMatchObject([{ addresses: ['terraform_data.a'], removed: [], parts: ['terraform'] }]);
    expect(reachOf(whole, {})).toMatchObject([{ addresses: ['terraform_data.a'], removed: ['terraform_data.a'] }]);
  });

  it('names calls of modules by their own address', () => {
    const of = (source: string) =>
      stack({ terraform_data: { a: { input: '${module.m.out}' } } }, { module: { m: { source } } });
    expect(reached(of('./a'), of('./b'))).toMatchObject([{ addresses: ['module.m', 'terraform_data.a'] }]);
  });
});
