import {
  isFreeId,
  listGuests,
  type ProxmoxClient,
  readNode,
  readNodes,
  readSeen,
  readStorages,
} from '../../clients/proxmox/index.ts';
import { cloneMark } from '../../core/clone-mark.ts';
import { isCalled } from '../../core/declared-guest.ts';
import { unless } from '../../core/errors.ts';
import type { Preview } from '../../core/plan.ts';
import type { CloneAction, Step } from '../../core/step.ts';
import type { GuestTarget } from '../../core/target.ts';
import { againstTemplate, lookAtClone } from './clone-look.ts';
import { againstAbsent, againstContent, againstCores, againstFull, hasMemory, memoryShort } from './room.ts';

/** What Proxmox VE would say to a clone, every reason at once: the template, the number and the name, node and storage. */
export async function previewClone(
  client: ProxmoxClient,
  target: GuestTarget,
  step: Step,
  action: CloneAction,
): Promise<Preview> {
  const found = await lookAtClone(client, target, cloneMark(step));
  if (found?.ours === true) return { accepted: true, notes: ['cloned by this before, and finished now'] };
  const template = await unless('PVE_NOT_FOUND', readSeen(client, { ...target, vmid: action.from }));
  const nodes = await readNodes(client);
  const online = nodes.get(action.to) === true;
  const against = [
    ...againstTemplate(action, template),
    ...(await againstIdentity(client, target, step)),
    ...(online ? await againstNode(client, target, action) : [`${action.to} is not an online node of this cluster`]),
    ...(template === undefined ? [] : await againstDistance(client, action, template.guest.rootDisk?.storage)),
  ];
  if (against.length > 0) return { accepted: false, notes: against };
  return {
    accepted: true,
    notes: ['the template is as it was looked at', `${target.vmid} is free`, `${action.disk.storage} has room`],
  };
}

/** The token may not see who has a number, and a name twice is two guests that one cannot tell apart. */
async function againstIdentity(client: ProxmoxClient, { vmid }: GuestTarget, { name }: Step): Promise<string[]> {
  const guests = await listGuests(client);
  const named = guests.filter((guest) => guest.vmid !== vmid && isCalled(name, guest.name));
  return [
    ...((await isFreeId(client, vmid)) ? [] : [`${vmid} is taken already`]),
    ...named.map((guest) => `the name ${name} is taken by ${guest.type}/${guest.vmid} on ${guest.node}`),
  ];
}

async function againstNode(
  client: ProxmoxClient,
  { type }: GuestTarget,
  { to, disk, set, start }: CloneAction,
): Promise<string[]> {
  const [node, storages] = [await readNode(client, to), await readStorages(client, to)];
  const store = storages.find(({ storage }) => storage === disk.storage);
  const memory = set.memory * 2 ** 20;
  const short = start && type === 'qemu' && !hasMemory(node, memory);
  return [
    ...againstAbsent(store, disk.storage, to),
    ...againstContent(store, type),
    ...againstFull(store, disk.size, ` of ${to}`),
    ...againstCores(to, node, set.cores),
    ...(short ? [memoryShort(to, node, memory)] : []),
  ];
}

/** To another node only what lies on a shared storage is cloned (pve-container and qemu-server, `clone_vm`). */
async function againstDistance(
  client: ProxmoxClient,
  { from, node, to }: CloneAction,
  storage: string | undefined,
): Promise<string[]> {
  if (node === to) return [];
  const found = (await readStorages(client, node)).find((one) => one.storage === storage);
  return found?.shared === true
    ? []
    : [`the template ${from} is on ${node}, and its storage ${storage ?? ''} is not shared with ${to}`];
}
