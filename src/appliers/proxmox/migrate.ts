import {
  checkMigration,
  isForManager,
  locateGuest,
  type ProxmoxClient,
  readNode,
  readNodes,
  readRunning,
  readSeen,
  readStorages,
  type SeenGuest,
  waitAnswered,
} from '../../clients/proxmox/index.ts';
import type { Clock } from '../../core/clock.ts';
import { GitmendError, isGitmendError } from '../../core/errors.ts';
import type { LifeActionOf } from '../../core/life-action.ts';
import type { Preview } from '../../core/plan.ts';
import type { Step } from '../../core/step.ts';
import { type GuestTarget, printGuestTarget } from '../../core/target.ts';
import { printBytes } from '../../texts/words.ts';
import type { EffectToken, Observed } from '../applier.ts';
import { againstAbsent, againstCores, againstFull, hasMemory, memoryShort } from './room.ts';
import { refuseLocked, refuseMoved, unsent } from './unsent.ts';

export type MigrateAction = LifeActionOf<'migrate-guest'>;

/** Milliseconds for the task: disks that come along take their time. Longer, and the guest is observed again. */
const longest = 3600_000;
/** Seconds after the end of the task in which the cluster must say so; under HA, in which the manager must have begun. */
const settling = 120;

/** Where the cluster has the guest. Whether it runs there is the verification's to say. */
export function observeMigration({ name }: Step, { from, to }: MigrateAction, { guest }: SeenGuest): Observed {
  const saw = `${name} is on ${guest.node}`;
  const state = guest.node === to ? 'done' : guest.node === from ? 'not-done' : 'unknown';
  return { state, saw, live: guest };
}

/**
 * What stands against it: of the guest as it is, of the target (there, online, memory, cores, storage with room), and what
 * Proxmox VE itself says. That last takes VM.Migrate, which only the writing token has: then it is said and asked again there.
 */
export async function previewMigration(
  client: ProxmoxClient,
  action: MigrateAction,
  seen: SeenGuest,
): Promise<Preview> {
  const own = againstGuest(action, seen);
  const nodes = await readNodes(client);
  if (nodes.get(action.to) !== true) {
    const state = nodes.has(action.to) ? 'is not online' : 'is no node of this cluster';
    return { accepted: false, notes: [...own, `${action.to} ${state}`] };
  }
  const [target, asked] = [await targetFindings(client, action, seen), await askedOf(client, action, seen)];
  const against = [...own, ...target.against, ...asked.against];
  if (against.length > 0) return { accepted: false, notes: against };
  return { accepted: true, notes: ['not locked', ...target.notes, ...asked.notes] };
}

interface Findings {
  against: string[];
  notes: string[];
}

function againstGuest({ from, how }: MigrateAction, { guest, template, pending }: SeenGuest): string[] {
  const wanted = how === 'offline' ? 'stopped' : 'running';
  // A container is started anew, and takes in what waits.
  const foreign = how === 'restart' ? pending.map(({ key }) => key) : [];
  return [
    ...(template ? [`${guest.name} is a template`] : []),
    ...(guest.node === from ? [] : [`${guest.name} is on ${guest.node}, no longer on ${from}`]),
    ...(guest.status === wanted ? [] : [`${guest.name} is ${guest.status}, no longer ${wanted}`]),
    ...(guest.lock === undefined ? [] : [`locked (${guest.lock})`]),
    ...foreign.map((key) => `${key} waits for a restart on ${guest.node} and did not come from here`),
  ];
}

