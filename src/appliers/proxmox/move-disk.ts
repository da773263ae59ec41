import {
  type ProxmoxClient,
  readDiskKey,
  readRunning,
  readSeen,
  readStorages,
  type SeenGuest,
  waitAnswered,
} from '../../clients/proxmox/index.ts';
import type { Clock } from '../../core/clock.ts';
import type { LifeActionOf } from '../../core/life-action.ts';
import type { Preview } from '../../core/plan.ts';
import type { Step } from '../../core/step.ts';
import { type GuestTarget, printGuestTarget } from '../../core/target.ts';
import { printBytes } from '../../texts/words.ts';
import type { EffectToken, Observed } from '../applier.ts';
import { againstAbsent, againstContent, againstFull } from './room.ts';
import { refuseLocked, refuseMoved, unsent } from './unsent.ts';

export type MoveDiskAction = LifeActionOf<'move-disk'>;

/** Milliseconds for the task; a large disk on a slow storage takes longer, and is observed again. */
const longest = 3600_000;

const isDisk = /^(?:rootfs|(?:scsi|virtio|sata|ide)\d+)$/;

/** Where the configuration has the first disk. */
export async function observeMove(
  client: ProxmoxClient,
  { name }: Step,
  { from, to }: MoveDiskAction,
  seen: SeenGuest,
): Promise<Observed> {
  const guest = await asMoving(client, seen.guest);
  const now = guest.rootDisk?.storage;
  const saw = `the disk of ${name} is on ${now ?? 'no storage that is known'}`;
  return { state: now === to ? 'done' : now === from ? 'not-done' : 'unknown', saw, live: guest };
}

/** Whether the storage is there on the guest's node, takes such disks, and has room for this one. */
export async function previewMove(
  client: ProxmoxClient,
  { from, to }: MoveDiskAction,
  seen: SeenGuest,
): Promise<Preview> {
  const { template, pending } = seen;
  const guest = await asMoving(client, seen.guest);
  const disk = guest.rootDisk;
  const store = (await readStorages(client, guest.node)).find(({ storage }) => storage === to);
  const against = [
    ...(template ? [`${guest.name} is a template`] : []),
    ...(disk?.storage === from
      ? []
      : [`the disk of ${guest.name} is on ${disk?.storage ?? 'none'}, no longer on ${from}`]),
    ...(guest.lock === undefined ? [] : [`locked (${guest.lock})`]),
    // It would put the old volume back in its place when the guest is started next.
    ...pending.filter(({ key }) => isDisk.test(key)).map(({ key }) => `${key} waits for a restart on ${guest.node}`),
    ...(guest.type === 'lxc' && guest.status !== 'stopped'
      ? [`${guest.name} is ${guest.status}, and only a stopped container is moved`]
      : []),
    ...againstAbsent(store, to, guest.node),
    ...againstContent(store, guest.type),
    ...againstFull(store, disk?.size ?? 0),
  ];
  if (against.length > 0) return { accepted: false, notes: against };
  return { accepted: true, notes: ['not locked', `${printBytes(store?.available ?? 0)} free in ${to}`] };
}

/** A virtual machine's configuration says nothing of a disk that moves until it has moved: only its task does. */
async function asMoving(client: ProxmoxClient, guest: SeenGuest['guest']): Promise<SeenGuest['guest']> {
  if (guest.type === 'lxc' || guest.lock !== undefined) return guest;
  const running = await readRunning(client, guest);
  return running.includes('qmmove') ? { ...guest, lock: 'qmmove' } : guest;
}

/** Sends the move once, with the digest of what was observed, and waits for its task. Returns the UPID. */
export async function applyMove(
  client: ProxmoxClient,
  target: GuestTarget,
  action: MoveDiskAction,
  { token, clock }: { token: EffectToken; clock: Clock },
): Promise<string> {
  const guest = await asMoving(client, (await readSeen(client, target)).guest);
  refuseLocked(target, guest.lock);
  refuseMoved(target, guest.digest, token);
  const key = await readDiskKey(client, guest);
  if (key === undefined || guest.rootDisk?.storage !== action.from)
    throw unsent(
      'PVE_CONFLICT',
      `the disk of ${printGuestTarget(target)} is no longer on ${action.from}; nothing was sent`,
    );
  const guests = client.api.nodes.$(guest.node);
  // Without `delete`: the old volume stays.
  const asked = { storage: action.to, digest: guest.digest };
  const answer: unknown =
    target.type === 'lxc'
      ? await guests.lxc.$(target.vmid).move_volume.$post({ ...asked, volume: 'rootfs' })
      : await guests.qemu.$(target.vmid).move_disk.$post({ ...asked, disk: key as 'scsi0' });
  return waitAnswered(client, { ...target, node: guest.node }, { call: '', answer }, { timeout: longest, clock });
}
