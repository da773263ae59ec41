import { type ProxmoxClient, readSeen, readWholeConfig, type SeenGuest } from '../../clients/proxmox/index.ts';
import { isCalled } from '../../core/declared-guest.ts';
import { unless } from '../../core/errors.ts';
import { type LiveGuest, liveValue } from '../../core/guest.ts';
import { sameValue } from '../../core/json.ts';
import type { CloneAction, Step } from '../../core/step.ts';
import type { GuestTarget } from '../../core/target.ts';

/** What is under the number of a clone, and whether its notes say that this step made it. */
export interface FoundClone {
  seen: SeenGuest;
  ours: boolean;
}

/** `undefined`: nothing of that kind is there. Throws where it cannot look. */
export async function lookAtClone(
  client: ProxmoxClient,
  target: GuestTarget,
  mark: string,
): Promise<FoundClone | undefined> {
  const seen = await unless('PVE_NOT_FOUND', readSeen(client, target));
  if (seen === undefined) return undefined;
  const { keys } = await readWholeConfig(client, { ...target, node: seen.guest.node });
  const notes = typeof keys['description'] === 'string' ? keys['description'].split('\n') : [];
  return { seen, ours: notes.includes(mark) };
}

/** The fields of a clone of ours that are not yet as declared; a guest that somebody renamed has its name among them. */
export function missingOf({ name, after }: Step, { start, disk }: CloneAction, live: LiveGuest): string[] {
  const fields = Object.entries(after).filter(([field]) => field !== 'status');
  return [
    ...(isCalled(name, live.name) ? [] : ['name']),
    ...fields.flatMap(([field, value]) => (sameValue(liveValue(live, field), value) ? [] : [field])),
    ...(live.rootDisk?.storage === disk.storage ? [] : ['storage']),
    ...(start && live.status !== 'running' ? ['not started'] : []),
  ];
}

/** Everything against cloning this template: it must be the very one that was approved, and free. */
export function againstTemplate({ from, node, config }: CloneAction, seen: SeenGuest | undefined): string[] {
  if (seen === undefined) return [`the template ${from} is gone`];
  const { guest, template } = seen;
  return [
    ...(template ? [] : [`${guest.type}/${from} (${guest.name}) is not a template`]),
    ...(guest.node === node ? [] : [`the template ${from} is on ${guest.node}, no longer on ${node}`]),
    ...(guest.lock === undefined ? [] : [`the template ${from} is locked (${guest.lock})`]),
    ...(guest.lock !== undefined || guest.digest === config
      ? []
      : [`the template ${from} was changed since it was looked at`]),
  ];
}
