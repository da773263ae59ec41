import type { Tree } from '../../core/change-set.ts';
import type { Config } from '../../core/config.ts';
import type { DeclaredGuest } from '../../core/declared-guest.ts';
import type { Fault, Read } from '../../core/fault.ts';
import { inOrder, readYaml } from '../../config/read-yaml.ts';
import { didYouMean, oneOf, shown } from '../../config/words.ts';
import type { YamlSource } from '../../config/yaml-source.ts';
import { guestSchema } from './schema.ts';

/** Which files declare guests. */
export const guestFiles = /^guests\/[^/]+\.yaml$/;

/** guests/<name>.yaml: its text → the trusted declaration, or every fault at once. */
export function readGuest(text: string, file: string): Read<DeclaredGuest> {
  return readPlaced(text, file).read;
}

/** What a tree declares. `guests` are those without a fault, so that one broken file hides no fault of another. */
export interface ReadGuests {
  guests: DeclaredGuest[];
  faults: Fault[];
  warnings: Fault[];
}

/**
 * Every guest of a tree, in the order of the files, with every fault of every file: also what only all of them
 * together can tell (a vmid or a name twice, a cluster that the configuration does not name). Without a configuration
 * clusters are not judged.
 */
export function readGuests(tree: Tree, config?: Config): ReadGuests {
  const files = [...tree.keys()].filter((path) => path.startsWith('guests/')).sort();
  const placed = files.filter((path) => guestFiles.test(path)).map((path) => readPlaced(tree.get(path) ?? '', path));
  const doubles = [
    ...twice(
      placed,
      (identity) => identity.vmid && { ...identity.vmid, key: `${identity.cluster} ${identity.vmid.shown}` },
      'vmid',
    ),
    ...twice(placed, (identity) => identity.name && { ...identity.name, key: identity.name.shown }, 'name'),
  ];
  const together = [
    ...files.flatMap(misplaced),
    ...doubles.map(({ fault }) => fault),
    ...(config === undefined ? [] : placed.flatMap((guest) => unknownCluster(guest, config))),
  ];
  // Of two that claim the same identity neither is trusted.
  const broken = new Set([...together.map(({ file }) => file), ...doubles.map(({ other }) => other)]);
  const found = inOrder([...placed.flatMap(({ read }) => (read.ok ? read.warnings : read.faults)), ...together]);
  return {
    guests: placed.flatMap(({ file, read }) => (read.ok && !broken.has(file) ? [read.value] : [])),
    faults: found.filter(({ severity }) => severity === 'fault'),
    warnings: found.filter(({ severity }) => severity === 'warning'),
  };
}

/** A guest's file with what it says it is, readable or not. */
interface Placed {
  file: string;
  read: Read<DeclaredGuest>;
  identity: Identity;
  source: YamlSource | undefined;
}

interface Identity {
  cluster: string;
  vmid?: { shown: string; line: number };
  name?: { shown: string; line: number };
}

function readPlaced(text: string, file: string): Placed {
  let source: YamlSource | undefined;
  const read = readYaml(text, file, guestSchema, (opened) => {
    source = opened;
    return [...swapFaults(opened), ...nameFaults(opened, file)];
  });
  const identity = source === undefined ? { cluster: '' } : identityOf(source);
  return { file, source, identity, read: read.ok ? { ...read, value: { file, ...read.value } } : read };
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

function misplaced(file: string): Fault[] {
  if (guestFiles.test(file) || !/\.ya?ml$/i.test(file)) return [];
  const mend = `name it guests/${file.replace(/^.*\//, '').replace(/\.ya?ml$/i, '')}.yaml`;
  return [
    {
      file,
      line: 0,
      column: 0,
      field: '',
      problem: 'is not read: a guest is guests/<name>.yaml',
      mend,
      severity: 'fault',
    },
  ];
}

/** All but the last of those with the same key say where else it is declared. */
function twice(
  placed: readonly Placed[],
  keyOf: (identity: Identity) => { key: string; shown: string; line: number } | undefined,
  what: 'vmid' | 'name',
): { fault: Fault; other: string }[] {
  const seen = placed.flatMap((guest) => {
    const key = keyOf(guest.identity);
    return key === undefined || guest.source === undefined ? [] : [{ ...key, file: guest.file, source: guest.source }];
  });
  return seen.flatMap((guest, index) => {
    const other = seen.findLast(({ key }, at) => key === guest.key && at > index);
    if (other === undefined) return [];
    const problem = `${what} ${shown(guest.shown)} is also declared in ${other.file}:${other.line}`;
    return [{ fault: { ...guest.source.fault([what], problem), field: '' }, other: other.file }];
  });
}

function unknownCluster({ source, identity: { cluster } }: Placed, { clusters }: Config): Fault[] {
  const known = clusters.map(({ name }) => name);
  if (source === undefined || cluster === '' || known.includes(cluster)) return [];
  const mend = didYouMean(cluster, known) || `gitmend.yaml names ${oneOf(known)}`;
  return [source.fault(['cluster'], `${shown(cluster)} is not a cluster of gitmend.yaml`, mend)];
}
