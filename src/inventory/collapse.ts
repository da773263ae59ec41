import type { Signal } from '../core/signal.ts';
import { labelOf } from './cluster.ts';
import type { Identified, Identity } from './inventory.ts';

/** One thing to diagnose, and every signal of the delivery that it answers. */
export interface Case<I extends Identity = Identity> {
  signal: Signal;
  identity: I;
  /** Other signals about the same target and family. */
  also: Signal[];
}

/**
 * One outcome per target and family, never one per delivery. Of several signals about one guest the firing one speaks
 * before the resolved one, the one that asks for more before the one that asks for less, the oldest before the newer.
 * A second series of a guest that is already pinned (`/lxc/200` beside `lxc/200`) joins it: it is never added up.
 */
export function collapse(identified: readonly { signal: Signal; identity: Identity }[]): Case[] {
  const groups = new Map<string, { signal: Signal; identity: Identity }[]>();
  const pinned = identified.flatMap(({ signal, identity }) => (identity.ok ? [{ signal, identity }] : []));
  for (const one of identified) {
    const key = keyOf(one, pinned);
    groups.set(key, [...(groups.get(key) ?? []), one]);
  }
  return [...groups.values()].flatMap((group) => caseOf(group) ?? []);
}

type Pinned = readonly { signal: Signal; identity: Identified }[];

function keyOf({ signal, identity }: { signal: Signal; identity: Identity }, pinned: Pinned): string {
  const family = signal.family ?? `alert ${signal.name}`;
  if (identity.ok) return `${identity.target} ${family}`;
  const twin = pinned.find((other) => isTwin(signal, other));
  if (twin !== undefined) return `${twin.identity.target} ${family}`;
  // The same unpinned thing, seen twice, is one outcome as well.
  return JSON.stringify([
    identity.rule,
    identity.called,
    labelOf(signal, 'cluster'),
    labelOf(signal, 'instance'),
    family,
  ]);
}

function isTwin(signal: Signal, other: { signal: Signal; identity: Identified }): boolean {
  const cluster = labelOf(signal, 'cluster');
  const { guest } = other.identity;
  return (
    signal.family === other.signal.family &&
    labelOf(signal, 'id') === `/${guest.type}/${guest.vmid}` &&
    (cluster === undefined || cluster === guest.cluster)
  );
}

function caseOf(group: readonly { signal: Signal; identity: Identity }[]): Case | undefined {
  const [first, ...rest] = [...group].sort((a, b) => weight(a).localeCompare(weight(b)));
  if (first === undefined) return undefined;
  const repeats = group.reduce((sum, { signal }) => sum + (sameAlert(signal, first.signal) ? signal.repeats : 0), 0);
  return { signal: { ...first.signal, repeats }, identity: first.identity, also: rest.map(({ signal }) => signal) };
}

// Sorts as text: pinned, firing, grow, oldest first.
function weight({ signal, identity }: { signal: Signal; identity: Identity }): string {
  const order = [identity.ok, signal.status === 'firing', signal.asks === 'grow'];
  return `${order.map((first) => (first ? 0 : 1)).join('')} ${signal.startsAt} ${signal.fingerprint}`;
}

function sameAlert(a: Signal, b: Signal): boolean {
  return a.name === b.name && a.status === b.status;
}
