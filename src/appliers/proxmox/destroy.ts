import {
  type Archive,
  findArchive,
  type ProxmoxClient,
  readBackup,
  readSeen,
  readTies,
  type SeenGuest,
  waitAnswered,
} from '../../clients/proxmox/index.ts';
import type { Clock } from '../../core/clock.ts';
import { unless } from '../../core/errors.ts';
import { type GuestTies, type LiveGuest, liveValue } from '../../core/guest.ts';
import { sameValue } from '../../core/json.ts';
import type { Preview } from '../../core/plan.ts';
import type { DestroyAction, Step } from '../../core/step.ts';
import type { GuestTarget } from '../../core/target.ts';
import type { EffectToken, Observed } from '../applier.ts';
import { refuseLocked, refuseMoved, unsent } from './unsent.ts';

/** Milliseconds for the task; the volumes of a large guest take a while. */
const longest = 30 * 60_000;

/** Whether the guest is gone, or still the one that was approved: another one under its number is for a person. */
export async function observeDestroyed(client: ProxmoxClient, target: GuestTarget, step: Step): Promise<Observed> {
  const seen = await unless('PVE_NOT_FOUND', readSeen(client, target));
  if (seen === undefined) return { state: 'done', saw: `${step.name} is gone` };
  const moved = movedIn(step, seen);
  if (moved.length > 0) return { state: 'unknown', saw: moved.join('; '), live: seen.guest };
  return { state: 'not-done', saw: `${step.name} is there as before`, live: seen.guest };
}

/**
 * What Proxmox VE would say, and whether the backup that was approved is still there: its task, and its archive as far as
 * this token may see it. Who plans mostly may not; who destroys must.
 */
export async function previewDestroy(
  client: ProxmoxClient,
  target: GuestTarget,
  step: Step,
  action: DestroyAction,
): Promise<Preview> {
  const seen = await unless('PVE_NOT_FOUND', readSeen(client, target));
  if (seen === undefined) return { accepted: false, notes: [`${step.name} is gone already`] };
  const { guest, template } = seen;
  const [archive, ties] = [await archiveOf(client, guest, action), await readTies(client, target)];
  const against = [
    ...movedIn(step, seen),
    ...(template ? [`${guest.name} is a template`] : []),
    ...(guest.status === 'stopped' ? [] : [`${guest.name} is ${guest.status}, and only what is stopped is destroyed`]),
    ...(guest.lock === undefined ? [] : [`locked (${guest.lock})`]),
    ...tiesOf(guest, ties),
    ...(archive.state === 'gone' ? [`the backup ${action.backup} is no more: ${archive.why}`] : []),
  ];
  if (against.length > 0) return { accepted: false, notes: against };
  const where =
    archive.state === 'there'
      ? `its archive is ${archive.volume}`
      : 'its archive is looked for before anything is destroyed';
  // Only said: a token that may not see it destroys what Proxmox VE lets it, which then refuses by itself.
  const unseen = ties.resource === null ? ['whether high availability names it cannot be seen: Sys.Audit on /'] : [];
  return { accepted: true, notes: ['stopped', 'not locked', 'backed up', where, ...unseen] };
}

function tiesOf({ name, ha }: LiveGuest, { resource, replication }: GuestTies): string[] {
  const state = resource?.state;
  const configured = state === undefined ? [] : [`${name} is configured in high availability (${state})`];
  return [
    ...(ha === undefined ? configured : [`${name} is managed by high availability`]),
    ...replication.map(({ id, to }) => `${name} is replicated to ${to} by the job ${id}`),
  ];
}

/**
 * Destroys the guest with its volumes: `DELETE …/{lxc,qemu}/V`, sent once, without `force`, `purge` and unreferenced
 * disks, so that jobs and backups stay. Returns the UPID of the task that ended well. What was seen is looked at once
 * more: PVE takes no digest here.
 */
export async function destroy(
  client: ProxmoxClient,
  target: GuestTarget,
  step: Step,
  { token, clock }: { token: EffectToken; clock: Clock },
): Promise<string> {
  const { guest } = await readSeen(client, target);
  refuseMoved(target, guest.digest, token);
  refuseLocked(target, guest.lock);
  if (guest.status !== 'stopped')
    throw unsent('PVE_REFUSED', `${step.name} is ${guest.status}, so it is not destroyed`);
  await demandArchive(client, guest, step);
  const answer: unknown = await client.api.nodes.$(guest.node)[target.type].$(target.vmid).$delete();
  return waitAnswered(client, { ...target, node: guest.node }, { call: '', answer }, { timeout: longest, clock });
}

/** The last thing that is left of the guest must be seen with these eyes: a task alone says that there was one. */
async function demandArchive(client: ProxmoxClient, guest: LiveGuest, { name, action }: Step): Promise<void> {
  if (action.kind !== 'destroy-guest') throw unsent('INTERNAL', `${name} is to be destroyed without a backup`);
  const archive = await archiveOf(client, guest, action);
  if (archive.state === 'there') return;
  const what = archive.state === 'gone' ? 'is no more' : 'cannot be seen';
  throw unsent(
    archive.state === 'gone' ? 'PVE_REFUSED' : 'PVE_FORBIDDEN',
    `the backup ${action.backup} of ${name} ${what}: ${archive.why}; nothing was destroyed`,
  );
}

async function archiveOf(client: ProxmoxClient, guest: LiveGuest, { backup }: DestroyAction): Promise<Archive> {
  const task = await readBackup(client, guest, { upid: backup });
  if (task === undefined) return { state: 'gone', why: `it is not among the tasks of ${guest.node}` };
  return findArchive(client, guest, task);
}

function movedIn({ before, name, action }: Step, { guest }: SeenGuest): string[] {
  const moved = Object.entries(before).flatMap(([field, value]) => {
    const now = liveValue(guest, field);
    if (sameValue(now, value)) return [];
    return [
      `${field} of ${name} is ${now === undefined ? 'not set' : JSON.stringify(now)}, no longer ${JSON.stringify(value)}`,
    ];
  });
  if (moved.length > 0 || action.kind !== 'destroy-guest' || action.config === guest.digest) return moved;
  return [`the configuration of ${name} was changed since it was looked at`];
}
