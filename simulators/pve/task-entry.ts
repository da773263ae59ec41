import type { Task } from './world.ts';

/** One line of a task list (pve-manager `PVE::API2::Cluster` tasks, `PVE::API2::Tasks` node_tasks). */
export function taskEntry(task: Task): object {
  const { upid, node, pid, pstart, type, id, starttime } = task;
  const ended = task.endtime === undefined ? {} : { endtime: task.endtime, status: task.exitstatus };
  return { upid, node, pid, pstart, type, id, ...owner(task), starttime, ...ended };
}

/** `GET …/tasks/{upid}/status`: `exitstatus` once it is stopped. */
export function taskStatus(task: Task): object {
  const { upid, node, pid, pstart, type, id, starttime, exitstatus } = task;
  const state = exitstatus === undefined ? { status: 'running' } : { status: 'stopped', exitstatus };
  return { upid, node, pid, pstart, type, id, ...owner(task), starttime, ...state };
}

// A token's task is split into user and tokenid (`$convert_token_task`).
function owner(task: Task): { user: string; tokenid?: string } {
  const [user = '', tokenid] = task.user.split('!');
  return tokenid === undefined ? { user } : { user, tokenid };
}
