// Runs as the first process of new namespaces (unshareArguments), with the machine still in sight: lays out the view,
// then becomes the command, which sees nothing else. A program of its own: nothing imports it.
import { execFileSync } from 'node:child_process';
import { closeSync, mkdirSync, openSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Staging } from './namespaces.ts';
import { inside } from './view.ts';

const { root, view, mount, hostname, command } = JSON.parse(process.argv[2] ?? '') as Staging;
const run = (program: string, args: readonly string[]) => execFileSync(program, args, { env: {}, stdio: 'inherit' });
const tmpfs = (path: string, options: string) => run(mount, ['-t', 'tmpfs', '-o', options, 'tmpfs', path]);

run(hostname, ['gitmend']);
tmpfs(root, 'size=1m,mode=0755,nosuid,nodev');
for (const path of view.folders) mkdirSync(join(root, path), { recursive: true, mode: 0o755 });
for (const { from, to, program } of view.binds) {
  bind(from, to);
  run(mount, ['-o', `remount,bind,ro,nosuid,nodev${program ? '' : ',noexec'}`, join(root, to)]);
}
for (const path of view.devices) bind(path, path);
for (const { path, bytes } of view.memory)
  tmpfs(join(root, path), `size=${bytes},nr_inodes=65536,mode=1777,nosuid,nodev,noexec`);
run(mount, ['-o', 'remount,bind,ro,nosuid,nodev', root]);
process.chdir('/');
const [program = '', ...args] = command;
process.execve?.(program, [program, ...args], {});

function bind(from: string, to: string): void {
  const target = join(root, to);
  // Inside of the repository, which is read-only by then, the folders are there.
  if (!to.startsWith(`${inside.repository}/`) && !statSync(from).isDirectory()) closeSync(openSync(target, 'w', 0o644));
  run(mount, ['--bind', from, target]);
}
