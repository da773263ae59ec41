import { isoTime } from '../../core/clock.ts';
import { GitmendError } from '../../core/errors.ts';
import type { GuestSize, LiveGuest, LiveNode } from '../../core/guest.ts';
import { type GuestTarget, type GuestType, printGuestTarget } from '../../core/target.ts';
import type { ProxmoxClient } from './client.ts';
import { type GuestConfig, type Pending, readSettled } from './config.ts';
import { permissions, resources, tagsOf } from './shapes.ts';
import { type GuestStatus, readNode, readStatus, statusOf } from './status.ts';

/** One guest as the cluster lists it; about 10 s old. */
export interface ListedGuest {
  type: GuestType;
  vmid: number;
  name: string;
  node: string;
  status: LiveGuest['status'];
  template: boolean;
  tags: string[];
  /** Memory cap in bytes. */
  maxmem: number;
}

/** What an applier sees beside the guest and its node. */
export interface SeenGuest {
  guest: LiveGuest;
  node: LiveNode;
  template: boolean;
  /** Everything that waits for a restart, whatever it is. */
  pending: Pending[];
  /** PVE's `mem`, bytes: a lower bound for a container. */
  used?: number;
}

/** Every guest that the token may see: no other has a node. Throws a GitmendError. */
export async function listGuests(client: ProxmoxClient): Promise<ListedGuest[]> {
  const answer: unknown = await client.api.cluster.resources.$get({ type: 'vm' });
  return client.read(resources, '/cluster/resources', answer).flatMap(({ type, vmid, node, ...rest }) => {
    if ((type !== 'lxc' && type !== 'qemu') || vmid === undefined || node === undefined) return [];
    return [
      {
        ...{ type, vmid, node },
        name: rest.name ?? `${type === 'lxc' ? 'CT' : 'VM'}${vmid}`,
        status: statusOf(rest.status ?? 'unknown'),
        template: rest.template ?? false,
        tags: tagsOf(rest.tags),
        maxmem: rest.maxmem ?? 0,
      },
    ];
  });
}

/** A guest and its node as they are now, wherever the guest is. Throws PVE_NOT_FOUND where there is none of that type. */
export async function readGuest(
  client: ProxmoxClient,
  target: GuestTarget,
): Promise<{ guest: LiveGuest; node: LiveNode }> {
  const { guest, node } = await readSeen(client, target);
  return { guest, node };
}

/** The same with what waits for a restart, and whether it is a template. */
export async function readSeen(client: ProxmoxClient, target: GuestTarget): Promise<SeenGuest> {
  const guests = await listGuests(client);
  const { node, template, ...listed } = await found(client, guests, target);
  const [{ config, pending }, status, nodeNow] = await Promise.all([
    readSettled(client, { ...target, node }),
    readStatus(client, node, target.type, target.vmid),
    readNode(client, node),
  ]);
  const at = isoTime(client.clock.now());
  return {
    guest: liveGuest(target, node, { config, pending, status, listed, at }),
    node: {
      ...{ cluster: target.cluster, node, at },
      memoryTotal: nodeNow.memoryTotal,
      memoryAvailable: nodeNow.memoryAvailable,
      cpus: nodeNow.cpus,
      memoryPromised: promisedOn(guests, node, target, status),
    },
    template: template || status.template || (config.template ?? false),
    pending,
    ...(status.mem === undefined ? {} : { used: status.mem }),
  };
}

/** Where a guest is now, by what the cluster says. Throws PVE_NOT_FOUND, or PVE_FORBIDDEN where it is not shown. */
export async function locateGuest(client: ProxmoxClient, target: GuestTarget): Promise<string> {
  return (await found(client, await listGuests(client), target)).node;
}

async function found(client: ProxmoxClient, guests: readonly ListedGuest[], target: GuestTarget): Promise<ListedGuest> {
  const listed = guests.find(({ type, vmid }) => type === target.type && vmid === target.vmid);
  if (listed !== undefined) return listed;
  const other = guests.find(({ vmid }) => vmid === target.vmid);
  if (other === undefined) await demandSight(client, `/vms/${target.vmid}`, printGuestTarget(target));
  const why =
    other === undefined
      ? `it does not exist (the API token has VM.Audit on /vms/${target.vmid})`
      : `${other.vmid} is ${other.type}/${other.vmid} (${other.name})`;
  throw new GitmendError(
    'PVE_NOT_FOUND',
    `${printGuestTarget(target)} is not among the guests of ${target.cluster}: ${why}`,
    {
      details: { status: 200, method: 'GET', path: '/cluster/resources', errors: {}, maybeWritten: false },
    },
  );
}

/**
 * Proxmox VE leaves out of its lists what a token may not see (`/cluster/resources`), which must never be taken for
 * “not there”. Throws PVE_FORBIDDEN where the token lacks VM.Audit on the path.
 */
export async function demandSight(client: ProxmoxClient, path: string, what: string): Promise<void> {
  const answer: unknown = await client.api.access.permissions.$get({ path });
  const own = client.read(permissions, '/access/permissions', answer);
  if (Object.hasOwn(own[path] ?? {}, 'VM.Audit')) return;
  throw new GitmendError(
    'PVE_FORBIDDEN',
    `the API token lacks VM.Audit on ${path}, so whether ${what} is there cannot be seen`,
    { details: { status: 200, method: 'GET', path: '/access/permissions', errors: {}, maybeWritten: false } },
  );
}

interface Pieces {
  config: GuestConfig;
  pending: Pending[];
  status: GuestStatus;
  listed: Pick<ListedGuest, 'name' | 'tags'>;
  at: string;
}

function liveGuest(target: GuestTarget, node: string, { config, pending, status, listed, at }: Pieces): LiveGuest {
  const lock = config.lock ?? status.lock;
  return {
    ...{ cluster: target.cluster, node, type: target.type, vmid: target.vmid },
    name: config.name ?? status.name ?? listed.name,
    status: status.status,
    ...(lock === undefined ? {} : { lock }),
    digest: config.digest,
    running: config.size,
    ...(config.cpu === undefined ? {} : { cpu: config.cpu }),
    pending: sizeOf(pending),
    ...(config.rootDisk === undefined ? {} : { rootDisk: config.rootDisk }),
    ...(config.network === undefined ? {} : { network: config.network }),
    ...(status.ha === undefined ? {} : { ha: status.ha }),
    ...(config.protected === undefined ? {} : { protected: config.protected }),
    ...(config.notBackedUp === undefined ? {} : { notBackedUp: config.notBackedUp }),
    ...(config.volumes === undefined ? {} : { volumes: config.volumes }),
    hotplug: config.hotplug,
    tags: config.tags,
    uptime: status.status === 'stopped' ? 0 : status.uptime,
    at,
  };
}

function sizeOf(pending: readonly Pending[]): GuestSize {
  const sizes = pending.flatMap(({ key, value }): [string, number][] =>
    ['cores', 'memory', 'swap'].includes(key) && typeof value === 'number' ? [[key, value]] : [],
  );
  return Object.fromEntries(sizes);
}

/** Σ caps of what runs on the node. The list lags a change by some 10 s, so the guest itself counts as its status says. */
function promisedOn(guests: readonly ListedGuest[], node: string, target: GuestTarget, status: GuestStatus): number {
  const others = guests.filter(
    (guest) => guest.node === node && guest.vmid !== target.vmid && guest.status === 'running',
  );
  const own = status.status === 'stopped' ? 0 : (status.maxmem ?? 0);
  return others.reduce((sum, { maxmem }) => sum + maxmem, own);
}
