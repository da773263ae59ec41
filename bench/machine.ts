import { readFile } from 'node:fs/promises';
import { availableParallelism, cpus, loadavg, release, totalmem, type } from 'node:os';
import { gitIn } from '../src/git/git.ts';

/** On what it was measured: figures of two machines are not to be compared. */
export interface Machine {
  cpu: string;
  cores: number;
  memory_gib: number;
  os: string;
  kernel: string;
  node: string;
  git: string;
  /** Where the bench's folders, and so its databases, are. */
  disk: string;
  /** Mean number of processes that wanted to run in the minute before: more than none disturbs the figures. */
  load: number;
}

export async function thisMachine(folder: string): Promise<Machine> {
  const { stdout } = await gitIn('.')(['--version']);
  const text = async (path: string) => readFile(path, 'utf8').catch(() => '');
  return {
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    memory_gib: Math.round(totalmem() / 1024 ** 3),
    os: /^PRETTY_NAME="?([^"\n]+)/m.exec(await text('/etc/os-release'))?.[1] ?? type(),
    kernel: release(),
    node: process.versions.node,
    git: stdout.trim().replace('git version ', ''),
    disk: fileSystemOf(await text('/proc/self/mounts'), folder),
    load: Math.round((loadavg()[0] ?? 0) * 10) / 10,
  };
}

/** `ext4 (/dev/vda)`: the mount with the longest path that the folder lies in (proc_pid_mounts(5)). */
export function fileSystemOf(mounts: string, folder: string): string {
  const found = mounts
    .split('\n')
    .map((line) => line.split(' '))
    .filter(([, at = '?']) => folder === at || folder.startsWith(at.endsWith('/') ? at : `${at}/`))
    .toSorted(([, a = ''], [, b = '']) => b.length - a.length)[0];
  return found === undefined ? 'unknown' : `${found[2] ?? ''} (${found[0] ?? ''})`;
}

/** `Intel Xeon, 2 cores, 24 GiB, Debian 12, Linux 6.1, Node 24.21.0, git 2.39.5, ext4 (/dev/vda), load 0.2` */
export function printMachine({ cpu, cores, memory_gib, os, kernel, node, git, disk, load }: Machine): string {
  const parts = [cpu, `${cores} cores`, `${memory_gib} GiB`, os, `Linux ${kernel}`, `Node ${node}`, `git ${git}`, disk];
  return [...parts, `load ${load} before it began`].join(', ');
}
