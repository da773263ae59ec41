import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { lstat, readdir, readFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { isLink, type Tree } from '../core/change-set.ts';
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
  linkModules(folder, modules);
}

export function linkModules(folder: string, modules: string): void {
  symlinkSync(modules, join(folder, 'node_modules'), 'dir');
}

/**
 * Writes the files into the folder, for its owner alone. All at once: a thread of the pool for each of so many small files
 * takes ten times as long. Throws SYNTH_FAILED for a symbolic link.
 */
export function writeFiles(folder: string, files: Tree): void {
  demandNoLink(files);
  const folders = new Set([...files.keys()].map((path) => dirname(path)));
  for (const inside of folders) mkdirSync(join(folder, inside), { recursive: true });
  for (const [path, text] of files) writeFileSync(join(folder, path), text, { flag: 'wx', mode: 0o600 });
}

function demandNoLink(files: Tree): void {
  const [path] = [...files].find(([, text]) => isLink(text)) ?? [];
  if (path !== undefined)
    throw failed(`${path} is a symbolic link, and gitmend follows none: put the file itself there`);
}

/** cdktf.out/stacks/<stack>/cdk.tf.json by stack; no link is followed, at any level. Throws SYNTH_FAILED for what is not that. */
export async function readStacks(folder: string): Promise<{ [stack: string]: unknown }> {
  const root = join(folder, 'cdktf.out', 'stacks');
  for (const path of [join(folder, 'cdktf.out'), root]) await demandFolder(folder, path, withoutStacks());
  const names = await readdir(root).catch(() => []);
  if (names.length === 0) throw withoutStacks();
  const stacks: [string, unknown][] = [];
  for (const name of names.sort()) {
    await demandFolder(folder, join(root, name), withoutFile(name));
    stacks.push([name, await readStack(join(root, name, 'cdk.tf.json'), name)]);
  }
  return Object.fromEntries(stacks);
}

/** A link could name any folder of this machine, and what is read there is shown. */
async function demandFolder(from: string, path: string, otherwise: GitmendError): Promise<void> {
  const entry = await lstat(path).catch(() => undefined);
  if (entry?.isSymbolicLink() === true)
    throw failed(`${relative(from, path)} is a symbolic link, and gitmend follows none`);
  if (entry?.isDirectory() !== true) throw otherwise;
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
  return failed(
    `stack ${name} has no cdk.tf.json; with hclOutput the app writes another file, which gitmend does not read`,
  );
}

export function failed(message: string): GitmendError {
  return new GitmendError('SYNTH_FAILED', message);
}
