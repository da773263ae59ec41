import { type ProxmoxClient, readSeen, type SeenGuest } from '../../clients/proxmox/index.ts';
import { isGitmendError } from '../../core/errors.ts';
import type { Json } from '../../core/json.ts';
import type { Step } from '../../core/step.ts';
import type { GuestTarget } from '../../core/target.ts';
import type { Observed } from '../applier.ts';
import { aimedAt, allAre, printField, sizeField } from './values.ts';

/**
 * Whether a guest is as a step leaves it, by looking at the guest alone. A guest that is gone, a value that is neither
 * the one before nor the one after, or some of each: unknown, with what was seen. Throws where it cannot look.
 */
export async function observeStep(client: ProxmoxClient, target: GuestTarget, step: Step): Promise<Observed> {
  let seen: SeenGuest;
  try {
    seen = await readSeen(client, target);
  } catch (error) {
    if (isGitmendError(error, 'PVE_NOT_FOUND')) return { state: 'unknown', saw: error.message };
    throw error;
  }
  return { ...judge(step, seen), live: seen.guest };
}

type Judgement = Pick<Observed, 'state' | 'saw'>;

function judge(step: Step, { guest }: SeenGuest): Judgement {
  const wanted = aimedAt(step);
  const fields = Object.keys(wanted);
  const inForce = (field: string): number | undefined => sizeField(guest.running, field);
  const waiting = (field: string): number | undefined => sizeField(guest.pending, field);
  const value = (field: string): number | undefined =>
    waitsForRestart(step, guest.status) ? (waiting(field) ?? inForce(field)) : inForce(field);
  const say = (tail: string): string =>
    fields
      .map((field) => `${field} of ${step.name} is ${printField(field, value(field))} on ${guest.node}`)
      .join(', ') + tail;

  const restarts = step.action.kind === 'reboot-guest';
  if (allAre(fields, value, wanted) && !(restarts && fields.some((field) => differs(waiting(field), wanted[field])))) {
    return { state: 'done', saw: say('') };
  }
  // What waits for a restart with our own value may be the half of a write of ours; any other is somebody else's.
  const foreign = fields.filter((field) => differs(waiting(field), wanted[field]));
  if (allAre(fields, inForce, step.before) && foreign.length === 0)
    return { state: 'not-done', saw: say(', as before') };
  const why = [
    ...moved(step, fields, inForce, guest.node),
    ...foreign.map(
      (field) =>
        `${field} ${printField(field, waiting(field))} of ${step.name} waits for a restart on ${guest.node} and did not come from here`,
    ),
  ];
  return { state: 'unknown', saw: why.join('; ') };
}

/** A running VM takes these values with its next start only, and the step says so. */
function waitsForRestart(step: Step, status: string): boolean {
  return step.action.kind === 'set-guest-config' && !step.live && status !== 'stopped';
}

function moved(
  step: Step,
  fields: readonly string[],
  inForce: (field: string) => number | undefined,
  node: string,
): string[] {
  return fields
    .filter((field) => differs(inForce(field), step.before[field], true))
    .map(
      (field) =>
        `${field} of ${step.name} is ${printField(field, inForce(field))} on ${node}, no longer the ${printField(field, step.before[field])} that this plan started from`,
    );
}

/** Whether a value is there and another one; `always` counts a missing one too. */
function differs(value: number | undefined, other: Json | undefined, always = false): boolean {
  return (always || value !== undefined) && value !== other;
}
