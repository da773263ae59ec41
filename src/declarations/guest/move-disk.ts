import { type Refusal, refusal } from '../../core/change-set.ts';
import type { DeclaredGuest } from '../../core/declared-guest.ts';
import { type LiveGuest, stillStopped } from '../../core/guest.ts';
import type { Step } from '../../core/step.ts';
import { lifeStep } from './life.ts';
import { missing, mistaken } from './identity.ts';

/** Whether two declarations put a disk of one size on different storages; one that grows, too, is not moved. */
export function movesDisk(before: DeclaredGuest, after: DeclaredGuest): boolean {
  return before.disk.storage !== after.disk.storage && before.disk.size === after.disk.size;
}

/** Another storage for the same disk → the step that moves it, or why not. Nothing where it is there already. */
export function moveDiskSteps(
  before: DeclaredGuest,
  after: DeclaredGuest,
  live: LiveGuest | undefined,
): Step[] | Refusal {
  const wrong = live === undefined ? missing(after) : mistaken(after, live);
  if (live === undefined || wrong !== undefined) return wrong ?? missing(after);
  const { rootDisk } = live;
  if (rootDisk === undefined || after.leave?.includes('disk') === true)
    return unsupported(`the disk of ${after.name} is not one that this file says in full`, 'move it by hand');
  const [from, to] = [rootDisk.storage, after.disk.storage];
  if (from === to) return [];
  if (from !== before.disk.storage)
    return unsupported(
      `the disk of ${after.name} is on ${from}, and the declaration says ${before.disk.storage}`,
      'bring the declaration in line with where it is first',
    );
  if (live.type === 'lxc' && live.status !== 'stopped')
    return refusal(
      'target-not-ready',
      `${after.name} is ${live.status}, and Proxmox VE moves the disk of a stopped container only`,
      `gitmend guest stop ${after.name}, and when that is merged and applied, this one`,
    );
  const move = (one: string, other: string) => ({ kind: 'move-disk', from: one, to: other }) as const;
  const change = { field: 'storage', before: from, after: to };
  const step = lifeStep(after, live, { action: move(from, to), inverse: move(to, from), change, live: true });
  const stays = stillStopped(after, live);
  return [{ ...step, before: { ...step.before, ...stays }, after: { ...step.after, ...stays } }];
}

function unsupported(message: string, next: string): Refusal {
  return refusal('unsupported-change', message, next);
}
