import { isoTime } from '../core/clock.ts';
import { type Config, type DriftConfig, driftByDefault, type DriftField } from '../core/config.ts';
import { type DeclaredGuest, isCalled } from '../core/declared-guest.ts';
import type { LiveGuest } from '../core/guest.ts';
import type { DriftedValue, PlainValue } from '../core/drifted.ts';
import { sameValue } from '../core/json.ts';
import { parseGuestTarget, type Target } from '../core/target.ts';
import { driftedValues, drifting, type DriftingField, isSizeField } from '../declarations/guest/index.ts';
import type { SeenDrift } from '../ledger/drift.ts';

/** How a guest differs from its declaration. */
export interface GuestDrift {
  /** What its file can say instead. */
  values: DriftedValue[];
  /** It is surely not there any more. */
  gone: boolean;
  /** What no file can say, in words that go on from the guest's name: gitmend cannot propose it. */
  beyond: string[];
}

/** How drift is looked for by these rules; `undefined`: not at all. */
export function driftRules(config: Config | undefined): DriftConfig | undefined {
  const { drift = driftByDefault } = config ?? {};
  return drift === 'off' ? undefined : drift;
}

/** Compares what is live with what is declared. What waits for a restart counts as what will be; ignored fields are left out. */
export function driftOf(
  target: Target,
  guest: DeclaredGuest,
  live: LiveGuest | undefined,
  { ignore }: Pick<DriftConfig, 'ignore'>,
): GuestDrift {
  if (live === undefined) return { values: [], gone: true, beyond: [] };
  const ignored = (field: DriftField) => isIgnored(ignore, target, field);
  // A vmid alone is no identity: whatever else there is to say of another guest, it is not this one's.
  if (!isCalled(guest.name, live.name))
    return { values: [], gone: false, beyond: ignored('name') ? [] : [`is called ${live.name} on ${live.node}`] };
  const fields = drifting.filter((field) => guest[field] !== undefined && !ignored(field));
  return { values: driftedValues(guest, live, fields), gone: false, beyond: untold(live, fields) };
}

function isIgnored(ignore: readonly string[], target: Target, field: DriftField): boolean {
  const short = target.slice(target.indexOf('/') + 1);
  return [field, `${short}:${field}`, `${target}:${field}`].some((entry) => ignore.includes(entry));
}

/** What is declared, and what the guest has no value for that a file could say. */
function untold({ running, pending, node, rootDisk, network }: LiveGuest, fields: readonly DriftingField[]): string[] {
  const absent = fields.filter(
    (field) => isSizeField(field) && running[field] === undefined && pending[field] === undefined,
  );
  const disk =
    rootDisk === undefined
      ? 'has no first disk on a storage'
      : Number.isInteger(rootDisk.size)
        ? undefined
        : `has a first disk of ${rootDisk.size} GiB on ${rootDisk.storage}, which is not whole`;
  return [
    ...absent.map((field) => `has no ${field} set on ${node}`),
    ...(fields.includes('disk') && disk !== undefined ? [disk] : []),
    ...(fields.includes('network') && network === undefined ? ['has no first network card on a bridge'] : []),
  ];
}

/** `lxc/200 on pve1`; without a live guest `lxc/200`. */
export function placeOf(guest: DeclaredGuest, live: LiveGuest | undefined): string {
  const id = `${guest.type}/${guest.vmid}`;
  return live === undefined ? id : `${id} on ${live.node}`;
}

/** What is seen now, with the moment since when it has been exactly so; `undefined` where nothing differs. */
export function seenNow(
  before: SeenDrift | undefined,
  drift: GuestDrift,
  about: Pick<SeenDrift, 'name' | 'where'>,
  now: number,
): SeenDrift | undefined {
  const { values, gone } = drift;
  const waits = values.flatMap(({ field, pending }) => (pending ? [field] : []));
  const sides = {
    ...{ declared: valuesOf(values, 'declared'), live: valuesOf(values, 'live') },
    ...(waits.length === 0 ? {} : { waits }),
  };
  const what = drift.beyond.map((words) => words.slice(0, 300));
  const seen = {
    ...(values.length === 0 ? {} : { values: since(before?.values, sides, now) }),
    ...(gone ? { gone: since(before?.gone, {}, now) } : {}),
    ...(what.length === 0 ? {} : { beyond: since(before?.beyond, { what }, now) }),
  };
  return Object.keys(seen).length === 0 ? undefined : { ...about, ...seen };
}

/** Since when it has been exactly this. Of a moment that is not past nobody has seen anything yet. */
function since<T extends object>(
  before: ({ since: string } & T) | undefined,
  is: T,
  now: number,
): { since: string } & T {
  const { since: from = '', ...was } = before ?? {};
  const stays = before !== undefined && sameValue(was, { ...is }) && Date.parse(from) <= now;
  return { since: stays ? from : isoTime(now), ...is };
}

export function valuesOf(values: readonly DriftedValue[], side: 'declared' | 'live'): { [field: string]: PlainValue } {
  return Object.fromEntries(values.map((one) => [one.field, one[side]]));
}

/** When what was seen since then has been so for long enough, in milliseconds since the epoch. */
export function settledAt({ since }: { since: string }, { settle }: Pick<DriftConfig, 'settle'>): number {
  return Date.parse(since) + settle * 1000;
}

/** The declared guests that a person calls so: `postgres`, `lxc/200`, `home/lxc/200` or `200`. */
export function guestsCalled(guests: ReadonlyMap<Target, DeclaredGuest>, called: string): [Target, DeclaredGuest][] {
  return [...guests].filter(([target, { name, type, vmid }]) => {
    const known = parseGuestTarget(target) === undefined ? [] : [target, `${type}/${vmid}`, String(vmid)];
    return [name, ...known].includes(called);
  });
}
