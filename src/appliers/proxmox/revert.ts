import { locateGuest, type ProxmoxClient, readConfig, readPending } from '../../clients/proxmox/index.ts';
import type { Step } from '../../core/step.ts';
import type { GuestTarget } from '../../core/target.ts';

/**
 * Takes back what a failed write left waiting for a restart: only keys of the step whose waiting value is the step's
 * own. Somebody else's pending value stays. Sends nothing where nothing is ours.
 */
export async function revertPending(
  client: ProxmoxClient,
  target: GuestTarget,
  { action, after }: Step,
): Promise<void> {
  if (action.kind !== 'set-guest-config') return;
  const place = { ...target, node: await locateGuest(client, target) };
  const { digest } = await readConfig(client, place);
  const { pending } = await readPending(client, place);
  const ours = pending.filter(
    ({ key, value }) => Object.hasOwn(action.set, key) && value === action.set[key] && value === after[key],
  );
  if (ours.length === 0) return;
  const parameters = { revert: ours.map(({ key }) => key).join(','), digest };
  const guests = client.api.nodes.$(place.node);
  if (target.type === 'lxc') await guests.lxc.$(target.vmid).config.$put(parameters);
  else await guests.qemu.$(target.vmid).config.$put(parameters);
}
