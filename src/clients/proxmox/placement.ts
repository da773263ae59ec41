import { z } from 'zod';
import type { ProxmoxClient } from './client.ts';
import { bootDiskOf, type GuestPlace, readWholeConfig } from './config.ts';
import { flag, maybeNumber, resources } from './shapes.ts';

/** A storage as one node has it. Bytes. */
export interface NodeStorage {
  storage: string;
  shared: boolean;
  active: boolean;
  content: string[];
  available: number;
}

const storageList = z.array(
  z.object({
    storage: z.string(),
    shared: flag.optional(),
    active: flag.optional(),
    content: z.string().optional(),
    avail: maybeNumber,
  }),
);

/** The storages of a node that the token may see (Datastore.Audit on each). Throws a GitmendError. */
export async function readStorages(client: ProxmoxClient, node: string): Promise<NodeStorage[]> {
  const answer: unknown = await client.api.nodes.$(node).storage.$get({ enabled: true });
  return client
    .read(storageList, `/nodes/${node}/storage`, answer)
    .map(({ storage, shared, active, content, avail }) => ({
      storage,
      shared: shared ?? false,
      active: active ?? false,
      content: (content ?? '').split(',').filter((kind) => kind !== ''),
      available: avail ?? 0,
    }));
}

const bridgeList = z.array(z.object({ iface: z.string() }));

/** The bridges of a node and the networks of its SDN that the token may see (SDN.Audit or SDN.Use on each). Throws a GitmendError. */
export async function readBridges(client: ProxmoxClient, node: string): Promise<string[]> {
  const answer: unknown = await client.api.nodes.$(node).network.$get({ type: 'any_bridge' });
  return client.read(bridgeList, `/nodes/${node}/network`, answer).map(({ iface }) => iface);
}

/** The key of a guest's first disk: a container's `rootfs`, the disk that a machine boots from. Throws a GitmendError. */
export async function readDiskKey(client: ProxmoxClient, place: GuestPlace): Promise<string | undefined> {
  if (place.type === 'lxc') return 'rootfs';
  const { keys } = await readWholeConfig(client, place);
  return bootDiskOf(keys);
}

/** The nodes of the cluster, and whether each is online. Every token sees them. */
export async function readNodes(client: ProxmoxClient): Promise<Map<string, boolean>> {
  const answer: unknown = await client.api.cluster.resources.$get({ type: 'node' });
  const nodes = client.read(resources, '/cluster/resources', answer).filter(({ type }) => type === 'node');
  return new Map(
    nodes.flatMap(({ node, status }) => (node === undefined ? [] : [[node, status === 'online'] as const])),
  );
}

const precondition = z.object({
  allowed_nodes: z.array(z.string()).optional(),
  local_resources: z.array(z.string()).optional(),
  local_disks: z.array(z.object({ volid: z.string() })).optional(),
  not_allowed_nodes: z
    .record(z.string(), z.object({ unavailable_storages: z.array(z.string()).optional() }))
    .optional(),
});

/** What Proxmox VE itself says against a migration there, and the local disks that come along. Takes VM.Migrate. */
export interface MigrationCheck {
  against: string[];
  localDisks: string[];
}

/** `GET …/migrate` of a virtual machine; for containers there is one since Proxmox VE 9 only. Throws PVE_FORBIDDEN where the token may not migrate. */
export async function checkMigration(
  client: ProxmoxClient,
  { node, vmid }: { node: string; vmid: number },
  to: string,
): Promise<MigrationCheck> {
  const answer: unknown = await client.api.nodes.$(node).qemu.$(vmid).migrate.$get({ target: to });
  const said = client.read(precondition, `/nodes/${node}/qemu/${vmid}/migrate`, answer);
  const allowed = said.allowed_nodes;
  const missing = said.not_allowed_nodes?.[to]?.unavailable_storages ?? [];
  return {
    against: [
      ...(allowed === undefined || allowed.includes(to) ? [] : [`Proxmox VE does not let it move to ${to}`]),
      ...missing.map((storage) => `${to} does not have ${storage}`),
      ...(said.local_resources ?? []).map((resource) => `it uses ${resource} of ${node}`),
    ],
    localDisks: (said.local_disks ?? []).map(({ volid }) => volid),
  };
}
