#!/usr/bin/env node
// Runs gitmend on the Node that it brings (Node 24, the npm package `node`), whatever `node` the machine has.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const own = [`${root}node_modules/node/bin/node`, `${root}../node/bin/node`].find((path) => existsSync(path));
const [major = 0] = process.versions.node.split('.').map(Number);

if (major >= 24) {
  await import('../src/cli.ts');
} else if (own === undefined) {
  console.error(
    `NODE_TOO_OLD: this is Node ${process.versions.node}, and gitmend needs 24\n  next: npm ci (it brings Node 24), or install Node 24`,
  );
  process.exitCode = 1;
} else {
  const { status, signal } = spawnSync(own, [`${root}src/cli.ts`, ...process.argv.slice(2)], { stdio: 'inherit' });
  process.exitCode = status ?? (signal === null ? 1 : 130);
}
