import {
  mayAny,
  type NodeStorage,
  type ProxmoxClient,
  readBridges,
  readNode,
  readNodes,
  readStorages,
} from '../clients/proxmox/index.ts';
import { didYouMean, oneOf } from '../config/words.ts';
import { isGitmendError } from '../core/errors.ts';
import type { GuestType } from '../core/target.ts';
import { printBytes } from '../texts/words.ts';

/** What a new guest asks of its node; what was not said, or is a fault by itself, is `undefined`. Memory in MiB, size in GiB. */
export interface AskedPlace {
  type: GuestType | undefined;
  node: string | undefined;
  cores: number | undefined;
  memory: number | undefined;
  storage: string | undefined;
  size: number | undefined;
  bridge: string | undefined;
}

/** What keeps a guest from being there, each by its flag, and what the token that reads could not look at. */
export interface PlaceLook {
  faults: string[];
  unchecked: string[];
}

/** Node, storage, bridge and sizes against the cluster as it is now. Reads only. Throws where the cluster does not answer. */
export async function lookAtPlace(client: ProxmoxClient, asked: AskedPlace): Promise<PlaceLook> {
  const { node } = asked;
  if (node === undefined) return { faults: [], unchecked: [] };
  const nodes = await readNodes(client);
  const known = [...nodes.keys()].sort();
  if (!nodes.has(node)) {
    const mend = didYouMean(node, known) || `there ${known.length === 1 ? 'is' : 'are'} ${oneOf(known)}`;
    return found(`--node: ${node} is no node of ${client.cluster}; ${mend}`);
  }
  if (nodes.get(node) !== true) return found(`--node: ${node} is not online`);
  const looks = [
    await storageLook(client, node, asked),
    await bridgeLook(client, node, asked.bridge),
    await sizeLook(client, node, asked),
  ];
  return { faults: looks.flatMap(({ faults }) => faults), unchecked: looks.flatMap(({ unchecked }) => unchecked) };
}

async function storageLook(
  client: ProxmoxClient,
  node: string,
  { storage, size, type }: AskedPlace,
): Promise<PlaceLook> {
  if (storage === undefined) return nothing;
  const all = await readStorages(client, node);
  const one = all.find((candidate) => candidate.storage === storage);
  if (one !== undefined) return { faults: againstStorage(one, node, { type, size }), unchecked: [] };
  const path = `/storage/${storage}`;
  if (!(await mayAny(client, path, ['Datastore.Audit', 'Datastore.AllocateSpace'])))
    return unseen(`whether ${node} has the storage ${storage}`, 'Datastore.Audit', path);
  const known = all.map((candidate) => candidate.storage);
  const there = known.length === 0 ? 'it has none' : `it has ${oneOf(known)}`;
  return found(`--storage: ${storage} is no storage of ${node}; ${didYouMean(storage, known) || there}`);
}

function againstStorage(
  { storage, active, content, available }: NodeStorage,
  node: string,
  { type, size }: { type: AskedPlace['type']; size: number | undefined },
): string[] {
  const [kind, whose] = type === 'qemu' ? (['images', 'machines'] as const) : (['rootdir', 'containers'] as const);
  return [
    ...(active ? [] : [`--storage: ${storage} is not active on ${node}`]),
    ...(type === undefined || content.includes(kind)
      ? []
      : [`--storage: ${storage} takes no disks of ${whose} (its content is ${content.join(', ') || 'nothing'})`]),
    ...(size === undefined || available >= size * 2 ** 30
      ? []
      : [`--disk: ${printBytes(available)} are free in ${storage} of ${node}, fewer than ${size} GiB`]),
  ];
}

async function bridgeLook(client: ProxmoxClient, node: string, bridge: string | undefined): Promise<PlaceLook> {
  if (bridge === undefined) return nothing;
  const bridges = await readBridges(client, node);
  if (bridges.includes(bridge)) return nothing;
  // Before Proxmox VE 8 every token saw them; since then what is not listed may be there for others.
  if (!(await mayAny(client, '/sdn/zones', ['SDN.Audit', 'SDN.Use'])))
    return unseen(`whether ${node} has the bridge ${bridge}`, 'SDN.Audit', '/sdn/zones');
  const there = bridges.length === 0 ? 'it has none' : `it has ${oneOf(bridges)}`;
  return found(`--bridge: ${bridge} is no bridge of ${node}; ${didYouMean(bridge, bridges) || there}`);
}

async function sizeLook(client: ProxmoxClient, node: string, { cores, memory }: AskedPlace): Promise<PlaceLook> {
  if (cores === undefined && memory === undefined) return nothing;
  try {
    const { cpus, memoryTotal } = await readNode(client, node);
    const faults = [
      ...(cores === undefined || cores <= cpus ? [] : [`--cores: ${node} has ${cpus} CPUs, fewer than ${cores}`]),
      ...(memory === undefined || memory * 2 ** 20 <= memoryTotal
        ? []
        : [`--memory: ${node} has ${printBytes(memoryTotal)} in all, less than ${printBytes(memory * 2 ** 20)}`]),
    ];
    return { faults, unchecked: [] };
  } catch (error) {
    if (!isGitmendError(error, 'PVE_FORBIDDEN')) throw error;
    return unseen(`whether ${node} has as many CPUs and as much memory`, 'Sys.Audit', `/nodes/${node}`);
  }
}

const nothing: PlaceLook = { faults: [], unchecked: [] };

function found(fault: string): PlaceLook {
  return { faults: [fault], unchecked: [] };
}

function unseen(what: string, privilege: string, path: string): PlaceLook {
  return { faults: [], unchecked: [`${what} (the token that reads lacks ${privilege} on ${path})`] };
}
