#!/usr/bin/env node
// Runs gitmend on the Node that it brings (Node 24, the npm package `node`), whatever `node` the machine has.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import module from 'node:module';
import { constants, homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const own = [`${root}node_modules/node/bin/node`, `${root}../node/bin/node`].find((path) => existsSync(path));
const [major = 0] = process.versions.node.split('.').map(Number);

if (major >= 24) {
  // What was compiled once is kept, the stripped types among it: a start takes half the time, and 50 MiB less memory. Where
  // the folder cannot be written nothing is kept. NODE_COMPILE_CACHE names another one, NODE_DISABLE_COMPILE_CACHE=1 none.
  module.enableCompileCache(join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'gitmend'));
  await import('../src/cli.ts');
} else if (own === undefined) {
  console.error(
    `NODE_TOO_OLD: this is Node ${process.versions.node}, and gitmend needs 24\n  next: npm ci (it brings Node 24), or install Node 24`,
  );
  process.exitCode = 1;
} else {
  const child = spawn(own, [fileURLToPath(import.meta.url), ...process.argv.slice(2)], { stdio: 'inherit' });
  // A terminal interrupts both; anything else reaches this process alone, and the other one must hear of it.
  process.on('SIGINT', () => undefined);
  for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('exit', (code, signal) => {
    process.exitCode = code ?? 128 + (constants.signals[signal] ?? 2);
  });
}
