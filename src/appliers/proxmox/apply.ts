import { locateGuest, type ProxmoxClient, readConfig, readSeen, waitAnswered } from '../../clients/proxmox/index.ts';
import type { Clock } from '../../core/clock.ts';
import { GitmendError } from '../../core/errors.ts';
import type { Step } from '../../core/step.ts';
import { type GuestTarget, type GuestType, printGuestTarget } from '../../core/target.ts';
import type { EffectToken } from '../applier.ts';
import { waitStatus } from './power.ts';
import { afterWrite, refuseLocked, unsent } from './unsent.ts';
import { aimedAt, printField } from './values.ts';

/** Seconds that a guest gets to shut down before PVE gives up; the value that bpg/proxmox uses. */
const shutdownTimeout = 300;

/**
 * Does one step, sending its write once. Returns the digest of the configuration after it, or the UPID of the restart.
 * Refuses before writing where the guest is locked (PVE_LOCKED) or no longer what the token's live state says
 * (PVE_CONFLICT). Every GitmendError says in `details.maybeWritten` whether the guest may have changed.
 */
export async function applyStep(
  client: ProxmoxClient,
  target: GuestTarget,
  step: Step,
  token: EffectToken,
  clock: Clock,
): Promise<string> {
  return step.action.kind === 'set-guest-config'
    ? setConfig(client, target, step.action.set, token)
    : reboot(client, target, aimedAt(step), token, clock);
}

async function setConfig(
  client: ProxmoxClient,
  target: GuestTarget,
  set: { [key: string]: number },
  token: EffectToken,
): Promise<string> {
  const values = checkValues(target.type, set);
  const place = { ...target, node: await locateGuest(client, target) };
  const config = await readConfig(client, place);
  refuseLocked(target, config.lock);
  refuseChanged(target, config.digest, token);
  const guests = client.api.nodes.$(place.node);
  const { digest } = liveOf(token);
  // PVE gives a container's memory an integer and a VM's a property string.
  if (target.type === 'lxc') await guests.lxc.$(target.vmid).config.$put({ ...values, digest });
  else await guests.qemu.$(target.vmid).config.$put({ ...vmValues(values), digest });
  return afterWrite(() => readConfig(client, place).then((after) => after.digest));
}

async function reboot(
  client: ProxmoxClient,
  target: GuestTarget,
  makes: { [key: string]: number },
  token: EffectToken,
  clock: Clock,
): Promise<string> {
  const { guest, pending } = await readSeen(client, target);
  refuseLocked(target, guest.lock);
  refuseChanged(target, guest.digest, token);
  if (guest.status !== 'running')
    throw unsent('PVE_REFUSED', `${printGuestTarget(target)} is ${guest.status}, so it is not restarted`);
  // A restart puts everything in force that waits; what nobody approved must not ride along.
  const foreign = pending
    .filter(({ key, value }) => makes[key] !== value)
    .map(({ key, value }) => `${key} ${printField(key, value)}`);
  if (foreign.length > 0) {
    throw unsent(
      'PVE_CONFLICT',
      `a restart of ${printGuestTarget(target)} would also put in force what nobody approved: ${foreign.join(', ')}`,
    );
  }
  // Somebody may have taken back what was to come into force: then a restart would be an outage for nothing.
  if (!pending.some(({ key }) => Object.hasOwn(makes, key)))
    throw unsent(
      'PVE_REFUSED',
      `${Object.keys(makes).join(', ')} of ${printGuestTarget(target)} no longer waits for a restart, so it is not restarted`,
    );
  const guests = client.api.nodes.$(guest.node)[target.type];
  const answer: unknown = await guests.$(target.vmid).status.reboot.$post({ timeout: shutdownTimeout });
  return afterWrite(async () => {
    const place = { ...target, node: guest.node };
    const timeout = (shutdownTimeout + 120) * 1000;
    const upid = await waitAnswered(client, place, { call: '/status/reboot', answer }, { timeout, clock });
    await waitStatus(client, place, { wanted: 'running', upid, clock });
    return upid;
  });
}

/** Only what this project writes, and only as PVE takes it: a step that says otherwise is a fault of ours. */
function checkValues(
  type: GuestType,
  set: { [key: string]: number },
): { cores?: number; memory?: number; swap?: number } {
  const known = type === 'lxc' ? ['cores', 'memory', 'swap'] : ['cores', 'memory'];
  const wrong = Object.entries(set).filter(
    ([key, value]) => !known.includes(key) || !Number.isSafeInteger(value) || value < 0,
  );
  if (wrong.length === 0 && Object.keys(set).length > 0) return set;
  throw unsent(
    'INTERNAL',
    `a step would write ${wrong.map(([key]) => key).join(', ') || 'nothing'}, which no ${type} guest takes from gitmend`,
  );
}

function vmValues({ cores, memory }: { cores?: number; memory?: number }) {
  return { ...(cores === undefined ? {} : { cores }), ...(memory === undefined ? {} : { memory: String(memory) }) };
}

/** PVE holds the digest against its file in the same breath as it writes; this only says so earlier and in our words. */
function refuseChanged(target: GuestTarget, digest: string, token: EffectToken): void {
  const live = liveOf(token);
  if (digest === live.digest) return;
  throw unsent(
    'PVE_CONFLICT',
    `the configuration of ${printGuestTarget(target)} changed after it was read at ${live.at}; nothing was sent`,
  );
}

/** What is written through the API is written to a guest that was seen. */
function liveOf({ live }: EffectToken): NonNullable<EffectToken['live']> {
  if (live === undefined)
    throw new GitmendError('INTERNAL', 'a step of the API comes with the guest that was observed');
  return live;
}
