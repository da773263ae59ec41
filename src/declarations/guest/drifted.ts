import { type DeclaredGuest, type GuestField, isCalled } from '../../core/declared-guest.ts';
import type { DriftedValue, PlainValue } from '../../core/drifted.ts';
import { type LiveGuest, networkWords } from '../../core/guest.ts';
import { type Digest, digestOf } from '../../core/json.ts';
import { isSizeField, sizeFields } from './fields.ts';
import { preStateOf } from './step.ts';

/** The fields of a file that can say what is live instead, and that can be brought back. */
export const drifting = [...sizeFields, 'node', 'disk', 'network', 'started', 'protection'] as const;
export type DriftingField = (typeof drifting)[number];

/**
 * The declaration with what is live in place of these fields. What waits for a restart counts as what will be. As declared
 * stays what the file does not manage, and what Proxmox VE does not tell: an address that is set inside the guest, a disk
 * that is not of whole GiB (`untold` names it).
 */
export function asIsLive(
  declared: DeclaredGuest,
  live: LiveGuest,
  fields: readonly GuestField[] = drifting,
): DeclaredGuest {
  const said = drifting.filter((field) => fields.includes(field) && declared[field] !== undefined);
  return said.reduce((guest, field) => ({ ...guest, ...liveOf(field, declared, live) }), declared);
}

function liveOf(field: DriftingField, { disk, network }: DeclaredGuest, live: LiveGuest): Partial<DeclaredGuest> {
  switch (field) {
    case 'node':
      return { node: live.node };
    case 'disk':
      return live.rootDisk === undefined || !Number.isInteger(live.rootDisk.size) ? { disk } : { disk: live.rootDisk };
    case 'network':
      return live.network === undefined ? { network } : { network: networkOf(live.network, network) };
    case 'started':
      return { started: live.status === 'running' };
    case 'protection':
      return { protection: live.protected === true };
    default: {
      const value = live.pending[field] ?? live.running[field];
      return value === undefined ? {} : { [field]: value };
    }
  }
}

function networkOf(
  { addressing, ...live }: NonNullable<LiveGuest['network']>,
  declared: DeclaredGuest['network'],
): DeclaredGuest['network'] {
  return addressing === 'inside' ? { ...declared, bridge: live.bridge } : live;
}

/** What a file says otherwise than its guest is, value by value, in these fields and in their order. */
export function driftedValues(
  declared: DeclaredGuest,
  live: LiveGuest,
  fields: readonly GuestField[] = drifting,
): DriftedValue[] {
  const is = asIsLive(declared, live, fields);
  return paths.flatMap((field) => {
    const [wanted, now] = [valueAt(declared, field), valueAt(is, field)];
    const waiting = isSizeField(field) ? live.pending[field] : undefined;
    const pending = isSizeField(field) && waiting !== undefined && waiting !== live.running[field];
    return wanted === now ? [] : [{ field, declared: wanted, live: now, pending }];
  });
}

/**
 * Whether these fields of a file say what is live, so that nothing is left to be done for them: of another guest that has
 * its vmid they say nothing. Tags may be more; what a guest carries is the file's alone.
 */
export function isSaid(declared: DeclaredGuest, live: LiveGuest, fields: readonly GuestField[]): boolean {
  const tagged = !fields.includes('tags') || declared.tags.every((tag) => live.tags.includes(tag));
  return isCalled(declared.name, live.name) && tagged && driftedValues(declared, live, fields).length === 0;
}

/**
 * Digest of what was observed of a guest, for a request to bring back these fields: it holds for that state alone. Of sizes
 * it is `preStateOf`.
 */
export function observedOf(live: LiveGuest, fields: readonly DriftingField[]): Digest {
  const state = preStateOf(live);
  if (fields.every(isSizeField)) return state;
  const { rootDisk = null, network, protected: kept = false } = live;
  return digestOf({ state, rootDisk, network: network === undefined ? null : networkWords(network), kept });
}

/** The values of these fields, each by its path: `{ 'disk.storage': 'local-lvm', 'disk.size': 32 }`. */
export function valuesAt(guest: DeclaredGuest, fields: readonly DriftingField[]): { [path: string]: PlainValue } {
  const wanted = paths.filter((path) => fields.some((field) => field === fieldAt(path)));
  return Object.fromEntries(wanted.map((path) => [path, valueAt(guest, path)]));
}

const inside: { readonly [field in DriftingField]?: readonly string[] } = {
  disk: ['storage', 'size'],
  network: ['bridge', 'address', 'gateway'],
};
const paths = drifting.flatMap((field) => inside[field]?.map((part) => `${field}.${part}`) ?? [field]);

/** One value of a declaration by its path; `null` where it does not say it. */
export function valueAt(guest: DeclaredGuest, path: string): PlainValue {
  const [outer = '', inner] = path.split('.');
  const value = (guest as unknown as { [field: string]: PlainValue | undefined })[outer];
  if (inner === undefined) return value ?? null;
  return (value as { [field: string]: PlainValue } | null | undefined)?.[inner] ?? null;
}

/** `disk` of `disk.size`. */
function fieldAt(path: string): DriftingField | undefined {
  const outer = path.split('.')[0];
  return drifting.find((field) => field === outer);
}

/** The fields that these values are of. */
export function fieldsIn(values: readonly Pick<DriftedValue, 'field'>[]): DriftingField[] {
  return drifting.filter((field) => values.some((one) => fieldAt(one.field) === field));
}
