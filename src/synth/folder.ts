import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { lstat, readdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Tree } from '../core/change-set.ts';
import { GitmendError } from '../core/errors.ts';
import { isStackData } from '../core/stack-files.ts';

const mostBytes = 64 * 1024 * 1024;

/** The files of a tree that are stack code. What an editor or an install left there is not part of it. */
export function stackCode(tree: Tree): Tree {
  return filesOf(
    tree,
    (path) => path.startsWith('stacks/') && !path.includes('/node_modules/') && !path.includes('/cdktf.out/'),
  );
}

/**
 * The files of a tree that are data. An allow list: a package.json, a node_modules or a .ts in the tree under review
 * would change which code runs.
 */
export function stackData(tree: Tree): Tree {
  return filesOf(tree, isStackData);
}

function filesOf(tree: Tree, wanted: (path: string) => boolean): Tree {
  const paths = [...tree.keys()].filter((path) => isInside(path) && wanted(path)).sort();
  return new Map(paths.map((path) => [path, tree.get(path) ?? '']));
}

/** Git allows no such paths either, but a tree may come from elsewhere. */
function isInside(path: string): boolean {
  return !path.split('/').some((part) => part === '' || part === '.' || part === '..') && !/[\\\p{Cc}]/u.test(path);
}

/** Writes the files into the folder, and the modules beside them as a link. */
export function layOut(folder: string, files: Tree, modules: string): void {
  writeFiles(folder, files);
  symlinkSync(modules, join(folder, 'node_modules'), 'dir');
}

/**
 * Writes the files into the folder, for its owner alone. All at once: a thread of the pool for each of so many small files
 * takes ten times as long.
 */
export function writeFiles(folder: string, files: Tree): void {
  const folders = new Set([...files.keys()].map((path) => dirname(path)));
  for (const inside of folders) mkdirSync(join(folder, inside), { recursive: true });
  for (const [path, text] of files) writeFileSync(join(folder, path), text, { flag: 'wx', mode: 0o600 });
}

/** cdktf.out/stacks/<stack>/cdk.tf.json by stack. Throws SYNTH_FAILED for what is not that. */
export async function readStacks(folder: string): Promise<{ [stack: string]: unknown }> {
  const root = join(folder, 'cdktf.out', 'stacks');
  const names = await readdir(root).catch(() => []);
  if (names.length === 0) throw withoutStacks();
  const stacks: [string, unknown][] = [];
  for (const name of names.sort()) stacks.push([name, await readStack(join(root, name, 'cdk.tf.json'), name)]);
  return Object.fromEntries(stacks);
}

async function readStack(path: string, name: string): Promise<unknown> {
  const entry = await lstat(path).catch(() => undefined);
  // A link could name any file of this machine, and what is read here is shown.
  if (entry?.isFile() !== true) throw withoutFile(name);
  if (entry.size > mostBytes) throw failed(`stack ${name} has ${entry.size} bytes, more than 64 MiB`);
  return stackIn(name, await readFile(path, 'utf8'));
}

/** What one cdk.tf.json holds. Throws SYNTH_FAILED for what is not JSON. */
export function stackIn(name: string, text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw failed(`cdk.tf.json of stack ${name} is not JSON`);
  }
}

export function withoutStacks(): GitmendError {
  return failed('stacks/main.ts ended without a stack in cdktf.out/stacks; app.synth() writes it');
}

export function withoutFile(name: string): GitmendError {
  return failed(`stack ${name} has no cdk.tf.json`);
}

export function failed(message: string): GitmendError {
  return new GitmendError('SYNTH_FAILED', message);
}
