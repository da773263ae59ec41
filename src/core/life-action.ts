/**
 * What the API of Proxmox VE does to a guest beside its size, each by one request (`/nodes/N/{lxc,qemu}/V/…`). Each has
 * another one as its way back.
 */
export type LifeAction =
  /** `POST …/status/start`. */
  | { kind: 'start-guest' }
  /**
   * `POST …/status/shutdown` with so many seconds and without force: a guest that does not follow keeps running. `makes`:
   * sizes written before that come into force by it.
   */
  | { kind: 'stop-guest'; timeout: number; makes?: { [field: string]: number } }
  /** `PUT …/config` with the digest read just before: all tags that the guest shall have then, sorted. */
  | { kind: 'tag-guest'; tags: string[] }
  /** The same for `protection`: whether Proxmox VE refuses to destroy the guest and its disks. */
  | { kind: 'protect-guest'; protection: boolean }
  /**
   * `POST …/migrate`. A running virtual machine moves `online`, with its local disks; a running container is shut down and
   * started again there (`restart`); what is stopped moves as it is (`offline`).
   */
  | { kind: 'migrate-guest'; from: string; to: string; how: 'online' | 'restart' | 'offline' }
  /**
   * `POST …/move_volume` of a stopped container's `rootfs`, `POST …/move_disk` of a virtual machine's boot disk, running or
   * not. The old volume stays, as `unused`: nothing that is approved as a move takes data away.
   */
  | { kind: 'move-disk'; from: string; to: string };

/** The action of that kind. */
export type LifeActionOf<K extends LifeAction['kind']> = Extract<LifeAction, { kind: K }>;

export const lifeActionKinds = [
  'start-guest',
  'stop-guest',
  'tag-guest',
  'protect-guest',
  'migrate-guest',
  'move-disk',
] as const satisfies readonly LifeAction['kind'][];

export function isLifeAction(action: { kind: string }): action is LifeAction {
  return (lifeActionKinds as readonly string[]).includes(action.kind);
}
