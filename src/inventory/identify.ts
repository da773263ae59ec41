import { isCalled } from '../core/declared-guest.ts';
import type { Signal } from '../core/signal.ts';
import { type GuestTarget, parseGuestTarget, printGuestTarget } from '../core/target.ts';
import { clusterOf, labelOf } from './cluster.ts';
import { declaredOnce } from './declared.ts';
import { helpsWithoutId, helpsWithWrongId } from './helps.ts';
import type { Identity, Inventory, ListedGuest, NotIdentified } from './inventory.ts';

/** Byte for byte: nothing is trimmed, folded or guessed. */
const guestId = /^(lxc|qemu)\/[1-9][0-9]{2,8}$/;

/**
 * Pins a signal to the one guest it is about and to the one file that declares it, or says why it cannot. The labels
 * `id`, `vmid`, `target` and `name` must agree with each other and with the live name; annotations never count; the
 * node is PVE's answer of now, because a `node` label is stale after a migration.
 */
export function identify(signal: Signal, inventory: Inventory): Identity {
  const called = calledBy(signal);
  const cluster = clusterOf(signal, inventory.clusters);
  if (!cluster.found && cluster.rule === 'cluster-unknown') return unknown(cluster.rule, cluster.message, called);
  const notGuest = notAGuest(signal, called, inventory);
  if (notGuest !== undefined) return notGuest;
  if (!cluster.found) return unknown(cluster.rule, cluster.message, called);

  const guest = parseGuestTarget(`${cluster.cluster}/${labelOf(signal, 'id') ?? ''}`);
  if (guest === undefined) return unknown('id-invalid', `${cluster.cluster} is no name for a cluster`, called);
  const listed = listedNow(guest, inventory);
  if (!('name' in listed)) return unknown(listed.rule, listed.message, called);
  const contradiction = contradictionOf(signal, guest, listed);
  if (contradiction !== undefined) return unknown('labels-contradict', contradiction, called);
  return pinned(guest, listed, inventory, called);
}

function pinned(guest: GuestTarget, listed: ListedGuest, inventory: Inventory, called: string): Identity {
  const declared = declaredOnce(guest, inventory.declared);
  if (!declared.once) return unknown(declared.rule, declared.message, called);
  if (!isCalled(declared.guest.name, listed.name)) {
    const message = `${declared.guest.file} calls ${printGuestTarget(guest)} ${declared.guest.name}, Proxmox VE calls it ${listed.name}: the id may have been given to another guest`;
    return unknown('name-mismatch', message, called);
  }
  const { node, name } = listed;
  return { ok: true, target: printGuestTarget(guest), guest, node, name, declared: declared.guest };
}

/** What the signal calls its target: its id, else its name or instance. Only ever printed. */
function calledBy(signal: Signal): string {
  const names = ['id', 'name', 'instance'].flatMap((label) => labelOf(signal, label) ?? []);
  return names[0] ?? signal.name;
}

function notAGuest(signal: Signal, called: string, inventory: Inventory): NotIdentified | undefined {
  const id = labelOf(signal, 'id');
  if (id === undefined) {
    const message = 'the alert has no label id, so no guest can be pinned; annotations never count';
    return { ...unknown('id-missing', message, called), helps: helpsWithoutId(signal, inventory) };
  }
  if (guestId.test(id)) return undefined;
  if (/^(node|storage)\/./.test(id)) {
    const message = `${id} is no guest: nodes and storages are reported, never changed`;
    return { ok: false, outcome: 'report-only', rule: 'not-a-guest', message, called };
  }
  const message = `the label id="${id}" is not lxc/<vmid> or qemu/<vmid>, byte for byte`;
  return { ...unknown('id-invalid', message, called), helps: helpsWithWrongId(id) };
}

function listedNow(guest: GuestTarget, inventory: Inventory): ListedGuest | { rule: string; message: string } {
  const { cluster, type, vmid } = guest;
  const why = inventory.unreachable === undefined ? undefined : own(inventory.unreachable, cluster);
  if (why !== undefined) return { rule: 'no-evidence', message: `the guests of ${cluster} cannot be listed: ${why}` };
  const same = inventory.live.filter((listed) => listed.cluster === cluster && listed.vmid === vmid);
  const [listed] = same;
  if (listed === undefined) {
    return {
      rule: 'not-in-cluster',
      message: `${printGuestTarget(guest)} is not among the guests that the read token sees: removed, an old series, or without VM.Audit on it`,
    };
  }
  if (same.length > 1) {
    const places = same.map(({ node }) => node).join(' and ');
    return { rule: 'identity-ambiguous', message: `Proxmox VE lists ${printGuestTarget(guest)} on ${places}` };
  }
  if (listed.type !== type) {
    return {
      rule: 'labels-contradict',
      message: `the alert says ${type}/${vmid}, Proxmox VE has ${listed.type}/${vmid}`,
    };
  }
  return listed;
}

function contradictionOf(signal: Signal, guest: GuestTarget, listed: ListedGuest): string | undefined {
  const id = `${guest.type}/${guest.vmid}`;
  const agreeing: { [label: string]: readonly string[] } = {
    vmid: [String(guest.vmid)],
    name: [listed.name],
    target: [id, printGuestTarget(guest), String(guest.vmid), listed.name],
  };
  const wrong = Object.entries(agreeing).flatMap(([label, right]) => {
    const value = labelOf(signal, label);
    return value === undefined || right.includes(value) ? [] : [`${label}="${value}"`];
  });
  if (wrong.length === 0) return undefined;
  return `the labels contradict each other: id="${id}" is ${listed.name} in Proxmox VE, but ${wrong.join(' and ')}`;
}

function own(record: { readonly [key: string]: string }, key: string): string | undefined {
  return Object.hasOwn(record, key) ? record[key] : undefined;
}

function unknown(rule: string, message: string, called: string): NotIdentified {
  return { ok: false, outcome: 'unknown', rule, message, called };
}
