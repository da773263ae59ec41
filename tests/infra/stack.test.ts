import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { synthesize } from '../../src/synth/index.ts';
import { hasSharedSchema, input, sharedSchema } from '../synth/examples.ts';

interface Block {
  attributes?: { [name: string]: { type: unknown; required?: boolean } };
  block_types?: { [name: string]: { max_items?: number; block: Block } };
}
interface Stack {
  resource: { [type: string]: { [name: string]: { [attribute: string]: unknown } & { lifecycle: { ignore_changes: string[]; prevent_destroy: boolean } } } };
  import: { to: string; id: string }[];
  provider: unknown;
  terraform: { backend: unknown; required_providers: unknown };
}

/** Everything of a value that a block of the schema does not have, by path. */
function unknownTo(schema: Block, value: object, path: string): string[] {
  return Object.entries(value).flatMap(([name, inner]: [string, unknown]) => {
    const here = `${path}.${name}`;
    const block = schema.block_types?.[name];
    const attribute = schema.attributes?.[name];
    if (block !== undefined) return [inner].flat().flatMap((one) => unknownTo(block.block, one as object, here));
    if (attribute === undefined) return [here];
    return fits(attribute.type, inner) ? [] : [`${here}: ${JSON.stringify(inner)}`];
  });
}

function fits(type: unknown, value: unknown): boolean {
  // Null: the provider's own choice, in a list of objects where every attribute must be named.
  if (value === null) return true;
  if (typeof type === 'string') return typeof value === (type === 'bool' ? 'boolean' : type);
  const [kind, of] = type as [string, { [name: string]: unknown }];
  if (kind === 'list') return Array.isArray(value) && value.every((item) => fits(of, item));
  if (kind !== 'object' || typeof value !== 'object') return false;
  return Object.entries(value).every(([name, inner]) => name in of && fits(of[name], inner));
}

function missingFrom(schema: Block, value: object): string[] {
  const required = Object.entries(schema.attributes ?? {}).filter(([, attribute]) => attribute.required === true);
  const here = required.map(([name]) => name).filter((name) => !(name in value));
  const inside = Object.entries(schema.block_types ?? {}).flatMap(([name, { block }]) => {
    const inner = (value as { [name: string]: unknown })[name];
    return inner === undefined ? [] : [inner].flat().flatMap((one) => missingFrom(block, one as object));
  });
  return [...here, ...inside];
}

let stack: Stack;
beforeAll(async () => {
  const result = await synthesize(input());
  if (!result.ok) throw new Error(result.message);
  stack = result.stacks['guests'] as Stack;
});

const resources = () =>
  Object.entries(stack.resource).flatMap(([type, named]) =>
    Object.entries(named).map(([name, { lifecycle, ...rest }]) => {
      const attributes = Object.fromEntries(Object.entries(rest).filter(([key]) => key !== '//'));
      return { type, name, lifecycle, attributes };
    }),
  );

describe.skipIf(!hasSharedSchema)('the synthesized stack against the schema of bpg/proxmox 0.111.1 (skipped without ../shared/data)', () => {
  const schemas = () => (JSON.parse(readFileSync(sharedSchema, 'utf8')) as { resource_schemas: { [type: string]: { block: Block } } }).resource_schemas;

  it('uses only attributes that it has, with the types that it wants, and all that it demands', () => {
    const all = schemas();
    expect(resources()).toHaveLength(5);
    for (const { type, name, attributes } of resources()) {
      const schema = all[type]!.block;
      expect(unknownTo(schema, attributes, name)).toEqual([]);
      expect(missingFrom(schema, attributes)).toEqual([]);
    }
  });

  it('ignores everything that is neither declared nor only a wish of the provider, so that an import changes nothing', () => {
    const all = schemas();
    // What the provider never reads from Proxmox VE: an import leaves it unset, and the default changes nothing.
    const wishes = /^(clone|id|delete_unreferenced_disks_on_destroy|migrate|mac_addresses|node_name|purge_on_destroy|reboot|reboot_after_update|stop_on_destroy|template|timeout_.*|wait_for_ip|name)$/;
    for (const { type, name, lifecycle, attributes } of resources()) {
      const block = all[type]!.block;
      const ignored = new Set(lifecycle.ignore_changes);
      const inside = Object.keys(block.block_types ?? {}).filter((one) => one in attributes && !ignored.has(one));
      const open = [
        ...Object.entries(block.attributes ?? {}).filter(([, one]) => (one as { optional?: boolean }).optional === true).map(([one]) => one),
        ...Object.keys(block.block_types ?? {}).filter((one) => !inside.includes(one)),
        ...inside.flatMap((one) => Object.keys(block.block_types![one]!.block.attributes ?? {}).map((inner) => `${one}[0].${inner}`)),
      ].filter((path) => !ignored.has(path) && !wishes.test(path));
      const declared = ['cpu[0].cores', 'disk[0].size', 'memory[0].dedicated'];
      // Of a disk: what only making one needs, and what is its place.
      const machine = ['disk[0].file_format', 'disk[0].file_id', 'disk[0].import_from', 'disk[0].interface', 'disk[0].path_in_datastore'];
      const container = ['disk[0].path_in_datastore', 'memory[0].swap'];
      expect(open.sort(), name).toEqual([...declared, ...(type.endsWith('_vm') ? machine : container)].sort());
    }
  });

  it('ignores changes only of attributes that it has', () => {
    const all = schemas();
    for (const { type, lifecycle } of resources()) {
      const { attributes = {}, block_types: blocks = {} } = all[type]!.block;
      for (const path of lifecycle.ignore_changes) {
        const [, name = '', inner] = /^(\w+)(?:\[0\]\.(\w+))?$/.exec(path) ?? [];
        // The schema is kept here without its prose, and the attribute of that name went with it.
        expect(name === 'description' || name in attributes || name in blocks, path).toBe(true);
        if (inner !== undefined) expect({ ...blocks[name]?.block.attributes, ...blocks[name]?.block.block_types }).toHaveProperty(inner);
      }
    }
  });
});

describe('the synthesized stack', () => {
  it('never destroys a guest, and imports each where it is', () => {
    for (const { type, name, lifecycle, attributes } of resources()) {
      expect(lifecycle.prevent_destroy).toBe(true);
      expect(stack.import).toContainEqual({ to: `${type}.${name}`, id: `${attributes['node_name'] as string}/${attributes['vm_id'] as number}` });
    }
    expect(stack.import).toHaveLength(5);
  });

  it('does not ignore what gitmend changes', () => {
    for (const { lifecycle } of resources()) {
      expect(lifecycle.ignore_changes.filter((path) => /^(cpu(\[0\]\.cores)?|memory(\[0\]\.(dedicated|swap))?|disk(\[0\]\.size)?)$/.test(path))).toEqual([]);
    }
  });

  it('holds no endpoint and no credential', () => {
    expect(stack.provider).toEqual({ proxmox: [{}] });
  });

  it('pins its provider and keeps its state outside of what is thrown away', () => {
    expect(stack.terraform).toEqual({
      backend: { local: { path: '../../../guests.tfstate' } },
      required_providers: { proxmox: { source: 'bpg/proxmox', version: '0.111.1' } },
    });
  });

  it('is the same, byte for byte, when it is synthesized again', async () => {
    const again = await synthesize(input());
    expect(JSON.stringify(again.ok && again.stacks['guests'])).toBe(JSON.stringify(stack));
  });
});
