import { beforeAll, describe, expect, it } from 'vitest';
import { synthesize } from '../../src/synth/index.ts';
import { hasSharedSchema, input } from '../synth/examples.ts';
import { missingFrom, providerSchemas, unknownTo } from './schema.ts';

interface Stack {
  resource: { [type: string]: { [name: string]: { [attribute: string]: unknown } & { lifecycle: { ignore_changes: string[]; prevent_destroy: boolean } } } };
  import: { to: string; id: string }[];
  provider: unknown;
  terraform: { backend: unknown; required_providers: unknown };
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
  it('uses only attributes that it has, with the types that it wants, and all that it demands', () => {
    const all = providerSchemas();
    expect(resources()).toHaveLength(5);
    for (const { type, name, attributes } of resources()) {
      const schema = all[type]!.block;
      expect(unknownTo(schema, attributes, name)).toEqual([]);
      expect(missingFrom(schema, attributes)).toEqual([]);
    }
  });

  it('ignores everything that is neither declared nor only a wish of the provider, so that an import changes nothing', () => {
    const all = providerSchemas();
    // What the provider never reads from Proxmox VE: an import leaves it unset, and the default changes nothing.
    const wishes = /^(clone|id|delete_unreferenced_disks_on_destroy|migrate|mac_addresses|node_name|purge_on_destroy|reboot|reboot_after_update|stop_on_destroy|template|timeout_.*|wait_for_ip|name)$/;
    for (const { type, name, lifecycle, attributes } of resources()) {
      const block = all[type]!.block;
      const ignored = new Set(lifecycle.ignore_changes);
      const inside = Object.keys(block.block_types ?? {}).filter((one) => one in attributes && !ignored.has(one));
      const open = [
        ...Object.entries(block.attributes ?? {}).filter(([, one]) => one.optional === true).map(([one]) => one),
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
    const all = providerSchemas();
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
