import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { limits } from './limits.ts';
import type { Linked } from './tools.ts';

/** All that there is inside of a sandbox. Every path is a whole one. */
export interface View {
  /** Folders made for what follows, parents first. */
  folders: string[];
  /** Files and folders of the machine, read-only; what is no program cannot be executed where the mechanism can say so. */
  binds: { from: string; to: string; program: boolean }[];
  devices: string[];
  /** Empty, writable and in memory, with its size in bytes. */
  memory: { path: string; bytes: number }[];
}

/** The programs that are inside, each under one name on every machine: what stack code could see of it is the same. */
export const inside = {
  node: '/gitmend/node',
  prlimit: '/gitmend/prlimit',
  setpriv: '/gitmend/setpriv',
  collect: '/gitmend/collect.ts',
  repository: '/repository',
} as const;

export interface Laid {
  /** Folder with the code, the data, and empty folders cdktf.out and node_modules. */
  work: string;
  modules: string;
}

export interface Programs {
  node: Linked;
  prlimit: Linked;
  setpriv: Linked;
}

/** What Node needs, the code, the data and the modules, and nothing else: no shell, no /proc, no /etc, no home, no socket. */
export function viewOf({ work, modules }: Laid, { node, prlimit, setpriv }: Programs): View {
  const libraries = [...new Set([node, prlimit, setpriv].flatMap((program) => program.libraries))].toSorted();
  const cache = ['/etc/ld.so.cache'].filter((path) => existsSync(path));
  const binds = [
    ...[...libraries, ...cache].map((path) => ({ from: path, to: path, program: true })),
    { from: node.path, to: inside.node, program: true },
    { from: prlimit.path, to: inside.prlimit, program: true },
    { from: setpriv.path, to: inside.setpriv, program: true },
    { from: `${import.meta.dirname}/collect.ts`, to: inside.collect, program: false },
    { from: work, to: inside.repository, program: false },
    { from: modules, to: `${inside.repository}/node_modules`, program: false },
  ];
  const devices = ['/dev/null', '/dev/zero', '/dev/random', '/dev/urandom'];
  const memory = [
    { path: '/tmp', bytes: limits.temporary },
    { path: `${inside.repository}/cdktf.out`, bytes: limits.output },
  ];
  const parents = [...binds.map(({ to }) => to), ...devices].flatMap((path) => parentsOf(path));
  const below = (path: string) => path.startsWith(`${inside.repository}/`);
  const folders = [...new Set([...parents, inside.repository, '/tmp'])].filter((path) => !below(path)).toSorted();
  return { folders, binds, devices, memory };
}

function parentsOf(path: string): string[] {
  const parent = dirname(path);
  return parent === '/' ? [] : [...parentsOf(parent), parent];
}