async function targetFindings(
  client: ProxmoxClient,
  { to, how }: MigrateAction,
  { guest }: SeenGuest,
): Promise<Findings> {
  const [node, storages] = [await readNode(client, to), await readStorages(client, to)];
  const memory = (guest.running.memory ?? 0) * 2 ** 20;
  // A container's memory is a cap, a machine's is taken as it arrives.
  const short = how === 'online' ? !hasMemory(node, memory) : memory > node.memoryTotal;
  const cores = (guest.running.cores ?? 1) * (guest.cpu?.sockets ?? 1);
  const disk = guest.rootDisk;
  const store = storages.find(({ storage }) => storage === disk?.storage);
  const against = [
    ...(short ? [memoryShort(to, node, memory)] : []),
    ...againstCores(to, node, cores),
    ...(disk === undefined ? [] : againstAbsent(store, disk.storage, to)),
    // On a shared storage it stays where it is.
    ...(disk === undefined || store?.shared === true ? [] : againstFull(store, disk.size, ` of ${to}`)),
  ];
  return {
    against,
    notes: [
      `${printBytes(node.memoryAvailable)} free on ${to}`,
      ...(store === undefined ? [] : [`${store.storage} is there`]),
    ],
  };
}

async function askedOf(client: ProxmoxClient, { to }: MigrateAction, { guest }: SeenGuest): Promise<Findings> {
  if (guest.type === 'lxc') return { against: [], notes: [] };
  try {
    const { against, localDisks } = await checkMigration(client, guest, to);
    return { against, notes: localDisks.length === 0 ? [] : [`${localDisks.join(', ')} move along`] };
  } catch (error) {
    if (!isGitmendError(error, 'PVE_FORBIDDEN')) throw error;
    return {
      against: [],
      notes: ['asked right before it moves: whether its devices allow it (this token lacks VM.Migrate)'],
    };
  }
}

/** Sends the migration once, and waits for its task and until the cluster has the guest there. Returns the UPID. */
export async function applyMigration(
  client: ProxmoxClient,
  target: GuestTarget,
  { from, to, how }: MigrateAction,
  { token, clock }: { token: EffectToken; clock: Clock },
): Promise<string> {
  const { guest } = await readSeen(client, target);
  refuseLocked(target, guest.lock);
  refuseMoved(target, guest.digest, token);
  if (guest.node !== from || guest.status !== token.live?.status)
    throw unsent('PVE_CONFLICT', `${printGuestTarget(target)} is ${guest.status} on ${guest.node}; nothing was sent`);
  const guests = client.api.nodes.$(from);
  const answer: unknown =
    target.type === 'lxc'
      ? await guests.lxc.$(target.vmid).migrate.$post({ target: to, ...(how === 'restart' ? { restart: true } : {}) })
      : await guests.qemu
          .$(target.vmid)
          .migrate.$post({ target: to, ...(how === 'online' ? { online: true, 'with-local-disks': true } : {}) });
  const upid = await waitAnswered(
    client,
    { ...target, node: from },
    { call: '/migrate', answer },
    { timeout: longest, clock },
  );
  await waitThere(client, target, { from, to, upid, clock });
  return upid;
}

async function waitThere(
  client: ProxmoxClient,
  target: GuestTarget,
  { from, to, upid, clock }: { from: string; to: string; upid: string; clock: Clock },
): Promise<void> {
  const [until, last] = [clock.now() + settling * 1000, clock.now() + longest];
  for (;;) {
    const node = await locateGuest(client, target);
    if (node === to) return;
    const isLate =
      clock.now() >= until && !(clock.now() < last && isForManager(upid) && (await isMoving(client, target, from)));
    if (isLate)
      throw new GitmendError(
        'PVE_TIMEOUT',
        `task ${upid} ended, and ${target.type}/${target.vmid} is still on ${node}, not on ${to}`,
        { details: { maybeWritten: true, upid } },
      );
    await clock.sleep(2000);
  }
}

/** Whether a task of its own moves it now: the one that HA's manager began (pve-ha-manager `migrate`). */
async function isMoving(client: ProxmoxClient, { vmid }: GuestTarget, node: string): Promise<boolean> {
  return (await readRunning(client, { node, vmid })).some((type) => type === 'qmigrate' || type === 'vzmigrate');
}
