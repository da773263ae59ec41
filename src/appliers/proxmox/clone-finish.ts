import {
  bootDiskOf,
  type ProxmoxClient,
  readSeen,
  readWholeConfig,
  waitAnswered,
} from '../../clients/proxmox/index.ts';
import type { Clock } from '../../core/clock.ts';
import type { LiveGuest } from '../../core/guest.ts';
import type { CloneAction, Step } from '../../core/step.ts';
import { type GuestTarget, printGuestTarget } from '../../core/target.ts';
import { missingOf } from './clone-look.ts';
import { waitStatus } from './power.ts';
import { refuseLocked, unsent } from './unsent.ts';

interface Finish {
  step: Step;
  action: CloneAction;
  clock: Clock;
}

/** Milliseconds for a larger disk, and for a start. */
const longest = 600_000;

/**
 * What a clone still lacks, each part only where it does: one `PUT …/config`, the larger disk, the start last. Each
 * carries the digest of what was just read. Returns the UPID of the last task, where there was one.
 */
export async function finishClone(
  client: ProxmoxClient,
  target: GuestTarget,
  { step, action, clock }: Finish,
): Promise<string | undefined> {
  const first = await seenFree(client, target);
  const missing = missingOf(step, action, first);
  const lost = missing.find((field) => field === 'name' || field === 'storage');
  if (lost !== undefined)
    throw unsent('PVE_REFUSED', `${printGuestTarget(target)} has another ${lost} than the clone was made with`);
  if (missing.some((field) => field !== 'disk' && field !== 'not started')) await configure(client, first, action);
  const grown = missing.includes('disk') ? await grow(client, target, action, clock) : undefined;
  return missing.includes('not started') ? start(client, target, clock) : grown;
}

async function seenFree(client: ProxmoxClient, target: GuestTarget): Promise<LiveGuest> {
  const { guest } = await readSeen(client, target);
  refuseLocked(target, guest.lock);
  return guest;
}

async function configure(
  client: ProxmoxClient,
  { node, type, vmid, digest }: LiveGuest,
  { set, tags, protection }: CloneAction,
): Promise<void> {
  const guests = client.api.nodes.$(node);
  const { cores, memory, swap } = set;
  const more = {
    ...{ cores, digest },
    ...(tags === undefined ? {} : { tags: tags.join(';') }),
    ...(protection === undefined ? {} : { protection }),
  };
  if (type === 'lxc')
    await guests.lxc.$(vmid).config.$put({ ...more, memory, ...(swap === undefined ? {} : { swap }) });
  else await guests.qemu.$(vmid).config.$put({ ...more, memory: String(memory) });
}

/** The first disk, to its declared size. A disk only grows, so a second time finds nothing to do. */
async function grow(
  client: ProxmoxClient,
  target: GuestTarget,
  { disk: { size } }: CloneAction,
  clock: Clock,
): Promise<string> {
  const { node, digest } = await seenFree(client, target);
  const { keys } = await readWholeConfig(client, { ...target, node });
  const asked = { size: `${size}G`, digest };
  const guests = client.api.nodes.$(node);
  const key = bootDiskOf(keys) ?? 'scsi0';
  const answer: unknown =
    target.type === 'lxc'
      ? await guests.lxc.$(target.vmid).resize.$put({ disk: 'rootfs', ...asked })
      : await guests.qemu.$(target.vmid).resize.$put({ disk: key as 'scsi0', ...asked });
  return waitAnswered(client, { ...target, node }, { call: '/resize', answer }, { timeout: longest, clock });
}

async function start(client: ProxmoxClient, target: GuestTarget, clock: Clock): Promise<string> {
  const { node } = await seenFree(client, target);
  const answer: unknown = await client.api.nodes.$(node)[target.type].$(target.vmid).status.start.$post({});
  const place = { ...target, node };
  const upid = await waitAnswered(client, place, { call: '/status/start', answer }, { timeout: longest, clock });
  await waitStatus(client, place, { wanted: 'running', upid, clock });
  return upid;
}
