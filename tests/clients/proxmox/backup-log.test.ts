import { describe, expect, it } from 'vitest';
import { savedIn } from '../../../src/clients/proxmox/backup-log.ts';

const one = (vmid: number, ...inside: string[]): string[] => [
  `INFO: Starting Backup of VM ${vmid} (lxc)`,
  ...inside,
  `INFO: Finished Backup of VM ${vmid} (00:00:22)`,
];
const rootfs = "INFO: including mount point rootfs ('/') in backup";

describe('the log of a vzdump', () => {
  it('says of each guest what is in its backup, and nothing of what was left out', () => {
    const lines = [
      'INFO: starting new backup job: vzdump 200 201 203 --quiet 1',
      ...one(200, rootfs, "INFO: excluding bind mount point mp0 ('/data') from backup (not a volume)"),
      ...one(201, rootfs, "INFO: including mount point mp1 ('/media') in backup"),
      'INFO: Starting Backup of VM 203 (qemu)',
      "INFO: include disk 'scsi0' 'local-lvm:vm-203-disk-0' 32G",
      "INFO: exclude disk 'scsi1' 'local-lvm:vm-203-disk-1' (backup=no)",
      'INFO: Finished Backup of VM 203 (00:03:59)',
      'TASK OK',
    ];
    expect([200, 201, 203].map((vmid) => savedIn(lines, vmid)?.holds)).toEqual([
      ['rootfs'],
      ['mp1', 'rootfs'],
      ['scsi0'],
    ]);
    expect([20, 202].map((vmid) => savedIn(lines, vmid))).toEqual([undefined, undefined]);
  });

  it.each([
    ['failed', ['INFO: Starting Backup of VM 200 (lxc)', rootfs, 'ERROR: Backup of VM 200 failed - full', ...one(201)]],
    ['was cut off', ['INFO: Starting Backup of VM 200 (lxc)', rootfs]],
    ['never ended before the next', ['INFO: Starting Backup of VM 200 (lxc)', rootfs, ...one(201)]],
    ['was only named by another', one(201, 'INFO: tar: Finished Backup of VM 200 (00:00:01)')],
    ['ended without a start', ['INFO: Finished Backup of VM 200 (00:00:01)']],
    ['failed the second time', [...one(200, rootfs), 'INFO: Starting Backup of VM 200 (lxc)', 'TASK ERROR: killed']],
  ])('says nothing of a guest that %s', (_, lines) => {
    expect(savedIn(lines, 200)).toBeUndefined();
  });
});
