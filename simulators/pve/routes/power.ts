import { applyPending, checkLock } from '../config.ts';
import { die } from '../errors.ts';
import type { Call, Lab, Permission, Route } from '../lab.ts';
import { route } from '../lab.ts';
import type { Parameters } from '../parameters.ts';
import { flag, guestParameters, integer, text } from '../parameters.ts';
import { startGuestTask, tellManager } from '../tasks.ts';
import { type Guest, isManaged, noteSize } from '../world.ts';
import type { GuestType } from './guests.ts';
import { guestOf } from './guests.ts';

const permission: Permission = { path: '/vms/{vmid}', privileges: ['VM.PowerMgmt'] };

interface Verb {
  verb: 'start' | 'stop' | 'shutdown' | 'reboot';
  parameters: Record<GuestType, Parameters>;
  effect: (lab: Lab, guest: Guest) => void;
}

const timeout = { timeout: integer(0) };
const skip = { skiplock: flag() };
const stopOptions = { ...skip, 'overrule-shutdown': flag() };
const keep = { ...timeout, keepActive: flag() };

const verbs: Verb[] = [
  {
    verb: 'start',
    parameters: {
      lxc: { ...skip, debug: flag() },
      qemu: { ...skip, ...timeout, machine: text(), 'force-cpu': text() },
    },
    effect: startGuest,
  },
  { verb: 'stop', parameters: { lxc: stopOptions, qemu: { ...stopOptions, ...keep } }, effect: stopGuest },
  {
    verb: 'shutdown',
    parameters: { lxc: { ...timeout, forceStop: flag() }, qemu: { ...skip, ...keep, forceStop: flag() } },
    effect: stopGuest,
  },
  { verb: 'reboot', parameters: { lxc: timeout, qemu: timeout }, effect: rebootGuest },
];

/** `…/status/{verb}`: a UPID at once, the effect when the task ends (pve-container `PVE::API2::LXC::Status`, qemu-server `PVE::API2::Qemu`). */
export function powerRoutes(type: GuestType): Route[] {
  return verbs.map((verb) => {
    const path = `/nodes/{node}/${type}/{vmid}/status/${verb.verb}`;
    const parameters = { ...guestParameters, ...verb.parameters[type] };
    return route('POST', path, permission, parameters, (call) => power(call, guestOf(call, type), verb));
  });
}

function power(call: Call, guest: Guest, { verb, effect }: Verb): unknown {
  const wrong = wrongState(guest, verb);
  // A container's state is looked at before the task starts, and so is a VM's for a reboot; else the task finds out.
  const early = guest.type === 'lxc' || verb === 'reboot';
  if (early && wrong !== undefined) die(wrong);
  if (isManaged(guest) && verb !== 'reboot')
    return tellManager(call, guest, verb === 'start' ? 'hastart' : 'hastop', verb, () => effect(call.lab, guest));
  return startGuestTask(call, guest, verb, () => {
    checkLock(guest, call.trouble.lock);
    if (wrong === undefined) effect(call.lab, guest);
    else if (verb === 'start') die(wrong); // stopping a stopped VM is no error
  });
}

// A container's reboot says VM, too.
function wrongState({ vmid, type, status }: Guest, verb: Verb['verb']): string | undefined {
  const kind = type === 'lxc' && verb !== 'reboot' ? 'CT' : 'VM';
  if (verb === 'start') return status === 'running' ? `${kind} ${vmid} already running` : undefined;
  return status === 'running' ? undefined : `${kind} ${vmid} not running`;
}

/** A start takes pending values in first (pve-container `PVE::LXC::vm_start`, qemu-server `vm_start_nolock`). */
export function startGuest(lab: Lab, guest: Guest): void {
  applyPending(guest);
  guest.status = 'running';
  guest.startedAt = lab.now();
  noteSize(lab.world, guest, lab.now());
}

/** A VM's stop takes pending values in as well (qemu-server `vm_stop_cleanup`), a container's does not. */
export function stopGuest(_lab: Lab, guest: Guest): void {
  guest.status = 'stopped';
  if (guest.type === 'qemu') applyPending(guest);
}

function rebootGuest(lab: Lab, guest: Guest): void {
  stopGuest(lab, guest);
  startGuest(lab, guest);
}
