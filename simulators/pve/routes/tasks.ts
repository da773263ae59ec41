import { refuseParameters } from '../errors.ts';
import type { Call, Route } from '../lab.ts';
import { route } from '../lab.ts';
import { choice, flag, integer, nodeParameter, required, text } from '../parameters.ts';
import { demand, may } from '../permissions.ts';
import { taskEntry, taskStatus } from '../task-entry.ts';
import { isUpid } from '../tasks.ts';
import type { Task } from '../world.ts';

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
/** A node's tasks (pve-manager `PVE::API2::Tasks`). */
export const taskRoutes: Route[] = [
  route('GET', '/nodes/{node}/tasks', 'all', filters, list),
  route('GET', '/nodes/{node}/tasks/{upid}/status', 'all', upid, (call) => taskStatus(taskOf(call))),
  route('GET', '/nodes/{node}/tasks/{upid}/log', 'all', { ...upid, start: integer(0), limit: integer(0) }, log),
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
