import {
  bootDiskOf,
  listGuests,
  type ListedGuest,
  type ProxmoxClient,
  readNetwork,
  readWholeConfig,
  type WholeConfig,
} from '../clients/proxmox/index.ts';
import { secretShape } from '../config/secrets.ts';
import type { DeclaredGuest, Leavable } from '../core/declared-guest.ts';
import { isGitmendError } from '../core/errors.ts';
import { readGuest } from '../declarations/guest/index.ts';
import { reachedAt } from './addresses.ts';
import type { FoundGuest, FoundGuests, LeftOut } from './found.ts';
import { guestFile } from './guest-file.ts';
import { idOf, nameOf } from './imported.ts';
import { inTurns } from '../core/in-turns.ts';
import { type Undeclared, undeclaredOf } from './undeclared.ts';

/** How many guests are asked about at the same time: Proxmox VE has three workers for its whole API. */
const atOnce = 6;

/**
 * Every guest of the cluster as it is now, so that the first plan shows no difference. Templates, and guests with what
 * a declaration cannot say, are left out by name. Only reads. Throws a GitmendError where the list cannot be read, or
 * the token is refused; a node that does not answer only leaves out its own guests. `declared` keep their names from others.
 */
export async function findGuests(
  client: ProxmoxClient,
  declared: readonly Pick<DeclaredGuest, 'type' | 'vmid'>[] = [],
): Promise<FoundGuests> {
  const listed = (await listGuests(client)).sort((a, b) => a.vmid - b.vmid);
  const read = await inTurns(listed, atOnce, (one) => readOne(client, one));
  const found: FoundGuests = { guests: [], leftOut: [] };
  const known = new Set(declared.map(idOf));
  const names = ownersOf(read, known);
  for (const [index, one] of listed.entries()) {
    const guest = read[index] ?? 'it was not read';
    const id = idOf(one);
    if (typeof guest === 'string') found.leftOut.push(leftOut(one, guest));
    else if (names.get(guest.name) !== id)
      found.leftOut.push(leftOut(one, `${names.get(guest.name) ?? ''} has the same name`));
    else found.guests.push(guest);
  }
  return found;
}

/** Whose each name is: of two guests that have it the declared one's, and otherwise the one's with the lower id. */
function ownersOf(read: readonly (FoundGuest | string)[], known: ReadonlySet<string>): Map<string, string> {
  const guests = read.filter((one) => typeof one !== 'string');
  const first = guests.filter((guest) => known.has(idOf(guest)));
  return new Map([...first, ...guests].toReversed().map((guest) => [guest.name, idOf(guest)]));
}

function leftOut({ type, vmid, name }: ListedGuest, why: string): LeftOut {
  return { guest: nameOf({ type, vmid, name: plainName(name) }), vmid, type, why };
}

/** Names are Proxmox VE's, which takes DNS names alone; what is none may be made to be read by somebody. */
function plainName(name: string): string {
  return /^[A-Za-z0-9][A-Za-z0-9.-]{0,99}$/.test(name) ? name : '(a name that is no host name)';
}

/** The guest, or why it cannot be declared. */
async function readOne(client: ProxmoxClient, listed: ListedGuest): Promise<FoundGuest | string> {
  if (listed.template) return 'it is a template';
  try {
    const whole = await readWholeConfig(client, listed);
    return await guestOf(client, listed, whole);
  } catch (error) {
    // The guest's own node may be down, or it may have gone since it was listed; a token that is refused is everybody's.
    if (!isGitmendError(error) || error.code === 'PVE_UNAUTHENTICATED') throw error;
    const silent = Number(error.details['status']) >= 595;
    return silent ? `its node ${listed.node} does not answer` : `Proxmox VE does not tell what it is (${error.code})`;
  }
}

/** While these are held, the configuration is on its way to being something else. */
const unsettled = /^(?:clone|create|disk|import|migrate|rollback)$/;

