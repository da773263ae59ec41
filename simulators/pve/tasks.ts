import { PveError } from './errors.ts';
import type { Call, Lab } from './lab.ts';
import type { Guest, Task } from './world.ts';

export interface TaskOrder {
  node: string;
  /** `vzreboot`, `qmsnapshot` …: the worker names of pve-container and qemu-server (`fork_worker`). */
  type: string;
  id: string;
  user: string;
  /** Set by a fault: the task ends with this error and without its effect. */
  failure?: string | undefined;
  /** Held in the guest's configuration while the task runs. */
  lock?: { guest: Guest; as: string };
}

/** A task about one guest: `start` becomes vzstart or qmstart; what both kinds name alike is given with its whole name. */
export function startGuestTask(call: Call, guest: Guest, name: string, work: () => void, lock?: string): string {
  const shared = ['resize', 'qmconfig', 'vzmigrate', 'qmigrate', 'move_volume', 'qmmove'].includes(name);
  const order: TaskOrder = {
    node: guest.node,
    type: shared ? name : `${guest.type === 'lxc' ? 'vz' : 'qm'}${name}`,
    id: String(guest.vmid),
    user: call.token.id,
    failure: call.trouble.taskFailure,
  };
  return startTask(call.lab, lock === undefined ? order : { ...order, lock: { guest, as: lock } }, work);
}

/**
 * Starts a worker and returns its UPID at once: the effect comes when the task ends, on the lab's clock. A caller that takes
 * the UPID for success is wrong about it (pve-common `PVE::RESTEnvironment::fork_worker`). What it does may write its log.
 */
export function startTask(
  lab: Lab,
  order: TaskOrder,
  work: (log: string[]) => void,
  seconds: number = lab.taskSeconds,
): string {
  const now = lab.now();
  const booted = lab.world.nodes.get(order.node)?.bootedAt ?? now;
  const task: Task = {
    upid: '',
    node: order.node,
    type: order.type,
    id: order.id,
    user: order.user,
    pid: 4000 + lab.world.tasks.size,
    pstart: Math.max(0, Math.floor((now - booted) / 10)), // clock ticks of 10 ms since the boot
    starttime: Math.floor(now / 1000),
    log: [],
  };
  task.upid = encodeUpid(task);
  lab.world.tasks.set(task.upid, task);
  if (order.lock) order.lock.guest.config.lock = order.lock.as;
  const at = now + seconds * 1000;
  lab.due.push({ at, end: () => endTask(task, order, work, at) });
  lab.settle();
  return task.upid;
}

/**
 * A guest under HA: the task that the caller gets (`hastart`, `hastop`, `hamigrate`) only tells the manager, which then has
 * a task of its own do it (pve-container `PVE::API2::LXC::Status`, qemu-server `PVE::API2::Qemu`: `$hacmd`; pve-ha-manager
 * `PVE::HA::Resources`). Here the manager begins at once.
 */
export function tellManager(call: Call, guest: Guest, told: string, name: string, work: () => void): string {
  const { node, vmid } = guest;
  const upid = startTask(call.lab, { node, type: told, id: String(vmid), user: call.token.id }, () => undefined);
  const type = name.endsWith('migrate') ? name : `${guest.type === 'lxc' ? 'vz' : 'qm'}${name}`;
  startTask(call.lab, { node, type, id: String(vmid), user: 'root@pam' }, work, guest.ha?.seconds ?? 0);
  return upid;
}

function endTask(task: Task, order: TaskOrder, work: (log: string[]) => void, at: number): void {
  if (order.lock) delete order.lock.guest.config.lock;
  task.endtime = Math.floor(at / 1000);
  try {
    if (order.failure !== undefined) throw new PveError(500, order.failure);
    work(task.log);
    task.exitstatus = 'OK';
    task.log.push('TASK OK');
  } catch (error) {
    if (!(error instanceof PveError)) throw error;
    // The log's last line is where the exit status is read from (pve-common `PVE::UPID::read_status`).
    task.exitstatus = error.message.trim();
    task.log.push(`TASK ERROR: ${task.exitstatus}`);
  }
}

/** `UPID:node:pid:pstart:starttime:type:id:user:`, numbers in hexadecimal (pve-common `PVE::UPID::encode`). */
export function encodeUpid(task: Omit<Task, 'upid' | 'log'>): string {
  const hex = (value: number): string => value.toString(16).toUpperCase().padStart(8, '0');
  const { node, pid, pstart, starttime, type, id, user } = task;
  return `UPID:${node}:${hex(pid)}:${hex(pstart)}:${hex(starttime)}:${type}:${id}:${user}:`;
}

/** Whether the text has a UPID's form (pve-common `PVE::UPID::decode`). */
export function isUpid(text: string): boolean {
  const name = '[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?';
  const hex = '[0-9A-Fa-f]';
  return new RegExp(`^UPID:${name}:${hex}{8}:${hex}{8,9}:${hex}{8}:[^:\\s/]+:[^:\\s/]*:[^:\\s/]+:$`).test(text);
}
