import type { Tree } from '../../core/change-set.ts';
import type { DeclaredGuest } from '../../core/declared-guest.ts';
import { GitmendError } from '../../core/errors.ts';
import type { Fault, Read } from '../../core/fault.ts';
import { readYaml } from '../../config/read-yaml.ts';
import { shown } from '../../config/words.ts';
import { openYaml, type YamlSource } from '../../config/yaml-source.ts';
import { guestSchema } from './schema.ts';

/** A guest's file with what it says it is, readable or not. */
export interface Placed {
  file: string;
  text: string;
  read: Read<DeclaredGuest>;
  identity: Identity;
}

/** Each part with its line, as far as the file can be read. */
export interface Identity {
  cluster: string;
  vmid?: { shown: string; line: number };
  name?: { shown: string; line: number };
}

/** What the last tree's files said, by path: of two trees most files are the same, and reading YAML is what takes the time. */
let last = new Map<string, Placed>();

/** These files of a tree, in this order. */
export function placedIn(tree: Tree, files: readonly string[]): Placed[] {
  const placed = files.map((file) => {
    const text = tree.get(file) ?? '';
    const known = last.get(file);
    return known?.text === text ? known : readPlaced(text, file);
  });
  last = new Map(placed.map((one) => [one.file, one]));
  return placed;
}

/** One file: its text → what it declares, or its faults. */
export function readPlaced(text: string, file: string): Placed {
  let identity: Identity = { cluster: '' };
  const read = readYaml(text, file, guestSchema, (source) => {
    identity = identityOf(source);
    return [...swapFaults(source), ...nameFaults(source, file)];
  });
  return { file, text, identity, read: read.ok ? { ...read, value: { file, ...read.value } } : read };
}

/** The file's text once more, for faults that say where: rare, and so it is not kept. One that has an identity can be read. */
export function sourceOf({ text, file }: Placed): YamlSource {
  const { source } = openYaml(text, file);
  if (source === undefined) throw new GitmendError('INTERNAL', `${file} was read before, and cannot be now`);
  return source;
}

function identityOf(source: YamlSource): Identity {
  const { cluster, vmid, name } = source.value as { [key: string]: unknown };
  return {
    cluster: typeof cluster === 'string' ? cluster : '',
    ...(typeof vmid === 'number' ? { vmid: { shown: String(vmid), line: source.line(['vmid']) } } : {}),
    ...(typeof name === 'string' ? { name: { shown: name, line: source.line(['name']) } } : {}),
  };
}

function swapFaults(source: YamlSource): Fault[] {
  const { type, swap } = source.value as { type?: unknown; swap?: unknown };
  if (type === 'lxc' && swap === undefined)
    return [source.fault(['swap'], 'is missing', 'a container has one: write 512, or 0 for none')];
  if (type !== 'qemu' || swap === undefined) return [];
  return [source.faultOfKey(['swap'], 'is not a field of a virtual machine', 'remove it: its swap is inside')];
}

/** A file is found by its guest's name. */
function nameFaults(source: YamlSource, file: string): Fault[] {
  const stem = file.replace(/^.*\//, '').replace(/\.yaml$/, '');
  const name = identityOf(source).name?.shown;
  if (name === undefined || name === stem) return [];
  return [
    source.fault(
      ['name'],
      `${shown(name)} stands in ${shown(file)}`,
      `name the file guests/${shown(name)}.yaml`,
      'warning',
    ),
  ];
}
