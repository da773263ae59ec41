import { randomUUID } from 'node:crypto';
import { readFile, readlink } from 'node:fs/promises';
import { hostname } from 'node:os';
import type { Holder } from '../core/run.ts';

/** What can be said of a machine and its processes: the proof that a holder is gone stands on it. */
export interface Machine {
  host: string;
  machine: string;
  boot: string;
  pidNamespace: string;
  pid: number;
  started: string;
  /** Start time of a process of this pid namespace; `undefined` when there is none with that pid. */
  startOf(pid: number): Promise<string | undefined>;
}

/** This process on this machine, read from /proc. Empty strings where the system does not tell. */
export async function thisMachine(): Promise<Machine> {
  const startOf = async (pid: number) => parseStart(await text(`/proc/${pid}/stat`));
  return {
    host: hostname(),
    machine: (await text('/etc/machine-id')).trim(),
    boot: (await text('/proc/sys/kernel/random/boot_id')).trim(),
    pidNamespace: await readlink('/proc/self/ns/pid').catch(() => ''),
    pid: process.pid,
    started: (await startOf(process.pid)) ?? '',
    startOf,
  };
}

/** A new holding by this process. */
export function holderOf(machine: Machine, run: string, at: string, nonce: string = randomUUID()): Holder {
  const { host, machine: id, boot, pidNamespace, pid, started } = machine;
  return { nonce, run, host, machine: id, boot, pidNamespace, pid, started, at };
}

/**
 * Whether the holder is gone for certain: the same machine has booted since, or the same boot and pid namespace has no
 * process with its pid and start time. `false` means only that there is no proof.
 */
export async function isGone(holder: Holder, here: Machine): Promise<boolean> {
  if (holder.boot === '' || here.boot === '') return false;
  // The id of a boot is of one machine only, also where the machine itself has none.
  if (holder.boot !== here.boot) return holder.machine !== '' && holder.machine === here.machine;
  if (holder.pidNamespace === '' || holder.pidNamespace !== here.pidNamespace) return false;
  const start = await here.startOf(holder.pid);
  return start === undefined || (holder.started !== '' && start !== holder.started);
}

async function text(path: string): Promise<string> {
  return readFile(path, 'utf8').catch(() => '');
}

/** Field 22 of /proc/<pid>/stat, counted after the command name, which may itself hold spaces and brackets (proc(5)). */
function parseStart(stat: string): string | undefined {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  // A zombie does nothing any more; it only waits to be reaped.
  return stat === '' || fields[0] === 'Z' ? undefined : fields[19];
}
