/** What the log of a `vzdump` says of one guest that it saved. */
export interface Saved {
  /** The keys of the volumes that the backup holds: `rootfs`, `mp0`, `scsi0`. */
  holds: string[];
}

/**
 * The part of a `vzdump` log that is about one guest, from its start to its end; nothing where the log does not say that
 * this guest was finished. The lines are those of pve-manager `PVE::VZDump::exec_backup_task`, pve-container and
 * qemu-server `prepare`, the same for a job of one guest and of many.
 */
export function savedIn(lines: readonly string[], vmid: number): Saved | undefined {
  const begins = lines.findLastIndex((line) => wordOf(line, /^INFO: Starting Backup of VM (\d+) \(/) === `${vmid}`);
  if (begins < 0) return undefined;
  const length = lines.slice(begins + 1).findIndex((line) => ends.some((pattern) => pattern.test(line)));
  const last = lines[begins + 1 + length] ?? '';
  if (length < 0 || wordOf(last, finished) !== `${vmid}`) return undefined;
  const own = lines.slice(begins + 1, begins + 1 + length);
  return { holds: own.flatMap((line) => held.flatMap((pattern) => wordOf(line, pattern) ?? [])).sort() };
}

const finished = /^INFO: Finished Backup of VM (\d+) \(/;
const ends = [finished, /^ERROR: Backup of VM \d+ failed/, /^INFO: Starting Backup of VM \d+ \(/];
const held = [
  /^INFO: including mount point (rootfs|mp\d+) \(.*\) in backup$/,
  /^INFO: include disk '((?:scsi|virtio|sata|ide|efidisk|tpmstate)\d+)' '/,
];

function wordOf(line: string, pattern: RegExp): string | undefined {
  return pattern.exec(line)?.[1];
}
