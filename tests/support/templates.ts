import type { DeliverLab } from './deliver-lab.ts';

/** Two templates of the home: `base` (lxc/900, tagged base) and `golden` (qemu/901), 8 GiB each on local-lvm, by DHCP. */
export function addTemplates({ lab }: Pick<DeliverLab, 'lab'>): void {
  const { guests } = lab.pve.world;
  const [container, machine] = [guests.get(204), guests.get(203)];
  if (container === undefined || machine === undefined) throw new Error('the home has no guest 203 or 204');
  const stopped = { status: 'stopped', startedAt: 0, diskSize: 8 * 2 ** 30 } as const;
  const net0 = 'name=eth0,bridge=vmbr0,hwaddr=BC:24:11:00:09:00,ip=dhcp,type=veth';
  const base = { hostname: 'base', template: 1, tags: 'base', net0, rootfs: 'local-lvm:base-900-disk-0,size=8G' };
  guests.set(900, { ...container, ...stopped, vmid: 900, config: { ...container.config, ...base } });
  const golden = { name: 'golden', template: 1, scsi0: 'local-lvm:base-901-disk-0,size=8G' };
  guests.set(901, { ...machine, ...stopped, vmid: 901, config: { ...machine.config, ...golden } });
}
