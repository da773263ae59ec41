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
  const [against] = againstDestroying(guest, live, backup);
  if (against !== undefined) return against;
  // Without one it was refused just now.
  return backup === undefined ? [] : [destroyStep(guest, live, backup)];
}

/** Everything that keeps this guest from being destroyed, each with what to do about it; empty where nothing does. */
export function againstDestroying(
  { name }: DeclaredGuest,
  live: LiveGuest,
  backup: Backup | undefined,
): readonly Refusal[] {
  // Of another guest nothing else is worth knowing.
  if (!isCalled(name, live.name)) {
    const seen = `${whereOf(live)} is called ${live.name}, and what is declared no more is ${name}`;
    return [refusal('target-mismatch', seen, 'make both say the same before anything is destroyed')];
  }
  return [
    notStopped(name, live),
    notBackedUp(name, live, backup),
    isProtected(name, live),
    isManaged(name, live),
    isReplicated(name, live),
    beyondBackup(name, live),
    afterBackup(name, live, backup),
  ].filter((one) => one !== undefined);
}

function notStopped(name: string, { status, type, vmid, node }: LiveGuest): Refusal | undefined {
  if (status === 'stopped') return undefined;
  const help = `stop it first: ${toolOf(type)} shutdown ${vmid} on ${node}, or gitmend guest stop ${name}`;
  return refusal('target-not-ready', `${name} is ${status}, and only what is stopped is destroyed`, help);
}

function notBackedUp(name: string, { vmid, node }: LiveGuest, backup: Backup | undefined): Refusal | undefined {
  if (backup !== undefined) return undefined;
  const help = `make one: vzdump ${vmid} --storage STORAGE on ${node}, or Backup now on its page; then this is planned again`;
  return refusal('no-backup', `no backup of ${name} ended well on ${node} within 24 hours`, help);
}

function isProtected(name: string, { protected: kept, type, vmid, node }: LiveGuest): Refusal | undefined {
  if (kept !== true) return undefined;
  const help = `take the protection away first: ${toolOf(type)} set ${vmid} --protection 0 on ${node}, or gitmend guest unprotect ${name}`;
  return refusal('target-not-ready', `${name} is protected, and Proxmox VE does not destroy it`, help);
}

/** Proxmox VE refuses it while it is a resource of HA, managed or not (pve-container, qemu-server `destroy_vm` without `purge`). */
function isManaged(name: string, { ha, ties, type, vmid, node }: LiveGuest): Refusal | undefined {
  const state = ties?.resource?.state;
  if (ha === undefined && state === undefined) return undefined;
  const how = ha === undefined ? `configured in high availability (${state})` : 'managed by high availability';
  const help = `take it out of high availability first: ha-manager remove ${type === 'lxc' ? 'ct' : 'vm'}:${vmid} on ${node}`;
  return refusal('target-not-ready', `${name} is ${how}, and Proxmox VE does not destroy it`, help);
}

/** Refused the same way; a job that is deleted stays until its copy is gone (pve-guest-common `check_for_existing_jobs`). */
function isReplicated(name: string, { ties, node }: LiveGuest): Refusal | undefined {
  const jobs = ties?.replication ?? [];
  if (jobs.length === 0) return undefined;
  const seen = jobs.map(({ id, to }) => `${id} to ${to}`).join(', ');
  const commands = jobs.map(({ id }) => `pvesr delete ${id}`).join(' && ');
  return refusal(
    'target-not-ready',
    `${name} is replicated (${seen}), and Proxmox VE does not destroy it`,
    `end its replication first: ${commands} on ${node}; done once pvesr list does not show it any more`,
  );
}

function beyondBackup(name: string, { notBackedUp: volumes, type, vmid, node }: LiveGuest): Refusal | undefined {
  if (volumes === undefined) return undefined;
  // No backup takes a volume that is not attached, and Proxmox VE knows no `backup` of one.
  const unused = volumes.filter((key) => key.startsWith('unused'));
  const attached = volumes.filter((key) => !unused.includes(key));
  const ways: string[] = [];
  if (attached.length > 0) {
    const what = attached.join(', ');
    ways.push(`have it backed up (backup=1 on ${what}) and make a backup anew, or move ${what} away by hand`);
  }
  if (unused.length > 0) {
    const remove = `${toolOf(type)} set ${vmid} --delete ${unused.join(',')} on ${node}`;
    ways.push(
      `attach ${unused.join(', ')} again and make a backup anew, or remove it with all that is on it: ${remove}`,
    );
  }
  const seen = `${volumes.join(', ')} of ${name} would be destroyed with it, and is in no backup`;
  return refusal('no-backup', seen, ways.join('; '));
}

/** A disk that came, or was first included, after the backup. What is in none by its configuration was named before. */
function afterBackup(
  name: string,
  { volumes = [], notBackedUp: left = [], vmid, node }: LiveGuest,
  backup: Backup | undefined,
): Refusal | undefined {
  if (backup === undefined) return undefined;
  const missing = volumes.filter((key) => !backup.holds.includes(key) && !left.includes(key));
  if (missing.length === 0) return undefined;
  const seen = `the backup of ${name} that ended ${backup.endedAt} does not hold ${missing.join(', ')}`;
  return refusal('no-backup', seen, `make one that does: vzdump ${vmid} --storage STORAGE on ${node}`);
}

function toolOf(type: LiveGuest['type']): string {
  return type === 'lxc' ? 'pct' : 'qm';
}

function whereOf({ type, vmid, node }: LiveGuest): string {
  return `${type}/${vmid} on ${node}`;
}

function destroyStep(guest: DeclaredGuest, live: LiveGuest, backup: Backup): Step {
  const where = whereOf(live);
  const { cores, memory, swap } = live.running;
  return {
    applier: 'proxmox',
    target: printGuestTarget(guest),
    name: guest.name,
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
  };
}
