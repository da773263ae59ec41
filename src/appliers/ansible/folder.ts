import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { AnsibleWork } from '../../core/ansible.ts';
import { type Judged, kindOf, printYaml, takenSettings } from '../../ansible/index.ts';

/** Where one run takes place: private, and gone when it is over. */
export interface RunFolder {
  /** Holds `ansible/`. */
  tree: string;
  home: string;
  temporary: string;
  config: string;
  variables: string;
  events: string;
  knownHosts: string;
  /** Absent where ssh-agent has the key, or it is a file of the machine. */
  key?: string;
  remove(): Promise<void>;
}

export interface Laying {
  /** Below gitmend's own state folder. */
  root: string;
  work: AnsibleWork;
  judged: Judged;
  knownHosts: string;
  /** The private key itself. */
  key?: string | undefined;
}

/**
 * Writes what a run needs, for its owner alone. Data is printed anew from what was judged, with what was encrypted opened:
 * Ansible reads the very values that were looked at, and needs no password.
 */
export async function layOutRun({ root, work, judged, knownHosts, key }: Laying): Promise<RunFolder> {
  await mkdir(root, { recursive: true, mode: 0o700 });
  await sweep(root);
  const folder = await mkdtemp(join(root, `run-${process.pid}-`));
  const paths: RunFolder = {
    tree: join(folder, 'tree'),
    home: join(folder, 'home'),
    temporary: join(folder, 'tmp'),
    config: join(folder, 'ansible.cfg'),
    variables: join(folder, 'variables.yaml'),
    events: join(folder, 'events'),
    knownHosts: join(folder, 'known_hosts'),
    ...(key === undefined ? {} : { key: join(folder, 'key') }),
    remove: () => rm(folder, { recursive: true, force: true }),
  };
  for (const one of [paths.tree, paths.home, paths.temporary]) await mkdir(one, { mode: 0o700 });
  for (const [path, text] of work.tree) {
    const value = judged.data.get(path);
    // Data that was not judged is not there.
    if (value === undefined && kindOf(path, work.tree) !== 'code') continue;
    if (path.startsWith('ansible/') && path !== 'ansible/ansible.cfg' && !path.endsWith('.md'))
      await put(join(paths.tree, path), value === undefined ? text : printYaml(value));
  }
  await put(paths.config, printConfig(takenSettings(work.tree)));
  await put(paths.knownHosts, knownHosts);
  // ssh takes no key that does not end its last line.
  if (key !== undefined && paths.key !== undefined) await put(paths.key, `${key.trimEnd()}\n`);
  return paths;
}

async function put(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  await writeFile(path, text, { mode: 0o600, flag: 'wx' });
}

function printConfig(sections: { [section: string]: { [name: string]: string } }): string {
  return Object.entries(sections)
    .map(([section, values]) => [
      `[${section}]`,
      ...Object.entries(values).map(([name, value]) => `${name} = ${value}`),
    ])
    .map((lines) => `${lines.join('\n')}\n`)
    .join('\n');
}

/** What processes left that were killed: it holds a key. */
async function sweep(root: string): Promise<void> {
  for (const name of await readdir(root)) {
    const [, pid] = /^run-([0-9]+)-/.exec(name) ?? [];
    if (pid !== undefined && !isAlive(Number(pid))) await rm(join(root, name), { recursive: true, force: true });
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
