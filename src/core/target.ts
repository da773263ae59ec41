/** The canonical name of one thing that gitmend may change: `home/lxc/200` (cluster, type, vmid). */
export type Target = string;

export type GuestType = 'lxc' | 'qemu';

export interface GuestTarget {
  cluster: string;
  type: GuestType;
  vmid: number;
}

const guestTarget = /^([a-z0-9][a-z0-9-]{0,62})\/(lxc|qemu)\/([1-9][0-9]{2,8})$/;

/** `{cluster: 'home', type: 'lxc', vmid: 200}` → `home/lxc/200` */
export function printGuestTarget(target: GuestTarget): Target {
  return `${target.cluster}/${target.type}/${target.vmid}`;
}

/** Reads a canonical guest target; `undefined` where the text is not exactly one. */
export function parseGuestTarget(text: string): GuestTarget | undefined {
  const [, cluster, type, vmid] = guestTarget.exec(text) ?? [];
  if (cluster === undefined || vmid === undefined) return undefined;
  return { cluster, type: type as GuestType, vmid: Number(vmid) };
}

/**
 * The target and what contains it, sorted: what a run must lock. A guest is contained by its cluster, because
 * two runs of one cluster share the headroom that each of them was judged by.
 */
export function lockedBy(target: Target): Target[] {
  const guest = parseGuestTarget(target);
  if (guest !== undefined) return [guest.cluster, target].sort();
  // Playbooks share hosts, and only a run says which.
  return target.startsWith('ansible/') ? ['ansible', target] : [target];
}

/** `guests` → `stack/guests`: the target of a step of stack code. */
export function printStackTarget(stack: string): Target {
  return `stack/${stack}`;
}

/** The stack of a target `stack/guests`; `undefined` where it is something else. */
export function parseStackTarget(text: string): string | undefined {
  return /^stack\/([A-Za-z0-9][A-Za-z0-9_-]{0,63})$/.exec(text)?.[1];
}
