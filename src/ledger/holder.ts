import { randomUUID } from 'node:crypto';
import { readFile, readlink } from 'node:fs/promises';
import { hostname } from 'node:os';
import type { CiRun, Holder } from '../core/run.ts';

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
  /** The run of CI that this process is a job of. */
  ci?: CiRun;
  /** Whether a run of CI on this forge's repository has ended; undefined where the forge does not know it. */
  ciEnded?(run: CiRun): Promise<boolean | undefined>;
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
  const { host, machine: id, boot, pidNamespace, pid, started, ci } = machine;
  return { nonce, run, host, machine: id, boot, pidNamespace, pid, started, ...(ci === undefined ? {} : { ci }), at };
}

/**
 * Whether the holder is gone for certain: the same machine has booted since, or the same boot and pid namespace has no
 * process with its pid and start time; a job of CI when its run has ended. `false` means only that there is no proof.
 */
export async function isGone(holder: Holder, here: Machine): Promise<boolean> {
  if (holder.ci !== undefined) return hasEnded(holder.ci, here);
  if (holder.boot === '' || here.boot === '') return false;
  // The id of a boot is of one machine only, also where the machine itself has none.
  if (holder.boot !== here.boot) return holder.machine !== '' && holder.machine === here.machine;
  if (holder.pidNamespace === '' || holder.pidNamespace !== here.pidNamespace) return false;
  const start = await here.startOf(holder.pid);
  return start === undefined || (holder.started !== '' && start !== holder.started);
}

/**
 * Only the forge proves this: images of jobs share their machine ids, and containers of one machine its boot. A later
 * attempt of a run begins when the one before has ended; that a run goes on proves nothing, also where it is our own.
 */
async function hasEnded(held: CiRun, here: Machine): Promise<boolean> {
  const { ci } = here;
  if (ci !== undefined && isSameRun(held, ci)) return ci.attempt > held.attempt;
  return (await here.ciEnded?.(held)) === true;
}

function isSameRun(a: CiRun, b: CiRun): boolean {
  return a.run === b.run && isSameRepository(a, b);
}

/** Forges tell names apart without regard to case. */
export function isSameRepository(a: Pick<CiRun, 'server' | 'repository'>, b: typeof a): boolean {
  const same = (one: string, other: string) => one.toLowerCase() === other.toLowerCase();
  return same(a.server.replace(/\/+$/, ''), b.server.replace(/\/+$/, '')) && same(a.repository, b.repository);
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
