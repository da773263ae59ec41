import {
  type GuestPlace,
  isForManager,
  type ProxmoxClient,
  readSeen,
  readStatus,
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
import { hasMemory, keptFree } from './room.ts';
import { refuseLocked, refuseMoved, unsent } from './unsent.ts';
import { printField } from './values.ts';

/** Seconds after the end of its task in which the guest must be as it was told to: a VM's start and one under HA take a while. */
const settling = 120;

export type PowerAction = LifeActionOf<'start-guest' | 'stop-guest'>;

/** Whether the guest runs, or does not, as the step leaves it. */
export function observePower(step: Step, action: PowerAction, { guest }: SeenGuest): Observed {
  const saw = `${step.name} is ${guest.status} on ${guest.node}`;
  if (guest.status === wantedBy(action)) return { state: 'done', saw, live: guest };
  const before = action.kind === 'start-guest' ? 'stopped' : 'running';
  return { state: guest.status === before ? 'not-done' : 'unknown', saw, live: guest };
}

/** What Proxmox VE would say, and what would come into force beside it: nobody approved that. */
export function previewPower(action: PowerAction, seen: SeenGuest): Preview {
  const { guest, node, template } = seen;
  const starts = action.kind === 'start-guest';
  const before = starts ? 'stopped' : 'running';
  const short = starts && guest.type === 'qemu' ? shortOf(seen) : undefined;
  const against = [
    ...(template ? [`${guest.name} is a template`] : []),
    ...(guest.status === before ? [] : [`${guest.name} is ${guest.status} on ${guest.node}`]),
    ...(guest.lock === undefined ? [] : [`locked (${guest.lock})`]),
    ...foreignWords(action, seen).map((what) => `${what} waits on ${guest.node} and did not come from here`),
    ...(short === undefined ? [] : [short]),
  ];
  if (against.length > 0) return { accepted: false, notes: against };
  const free = starts ? [`${printBytes(node.memoryAvailable)} free on ${node.node}`] : [];
  return { accepted: true, notes: [before, 'not locked', ...free] };
}

/** A VM takes its memory when it starts; a container only what it uses. Some of the node's stays free, as for a larger one. */
function shortOf({ guest, node }: SeenGuest): string | undefined {
  const wanted = (guest.running.memory ?? 0) * 2 ** 20;
  if (hasMemory(node, wanted)) return undefined;
  return `${printBytes(wanted)} do not fit: ${printBytes(node.memoryAvailable)} are free on ${node.node}, of which ${printBytes(keptFree(node))} stay free`;
}

/** A start takes in what waits, and so does a VM's stop (pve-container `vm_start`, qemu-server `vm_stop_cleanup`). */
function foreignWords(action: PowerAction, { guest, pending }: SeenGuest): string[] {
  if (action.kind === 'stop-guest' && guest.type === 'lxc') return [];
  const makes = action.kind === 'stop-guest' ? (action.makes ?? {}) : {};
  const foreign = pending.filter(({ key, value }) => makes[key] !== value);
  return foreign.map(({ key, value }) => `${key} ${printField(key, value)}`);
}

/**
 * Sends the start or the shutdown once, and waits for its task and until the guest is so. Returns the UPID. Never with
 * force: a guest that does not shut down in time keeps running, and the task fails (PVE_TASK_FAILED).
 */
export async function applyPower(
  client: ProxmoxClient,
  target: GuestTarget,
  action: PowerAction,
  { token, clock }: { token: EffectToken; clock: Clock },
): Promise<string> {
  const seen = await readSeen(client, target);
  const { guest } = seen;
  refuseLocked(target, guest.lock);
  refuseMoved(target, guest.digest, token);
  const foreign = foreignWords(action, seen);
  if (foreign.length > 0)
    throw unsent(
      'PVE_CONFLICT',
      `${printGuestTarget(target)} would also take in what nobody approved: ${foreign.join(', ')}`,
    );
  const { status } = client.api.nodes.$(guest.node)[guest.type].$(guest.vmid);
  const answer: unknown =
    action.kind === 'start-guest'
      ? await status.start.$post({})
      : await status.shutdown.$post({ timeout: action.timeout });
  const place = { ...target, node: guest.node };
  const longest = action.kind === 'stop-guest' ? action.timeout : 300;
  const timeout = (longest + 120) * 1000;
  const upid = await waitAnswered(client, place, { call: '/status', answer }, { timeout, clock });
  // Under HA the task only tells the manager, which then gives the guest the same time (pve-ha-manager, `crm-command stop`).
  const patience = isForManager(upid) ? longest + settling : settling;
  await waitStatus(client, place, { wanted: wantedBy(action), upid, clock, patience });
  return upid;
}

function wantedBy({ kind }: PowerAction): 'running' | 'stopped' {
  return kind === 'start-guest' ? 'running' : 'stopped';
}

/**
 * A task may end before its guest is there: a VM's reboot ends when the VM is down and `qm cleanup` starts it later
 * (qemu-server `vm_reboot`), and a guest under HA is started by its manager. Throws PVE_TIMEOUT.
 */
export async function waitStatus(
  client: ProxmoxClient,
  place: GuestPlace,
  {
    wanted,
    upid,
    clock,
    patience = settling,
  }: { wanted: 'running' | 'stopped'; upid: string; clock: Clock; patience?: number },
): Promise<void> {
  const until = clock.now() + patience * 1000;
  for (;;) {
    const seen = await statusNow(client, place);
    if (seen === wanted) return;
    if (clock.now() >= until) {
      throw new GitmendError(
        'PVE_TIMEOUT',
        `task ${upid} ended, and ${place.type}/${place.vmid} is ${seen} on ${place.node} ${patience} s later, not ${wanted}`,
        { details: { maybeWritten: true, upid } },
      );
    }
    await clock.sleep(1000);
  }
}

async function statusNow(client: ProxmoxClient, { node, type, vmid }: GuestPlace): Promise<string> {
  try {
    return (await readStatus(client, node, type, vmid)).status;
  } catch (error) {
    if (isGitmendError(error, 'PVE_UNREACHABLE', 'PVE_TIMEOUT', 'PVE_FAILED')) return 'not to be seen';
    throw error;
  }
}
