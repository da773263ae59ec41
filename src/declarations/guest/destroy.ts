import { type Refusal, refusal } from '../../core/change-set.ts';
import { type DeclaredGuest, isCalled } from '../../core/declared-guest.ts';
import type { Backup, LiveGuest } from '../../core/guest.ts';
import type { Step } from '../../core/step.ts';
import { printGuestTarget } from '../../core/target.ts';
import { preStateOf } from './step.ts';

/**
 * A guest that is declared no more → the step that destroys it, or why not. Only what is stopped and has a backup that
 * ended well within the last day: the backup is part of what is approved. Nothing where it is gone already.
 */
export function destroySteps(
  guest: DeclaredGuest,
  live: LiveGuest | undefined,
  backup: Backup | undefined,
): Step[] | Refusal {
  if (live === undefined) return [];
  const { name } = guest;
  const where = `${live.type}/${live.vmid} on ${live.node}`;
  if (!isCalled(name, live.name)) {
    const seen = `${where} is called ${live.name}, and what is declared no more is ${name}`;
    return refusal('target-mismatch', seen, 'make both say the same before anything is destroyed');
  }
  const tool = live.type === 'lxc' ? 'pct' : 'qm';
  if (live.status !== 'stopped') {
    const help = `stop it first: ${tool} shutdown ${live.vmid} on ${live.node}`;
    return refusal('target-not-ready', `${name} is ${live.status}, and only what is stopped is destroyed`, help);
  }
  if (backup === undefined) {
    const help = `make one: vzdump ${live.vmid} --storage STORAGE on ${live.node}, or Backup now on its page; then this is planned again`;
    return refusal('no-backup', `no backup of ${name} alone ended well on ${live.node} within 24 hours`, help);
  }
  if (live.protected === true) {
    const help = `take the protection away first: ${tool} set ${live.vmid} --protection 0 on ${live.node}`;
    return refusal('target-not-ready', `${name} is protected, and Proxmox VE does not destroy it`, help);
  }
  if (live.notBackedUp !== undefined) {
    const what = live.notBackedUp.join(', ');
    const help = `have it backed up (backup=1 on ${what}) and make a backup anew, or move ${what} away by hand`;
    return refusal('no-backup', `${what} of ${name} would be destroyed with it, and is in no backup`, help);
  }
  const { cores, memory, swap } = live.running;
  return [
    {
      applier: 'proxmox',
      target: printGuestTarget(guest),
      name,
      where,
      kind: 'destroy-guest',
      action: { kind: 'destroy-guest', backup: backup.upid, config: live.digest },
      preState: preStateOf(live),
      before: {
        ...{ name: live.name, node: live.node },
        ...(cores === undefined ? {} : { cores }),
        ...(memory === undefined ? {} : { memory }),
        ...(swap === undefined ? {} : { swap }),
        ...(live.rootDisk === undefined ? {} : { disk: live.rootDisk.size }),
      },
      after: {},
      changes: [{ field: 'guest', before: where, after: 'destroyed', unit: '' }],
      inverse: 'irreversible',
      live: false,
      reboots: false,
      destroys: true,
    },
  ];
}