async function guestOf(client: ProxmoxClient, listed: ListedGuest, whole: WholeConfig): Promise<FoundGuest | string> {
  const { config, keys, waiting } = whole;
  const { node, type, vmid } = listed;
  const called = config.name ?? listed.name;
  const disk = type === 'lxc' ? 'rootfs' : (bootDiskOf(keys) ?? '');
  const settings = new Set(['cores', 'memory', 'swap', 'net0', 'name', 'hostname', disk]);
  const open = waiting.filter((key) => settings.has(key));
  const { cores, memory, swap } = config.size;
  const network = readNetwork(keys);
  if (config.template === true) return 'it is a template';
  if (config.lock !== undefined && unsettled.test(config.lock)) return `it is locked (${config.lock})`;
  if (open.length > 0) return `${open.join(', ')} will be otherwise after its next restart`;
  if (cores === undefined) return 'it has no limit of cores; set one to declare it';
  if (memory === undefined) return 'Proxmox VE names no memory for it';
  if (config.rootDisk === undefined || !Number.isInteger(config.rootDisk.size))
    return 'it has no first disk of whole GiB on a storage';
  if (network === undefined) return 'it has no net0 on a bridge';
  const { tags, refused } = tagsOf(config.tags);
  const name = (called.split('.')[0] ?? '').toLowerCase();
  const leave = leftAlone(type, keys, disk, { name, called });
  const guest: FoundGuest = {
    ...{ name, node, vmid, type, cores, memory, disk: config.rootDisk, network: network.network, tags },
    ...(type === 'lxc' ? { swap: swap ?? 0 } : {}),
    ...(leave.length === 0 ? {} : { leave }),
    ...{ called: plainName(called), addressing: network.addressing },
    reached: await reachedAt(client, listed, keys, network),
    undeclared: [...undeclaredOf(type, keys, disk), ...refused],
    ...gapIn(type, keys),
  };
  return wrongWith(guest) ?? guest;
}

/**
 * The provider has the cards of a virtual machine as a list by their numbers, with nothing in the place of one that is
 * missing, and plans a change of what only it knows for it (bpg/proxmox 0.111.1, seen; `network_device` ignored or not).
 */
function gapIn(type: ListedGuest['type'], keys: { readonly [key: string]: unknown }): Pick<FoundGuest, 'unplannable'> {
  const cards = Object.keys(keys).filter((key) => /^net\d+$/.test(key));
  const numbers = cards.map((key) => Number(key.slice(3))).sort((a, b) => a - b);
  if (type === 'lxc' || numbers.every((number, at) => number === at)) return {};
  const seen = numbers.map((number) => `net${number}`).join(', ');
  return {
    unplannable: `its network cards have a gap (${seen}), and Terraform's provider would plan a change of it for that alone`,
  };
}

/** A tag that the file cannot hold, or that must not stand in one, is left out. */
function tagsOf(all: readonly string[]): { tags: string[]; refused: Undeclared[] } {
  const secret = (tag: string) => secretShape(tag) !== undefined || /passw|secret|token|api_?key/i.test(tag);
  const fits = (tag: string) => /^[a-z0-9_][a-z0-9_+.-]{0,63}$/.test(tag);
  const refused = [
    ...(all.some(secret) ? [{ key: 'tags', why: 'a tag looks like a secret, and is never written down' }] : []),
    ...(all.some((tag) => !fits(tag) && !secret(tag))
      ? [{ key: 'tags', why: 'a tag is not of a-z, 0-9, _, -, + and .' }]
      : []),
  ];
  return { tags: all.filter((tag) => fits(tag) && !secret(tag)), refused };
}

/** What the stack cannot declare in full of a virtual machine: it declares one disk, as scsi0, and a name in small letters. */
function leftAlone(
  type: ListedGuest['type'],
  keys: { readonly [key: string]: unknown },
  disk: string,
  { name, called }: { name: string; called: string },
): Leavable[] {
  if (type === 'lxc') return [];
  const isDisk = (key: string) =>
    /^(?:scsi|virtio|sata|ide)\d+$/.test(key) && !/media=cdrom|^none/.test(String(keys[key]));
  const others = Object.keys(keys).some((key) => isDisk(key) && key !== disk);
  return [...(others || disk !== 'scsi0' ? ['disk' as const] : []), ...(name === called ? [] : ['name' as const])];
}

/** What the file would be refused for, in the words of `gitmend check`. */
function wrongWith(guest: FoundGuest): string | undefined {
  const read = readGuest(guestFile(guest, 'cluster'), `guests/${guest.name}.yaml`);
  if (read.ok) return undefined;
  const fields = [...new Set(read.faults.map(({ field }) => field || 'it'))];
  return `a file cannot say its ${fields.join(', ')}`;
}
