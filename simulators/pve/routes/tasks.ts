import { checkLock } from '../config.ts';
import { die, refuseParameters } from '../errors.ts';
import type { Call, Route } from '../lab.ts';
import { route } from '../lab.ts';
import { choice, flag, integer, nodeParameter, required, text } from '../parameters.ts';
import { demand, may } from '../permissions.ts';
import { taskEntry, taskStatus } from '../task-entry.ts';
import { isUpid, startTask } from '../tasks.ts';
import { splitList } from '../update.ts';
import type { Guest, Task } from '../world.ts';

const upid = { ...nodeParameter, upid: required(text()) };
const filters = {
  ...nodeParameter,
  errors: flag(),
  limit: integer(0),
  since: integer(),
  source: choice('archive', 'active', 'all'),
  start: integer(0),
  statusfilter: text(),
  typefilter: text(),
  until: integer(),
  userfilter: text(),
  vmid: integer(100, 999_999_999),
};
const backupOptions = {
  ...nodeParameter,
  all: flag(),
  bwlimit: integer(0),
  compress: choice('0', '1', 'gzip', 'lzo', 'zstd'),
  mode: choice('snapshot', 'suspend', 'stop'),
  'notes-template': text({ maxLength: 1024 }),
  protected: flag(),
  'prune-backups': text(),
  quiet: flag(),
  remove: flag(),
  storage: text(),
  vmid: text(),
  zstd: integer(),
};

/** A node's tasks, and the one that belongs to no guest's path (pve-manager `PVE::API2::Tasks`, `PVE::API2::VZDump`). */
export const taskRoutes: Route[] = [
  route('GET', '/nodes/{node}/tasks', 'all', filters, list),
  route('GET', '/nodes/{node}/tasks/{upid}/status', 'all', upid, (call) => taskStatus(taskOf(call))),
  route('GET', '/nodes/{node}/tasks/{upid}/log', 'all', { ...upid, start: integer(0), limit: integer(0) }, log),
  route('POST', '/nodes/{node}/vzdump', 'all', backupOptions, backup),
];

// `archive`, the default, is what has ended and was saved: for a moment what has ended is among the active ones still
// (pve-common `PVE::RESTEnvironment::active_workers`). All tasks with Sys.Audit on the node, else one's own.
function list(call: Call): unknown {
  const { lab, token, values } = call;
  const all = may(token, `/nodes/${String(values.node)}`, 'Sys.Audit');
  const source = values.source ?? 'archive';
  const filtersOf: ((task: Task) => boolean)[] = [
    (task) => task.node === values.node,
    (task) => all || task.user === token.id,
    (task) => source === 'all' || (source === 'active') === (task.endtime === undefined || task.unsaved === true),
    (task) => values.vmid === undefined || task.id === String(values.vmid),
    (task) => values.typefilter === undefined || task.type === values.typefilter,
    (task) => values.errors !== 1 || (task.exitstatus ?? 'OK') !== 'OK',
    (task) => values.since === undefined || task.starttime >= Number(values.since),
    (task) => values.until === undefined || task.starttime <= Number(values.until),
  ];
  const found = [...lab.world.tasks.values()].filter((task) => filtersOf.every((keeps) => keeps(task))).reverse();
  const start = Number(values.start ?? 0);
  call.total = found.length;
  return found.slice(start, start + Number(values.limit ?? 50)).map(listed);
}

// What runs has a status here, unlike in the list of the cluster (`node_tasks`).
const listed = (task: Task): object => ({ status: 'RUNNING', ...taskEntry(task) });

// A task belongs to who started it; others need Sys.Audit on the node (`$check_task_user`).
function taskOf({ lab, token, values }: Call): Task {
  const id = String(values.upid);
  if (!isUpid(id)) refuseParameters({ upid: 'unable to parse worker upid' });
  const task = lab.world.tasks.get(id) ?? refuseParameters({ upid: 'no such task' });
  if (task.user !== token.id) demand(token, `/nodes/${String(values.node)}`, ['Sys.Audit']);
  return task;
}

// Lines count from 1; an empty log says so (pve-common `PVE::Tools::dump_logfile_by_filehandle`).
function log(call: Call): unknown {
  const lines = taskOf(call).log.map((t, index) => ({ n: index + 1, t }));
  const start = Number(call.values.start ?? 0);
  call.total = lines.length;
  if (lines.length === 0) return [{ n: 1, t: 'no content' }];
  return lines.slice(start, start + Number(call.values.limit ?? 50));
}

// VM.Backup on each guest, Datastore.AllocateSpace on the storage (`assert_param_permission_vzdump`).
function backup({ lab, token, values, trouble }: Call): unknown {
  const vmids = splitList(values.vmid).map(Number);
  if (vmids.length === 0) refuseParameters({ vmid: 'property is missing and it is not optional' });
  for (const vmid of vmids) demand(token, `/vms/${vmid}`, ['VM.Backup']);
  demand(token, `/storage/${String(values.storage ?? 'local')}`, ['Datastore.AllocateSpace']);
  const begun = Math.floor(lab.now() / 1000);
  const order = {
    node: String(values.node),
    type: 'vzdump',
    id: vmids.length === 1 ? String(vmids[0]) : '',
    user: token.id,
    failure: trouble.taskFailure,
  };
  return startTask(lab, order, () => {
    for (const vmid of vmids) {
      const guest = lab.world.guests.get(vmid) ?? die(`unable to find VM '${vmid}'`);
      checkLock(guest, trouble.lock);
      keepArchive(lab, guest, { storage: String(values.storage ?? 'local'), begun, compress: values.compress });
    }
  });
}

// `vzdump-lxc-200-2026_11_20-03_34_10.tar.zst` (pve-manager `PVE::VZDump`); the node's time zone is UTC here.
function keepArchive(
  lab: Call['lab'],
  { type, vmid, diskSize }: Guest,
  { storage, begun, compress }: { storage: string; begun: number; compress: unknown },
): void {
  const { files } = lab.world.storages.get(storage) ?? die(`storage '${storage}' does not exist`);
  const [day = '', time = ''] = new Date(begun * 1000).toISOString().slice(0, 19).split('T');
  const ending = `${type === 'lxc' ? 'tar' : 'vma'}${compress === 'zstd' ? '.zst' : ''}`;
  const name = `vzdump-${type}-${vmid}-${day.replaceAll('-', '_')}-${time.replaceAll(':', '_')}.${ending}`;
  files.set(`backup/${name}`, { size: Math.floor(diskSize / 4), ctime: begun });
}
