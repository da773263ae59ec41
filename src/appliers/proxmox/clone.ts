import { type ProxmoxClient, readSeen, waitAnswered } from '../../clients/proxmox/index.ts';
import type { Clock } from '../../core/clock.ts';
import { cloneMark } from '../../core/clone-mark.ts';
import { unless } from '../../core/errors.ts';
import type { CloneAction, Step } from '../../core/step.ts';
import { type GuestTarget, printGuestTarget } from '../../core/target.ts';
import type { EffectToken, Observed } from '../applier.ts';
import { againstTemplate, lookAtClone, missingOf } from './clone-look.ts';
import { finishClone } from './clone-finish.ts';
import { afterWrite, refuseLocked, refuseMoved, unsent } from './unsent.ts';

export { previewClone } from './clone-preview.ts';

/** Milliseconds for the task: a full clone copies every block. Longer, and it is observed again. */
const longest = 3600_000;

/**
 * Whether the clone is there as declared. One of ours that lacks something is `not-done`, so that it is finished; a guest
 * that this step did not make is for a person. While Proxmox VE still writes it, its lock is what there is to see.
 */
export async function observeClone(
  client: ProxmoxClient,
  target: GuestTarget,
  step: Step,
  action: CloneAction,
): Promise<Observed> {
  const found = await lookAtClone(client, target, cloneMark(step));
  if (found === undefined) return { state: 'not-done', saw: `${step.name} is not there` };
  const { seen, ours } = found;
  const live = seen.guest;
  const where = `${live.type}/${live.vmid} on ${live.node}`;
  if (!ours && (live.lock === 'create' || live.lock === 'clone'))
    return { state: 'not-done', saw: `${where} is being made (${live.lock})`, live };
  if (!ours) return { state: 'unknown', saw: `${where} is called ${live.name}, and this change did not make it`, live };
  const missing = missingOf(step, action, live);
  if (missing.length === 0) return { state: 'done', saw: `${step.name} is there as declared`, live };
  return { state: 'not-done', saw: `${step.name} is cloned, and not yet as declared: ${missing.join(', ')}`, live };
}

/**
 * `POST …/clone` where nothing is there, waited for, then what is still otherwise than declared. Of a clone that an ended
 * run left behind only the rest: never cloned twice. Returns the UPID of the clone, or of what the finish started last.
 */
export async function applyClone(
  client: ProxmoxClient,
  target: GuestTarget,
  step: Step,
  action: CloneAction,
  { token, clock }: { token: EffectToken; clock: Clock },
): Promise<string> {
  const found = await lookAtClone(client, target, cloneMark(step));
  const name = printGuestTarget(target);
  if (found === undefined) {
    if (token.live !== undefined) throw unsent('PVE_CONFLICT', `${name} was there a moment ago; nothing was sent`);
    const upid = await clone(client, target, step, action, clock);
    return afterWrite(async () => (await finishClone(client, target, { step, action, clock })) ?? upid);
  }
  if (!found.ours) throw unsent('PVE_CONFLICT', `${name} was not made by this change; nothing was sent`);
  refuseLocked(target, found.seen.guest.lock);
  refuseMoved(target, found.seen.guest.digest, token);
  return (await finishClone(client, target, { step, action, clock })) ?? found.seen.guest.digest;
}

async function clone(
  client: ProxmoxClient,
  target: GuestTarget,
  step: Step,
  action: CloneAction,
  clock: Clock,
): Promise<string> {
  const template = await unless('PVE_NOT_FOUND', readSeen(client, { ...target, vmid: action.from }));
  const [against] = againstTemplate(action, template);
  if (against !== undefined) throw unsent('PVE_CONFLICT', `${against}; nothing was sent`);
  const asked = {
    ...{ newid: target.vmid, full: true, storage: action.disk.storage, description: cloneMark(step) },
    ...(action.to === action.node ? {} : { target: action.to }),
  };
  const guests = client.api.nodes.$(action.node);
  const answer: unknown =
    target.type === 'lxc'
      ? await guests.lxc.$(action.from).clone.$post({ ...asked, hostname: step.name })
      : await guests.qemu.$(action.from).clone.$post({ ...asked, name: step.name });
  const place = { node: action.node, type: target.type, vmid: action.from };
  return afterWrite(() => waitAnswered(client, place, { call: '/clone', answer }, { timeout: longest, clock }));
}
