import { valueAt } from './inside.ts';
import type { AttributeChange, ChangeKind, Disturbance } from './plan.ts';

export const containerType = 'proxmox_virtual_environment_container';
export const machineType = 'proxmox_virtual_environment_vm';

// What bpg/proxmox 0.111.1 changes without restarting the guest, read in its own source (`containerUpdate`, `vmUpdate`:
// `rebootRequired`). Whatever is not named here restarts it, or may: a later attribute is on the safe side. So does any
// change of a virtual machine's disk: the provider holds `aio` of Proxmox VE's configuration, which leaves its default out,
// against `io_uring` of the state, and shuts the machine down for the difference, which no plan shows (`disk.Update`).
const live: { readonly [type: string]: RegExp } = {
  [containerType]:
    /^(description|cpu|disk|features|hook_script_file_id|pool_id|protection|start_on_boot|startup|tags|timeout_\w+|vm_id|wait_for_ip)(\.|$)/,
  [machineType]:
    /^(cdrom|description|hook_script_file_id|hotplug|name|network_device|on_boot|protection|startup|tags|timeout_\w+|vm_id|pool_id|purge_on_destroy|stop_on_destroy|delete_unreferenced_disks_on_destroy|migrate|reboot_after_update)(\.|$)/,
};
// A part of a block that is live otherwise.
const restarting: { readonly [type: string]: RegExp } = { [containerType]: /^disk\.\d+\.mount_options(\.|$)/ };

/** Computed values (addresses read from the guest) follow a change; they are none themselves. */
const computed = /^(id|ipv[46](_addresses)?|mac_addresses|network_interface_names)(\.|$)/;

/**
 * What a change does to a guest that runs. `before` are the resource's raw values: whether it runs.
 */
export function disturbanceOf(
  type: string,
  kind: ChangeKind,
  attributes: readonly AttributeChange[],
  { before }: { before?: unknown },
): Disturbance {
  const rule = live[type];
  if (rule === undefined || kind === 'no-op' || kind === 'read' || kind === 'create' || kind === 'forget')
    return 'none';
  if (valueAt(before, 'started') === false) return 'none';
  if (kind !== 'update') return 'restarts';
  // Starting or stopping is the change itself, and no less a disturbance.
  const paths = attributes.map(({ path }) => path.join('.')).filter((path) => !computed.test(path));
  const allLive = paths.every((path) => rule.test(path) && restarting[type]?.test(path) !== true);
  if (paths.length === 0) return 'none';
  return allLive ? 'live' : 'restarts';
}
