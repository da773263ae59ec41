import { isoTime } from '../core/clock.ts';
import { type Config, type DriftConfig, driftByDefault, type DriftField } from '../core/config.ts';
import { type DeclaredGuest, isCalled } from '../core/declared-guest.ts';
import type { LiveGuest } from '../core/guest.ts';
import { sameValue } from '../core/json.ts';
import { parseGuestTarget, type Target } from '../core/target.ts';
import { type SizeField, sizeFields } from '../declarations/guest/index.ts';
import type { SeenDrift } from '../ledger/drift.ts';

/** One value that will be otherwise than declared. */
export interface SizeDrift {
  field: SizeField;
  declared: number;
  live: number;
  /** It waits for a restart: what is in force is still something else. */
  pending: boolean;
}

/** How a guest differs from its declaration. */
export interface GuestDrift {
  sizes: SizeDrift[];
  /** What no size field can say, in words that go on from the guest's name: gitmend cannot propose it. */
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
  if (live === undefined) return { sizes: [], beyond: [`is not on cluster ${guest.cluster} any more`] };
  const ignored = (field: DriftField) => isIgnored(ignore, target, field);
  // A vmid alone is no identity: whatever else there is to say of another guest, it is not this one's.
  if (!isCalled(guest.name, live.name))
    return { sizes: [], beyond: ignored('name') ? [] : [`is called ${live.name} on ${live.node}`] };
  const fields = sizeFields.filter((field) => guest[field] !== undefined && !ignored(field));
  const sizes = fields.flatMap((field) => sizeDrift(guest, live, field));
  return { sizes, beyond: [...elsewhere(guest, live, ignored), ...unset(live, fields)] };
}

function isIgnored(ignore: readonly string[], target: Target, field: DriftField): boolean {
  const short = target.slice(target.indexOf('/') + 1);
  return [field, `${short}:${field}`, `${target}:${field}`].some((entry) => ignore.includes(entry));
}

function sizeDrift(guest: DeclaredGuest, live: LiveGuest, field: SizeField): SizeDrift[] {
  const declared = guest[field];
  const waiting = live.pending[field];
  const will = waiting ?? live.running[field];
  if (declared === undefined || will === undefined || will === declared) return [];
  return [{ field, declared, live: will, pending: waiting !== undefined && waiting !== live.running[field] }];
}

function unset({ running, pending, node }: LiveGuest, fields: readonly SizeField[]): string[] {
  const absent = fields.filter((field) => running[field] === undefined && pending[field] === undefined);
  return absent.map((field) => `has no ${field} set on ${node}`);
}

function elsewhere(guest: DeclaredGuest, live: LiveGuest, ignored: (field: DriftField) => boolean): string[] {
  const { disk } = guest;
  const { node, rootDisk = disk } = live;
  const words = (one: typeof disk) => `${one.size} GiB on ${one.storage}`;
  return [
    ...(node === guest.node || ignored('node') ? [] : [`is on ${node}, and ${guest.node} is declared`]),
    ...(sameValue({ ...rootDisk }, { ...disk }) || ignored('disk')
      ? []
      : [`has a root disk of ${words(rootDisk)}, and ${words(disk)} is declared`]),
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
  if (drift.sizes.length + drift.beyond.length === 0) return undefined;
  const waits = drift.sizes.flatMap(({ field, pending }) => (pending ? [field] : []));
  const sides = {
    ...{ declared: valuesOf(drift.sizes, 'declared'), live: valuesOf(drift.sizes, 'live') },
    ...(waits.length === 0 ? {} : { waits }),
  };
  const { since: sizesSince, ...sizesBefore } = before?.sizes ?? { since: '' };
  const { since: beyondSince, ...beyondBefore } = before?.beyond ?? { since: '' };
  const what = drift.beyond.map((words) => words.slice(0, 300));
  return {
    ...about,
    ...(drift.sizes.length === 0
      ? {}
      : { sizes: { since: sameValue(sizesBefore, sides) ? atMost(sizesSince, now) : isoTime(now), ...sides } }),
    ...(what.length === 0
      ? {}
      : { beyond: { since: sameValue(beyondBefore, { what }) ? atMost(beyondSince, now) : isoTime(now), what } }),
  };
}

/** Of one that is not past nobody has seen anything yet. */
function atMost(since: string, now: number): string {
  return Date.parse(since) > now ? isoTime(now) : since;
}

export function valuesOf(sizes: readonly SizeDrift[], side: 'declared' | 'live'): { [F in SizeField]?: number } {
  return Object.fromEntries(sizes.map((one) => [one.field, one[side]]));
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
