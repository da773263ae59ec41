import type { Tree } from '../../core/change-set.ts';
import type { Config } from '../../core/config.ts';
import type { DeclaredGuest } from '../../core/declared-guest.ts';
import type { Fault, Read } from '../../core/fault.ts';
import { inOrder } from '../../config/read-yaml.ts';
import { didYouMean, oneOf, shown } from '../../config/words.ts';
import { sharedAddresses } from './address.ts';
import { type Identity, type Placed, placedIn, readPlaced, sourceOf } from './placed.ts';

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
  const placed = placedIn(
    tree,
    files.filter((path) => guestFiles.test(path)),
  );
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
  const guests = placed.flatMap(({ file, read }) => (read.ok && !broken.has(file) ? [read.value] : []));
  const found = inOrder([
    ...placed.flatMap(({ read }) => (read.ok ? read.warnings : read.faults)),
    ...together,
    ...addressWarnings(placed, guests),
  ]);
  return {
    guests,
    faults: found.filter(({ severity }) => severity === 'fault'),
    warnings: found.filter(({ severity }) => severity === 'warning'),
  };
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
    return key === undefined ? [] : [{ ...key, guest }];
  });
  return seen.flatMap((one, index) => {
    const other = seen.findLast(({ key }, at) => key === one.key && at > index);
    if (other === undefined) return [];
    const problem = `${what} ${shown(one.shown)} is also declared in ${other.guest.file}:${other.line}`;
    return [{ fault: { ...sourceOf(one.guest).fault([what], problem), field: '' }, other: other.guest.file }];
  });
}

/** No fault: two VLANs on one bridge may number their hosts alike, and a file says none. */
function addressWarnings(placed: readonly Placed[], guests: readonly DeclaredGuest[]): Fault[] {
  return sharedAddresses(guests).flatMap(({ address, bridge, one, other }) => {
    const place = placed.find(({ file }) => file === one.file);
    if (place === undefined) return [];
    const problem = `${address} is also the address of ${other.file}, on the same bridge ${shown(bridge)}`;
    const mend = 'give one of them another, unless VLANs keep them apart';
    return [sourceOf(place).fault(['network', 'address'], problem, mend, 'warning')];
  });
}

function unknownCluster(placed: Placed, { clusters }: Config): Fault[] {
  const { cluster } = placed.identity;
  const known = clusters.map(({ name }) => name);
  if (cluster === '' || known.includes(cluster)) return [];
  const mend = didYouMean(cluster, known) || `gitmend.yaml names ${oneOf(known)}`;
  return [sourceOf(placed).fault(['cluster'], `${shown(cluster)} is not a cluster of gitmend.yaml`, mend)];
}
