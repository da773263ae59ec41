import { locateGuest, type ProxmoxClient, readConfig, readPending } from '../../clients/proxmox/index.ts';
import { isGitmendError } from '../../core/errors.ts';
import type { GuestTarget } from '../../core/target.ts';
import type { TerraformPlan } from '../../terraform/index.ts';

/**
 * Behind the resize of a container's root disk the provider sends the whole `rootfs` again (0.111.1, container.go), which
 * a running container keeps waiting for its next start (pve-container, `vmconfig_hotplug_pending`: neither hot-plugged
 * nor dropped, because the text is another one). It says `acl=0`, which on ZFS switches the ACLs of the volume off for
 * good (`PVE::LXC::__mountpoint_mount`), and leaves out what the provider does not know. Nobody approved that.
 */
const key = 'rootfs';

/** Whether something waits for the root disk already: then it is not ours to take back. */
export async function rootDiskWaits(client: ProxmoxClient, target: GuestTarget): Promise<boolean> {
  const place = { ...target, node: await locateGuest(client, target) };
  return (await readPending(client, place)).pending.some((one) => one.key === key);
}

/**
 * Takes back what waits for the root disk behind a plan that changed its size alone: the size itself is in force. Sends
 * nothing where nothing waits. What Proxmox VE refuses stays: the change was made, and whoever starts or moves the guest
 * next is told what waits.
 */
export async function revertLeftover(client: ProxmoxClient, target: GuestTarget, plan: TerraformPlan): Promise<void> {
  if (!growsOnly(plan)) return;
  try {
    const place = { ...target, node: await locateGuest(client, target) };
    const { digest } = await readConfig(client, place);
    const { pending } = await readPending(client, place);
    if (!pending.some((one) => one.key === key)) return;
    await client.api.nodes.$(place.node).lxc.$(place.vmid).config.$put({ revert: key, digest });
  } catch (error) {
    if (!isGitmendError(error)) throw error;
  }
}

/** Of disks nothing but sizes: other options of a disk are approved to wait. */
function growsOnly({ changes }: TerraformPlan): boolean {
  const disks = changes
    .filter(({ kind }) => kind === 'update')
    .flatMap(({ attributes }) => attributes.filter(({ path }) => path[0] === 'disk'));
  return disks.length > 0 && disks.every(({ path }) => /^disk\.\d+\.size$/.test(path.join('.')));
}
