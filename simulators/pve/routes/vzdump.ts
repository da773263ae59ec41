import { checkLock, parseProperties } from '../config.ts';
import { die, PveError, refuseParameters } from '../errors.ts';
import type { Call, Lab, Route } from '../lab.ts';
import { route } from '../lab.ts';
import { choice, flag, integer, nodeParameter, text } from '../parameters.ts';
import { demand, may } from '../permissions.ts';
import { startTask } from '../tasks.ts';
import { splitList } from '../update.ts';
import type { Guest } from '../world.ts';

const options = {
  ...nodeParameter,
  all: flag(),
  bwlimit: integer(0),
  compress: choice('0', '1', 'gzip', 'lzo', 'zstd'),
  exclude: text(),
  mode: choice('snapshot', 'suspend', 'stop'),
  'notes-template': text({ maxLength: 1024 }),
  pool: text(),
  protected: flag(),
  'prune-backups': text(),
  quiet: flag(),
  remove: flag(),
  storage: text(),
  vmid: text(),
  zstd: integer(),
};

/** Backups of guests of one node, now (pve-manager `PVE::API2::VZDump`). */
export const vzdumpRoutes: Route[] = [route('POST', '/nodes/{node}/vzdump', 'all', options, backup)];

// One task for all of them: its id is the guest where it is one, else empty (`$taskid = $local_vmids->[0] if … == 1`).
function backup({ lab, token, values, trouble }: Call): string {
  const node = String(values.node);
  const storage = String(values.storage ?? 'local');
  const vmids = included(lab, values, token);
  demand(token, `/storage/${storage}`, ['Datastore.AllocateSpace']);
  const local = vmids.filter((vmid) => (lab.world.guests.get(vmid)?.node ?? node) === node);
  // Of guests on other nodes their own nodes take care.
  if (local.length === 0 && values.all !== 1) return 'OK';
  const begun = Math.floor(lab.now() / 1000);
  const id = local.length === 1 ? String(local[0]) : '';
  const order = { node, type: 'vzdump', id, user: token.id, failure: trouble.taskFailure };
  return startTask(lab, order, (log) => {
    log.push(`INFO: starting new backup job: vzdump ${local.join(' ')} --storage ${storage}`);
    const job = { storage, begun, compress: values.compress, lock: trouble.lock };
    const failed = local.filter((vmid) => !saved(lab, vmid, job, log));
    log.push(`INFO: Backup job finished ${failed.length === 0 ? 'successfully' : 'with errors'}`);
    if (failed.length > 0) die('job errors');
  });
}

// `get_included_guests`: a pool's, those that are named, or all but some. Of all, who may not is left out.
function included({ world }: Lab, values: Call['values'], token: Call['token']): number[] {
  if (values.pool !== undefined) {
    const pool = String(values.pool);
    if (!world.pools.has(pool)) die(`pool '${pool}' does not exist`);
    demand(token, `/pool/${pool}`, ['VM.Backup']);
    const members = [...(world.pools.get(pool)?.vms ?? [])];
    return members.sort((a, b) => a - b);
  }
  if (values.all === 1 || values.exclude !== undefined) {
    const without = splitList(values.exclude).map(Number);
    const all = [...world.guests.keys()].filter((vmid) => !without.includes(vmid));
    return all.filter((vmid) => may(token, `/vms/${vmid}`, 'VM.Backup')).sort((a, b) => a - b);
  }
  const vmids = splitList(values.vmid).map(Number);
  if (vmids.length === 0) refuseParameters({ vmid: 'property is missing' });
  for (const vmid of vmids) demand(token, `/vms/${vmid}`, ['VM.Backup']);
  return vmids.sort((a, b) => a - b);
}

interface Job {
  storage: string;
  begun: number;
  compress: unknown;
  lock?: string | undefined;
}

// One that fails does not keep the others from it: the job ends with `job errors` (`exec_backup_task`, `exec_backup`).
function saved(lab: Lab, vmid: number, job: Job, log: string[]): boolean {
  const guest = lab.world.guests.get(vmid);
  log.push(`INFO: Starting Backup of VM ${vmid} (${guest?.type ?? 'unknown'})`);
  try {
    if (guest === undefined) die(`unable to find VM '${vmid}'`);
    checkLock(guest, job.lock);
    log.push(...contents(guest));
    log.push(`INFO: creating vzdump archive '/var/lib/vz/dump/${keepArchive(lab, guest, job)}'`);
  } catch (error) {
    if (!(error instanceof PveError)) throw error;
    log.push(`ERROR: Backup of VM ${vmid} failed - ${error.message.trim()}`);
    return false;
  }
  log.push(`INFO: Finished Backup of VM ${vmid} (00:00:00)`);
  return true;
}

// pve-container and qemu-server `prepare` with `get_backup_volumes`: a mount point is in it where it says so, a disk unless
// it says otherwise.
function contents({ type, config }: Guest): string[] {
  return Object.entries(config).flatMap(([key, value]) => {
    const parts = parseProperties(value, 'volume');
    const volume = parts.get('volume') ?? parts.get('file') ?? '';
    if (type === 'lxc') {
      if (!/^(rootfs|mp\d+)$/.test(key)) return [];
      const mount = key === 'rootfs' ? '/' : (parts.get('mp') ?? '');
      if (volume.startsWith('/'))
        return [`INFO: excluding bind mount point ${key} ('${mount}') from backup (not a volume)`];
      const isIn = key === 'rootfs' || parts.get('backup') === '1';
      if (!isIn) return [`INFO: excluding volume mount point ${key} ('${mount}') from backup (disabled)`];
      return [`INFO: including mount point ${key} ('${mount}') in backup`];
    }
    if (!/^(ide|scsi|virtio|sata|efidisk|tpmstate)\d+$/.test(key) || parts.get('media') === 'cdrom') return [];
    if (parts.get('backup') === '0') return [`INFO: exclude disk '${key}' '${volume}' (backup=no)`];
    return [`INFO: include disk '${key}' '${volume}' ${parts.get('size') ?? ''}`.trimEnd()];
  });
}

// `vzdump-lxc-200-2026_11_20-03_34_10.tar.zst` (pve-manager `PVE::VZDump`); the node's time zone is UTC here.
function keepArchive(lab: Lab, { type, vmid, diskSize }: Guest, { storage, begun, compress }: Job): string {
  const { files } = lab.world.storages.get(storage) ?? die(`storage '${storage}' does not exist`);
  const [day = '', time = ''] = new Date(begun * 1000).toISOString().slice(0, 19).split('T');
  const ending = `${type === 'lxc' ? 'tar' : 'vma'}${compress === 'zstd' ? '.zst' : ''}`;
  const name = `vzdump-${type}-${vmid}-${day.replaceAll('-', '_')}-${time.replaceAll(':', '_')}.${ending}`;
  files.set(`backup/${name}`, { size: Math.floor(diskSize / 4), ctime: begun });
  return name;
}
