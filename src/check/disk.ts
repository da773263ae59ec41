import { type Dirent, lstatSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Tree } from '../core/change-set.ts';
import { GitmendError } from '../core/errors.ts';

const skipped = new Set(['.git', 'node_modules', 'cdktf.out', '.terraform']);
const mostBytes = 4 * 1024 * 1024;

/**
 * The text files of a folder as a tree: links are not followed, and what git does not hold either (.git, node_modules,
 * synthesized stacks) is left out, as are files over 4 MiB and those that are no text.
 * Throws CONFIG_NOT_FOUND where there is no such folder.
 */
export function readTreeFromDisk(folder: string): Tree {
  // The folder itself may be named by a link; what lies in it may not lead out of it.
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() !== true) {
    throw new GitmendError('CONFIG_NOT_FOUND', `${folder} is not a folder`);
  }
  const tree = new Map<string, string>();
  walk(folder, '', tree);
  return tree;
}

function walk(root: string, path: string, tree: Map<string, string>): void {
  const entries = readdirSync(join(root, path), { withFileTypes: true }).sort(byName);
  for (const entry of entries) {
    const inside = path === '' ? entry.name : `${path}/${entry.name}`;
    if (skipped.has(entry.name)) continue;
    if (entry.isDirectory()) walk(root, inside, tree);
    else if (entry.isFile()) take(root, inside, tree);
  }
}

function take(root: string, path: string, tree: Map<string, string>): void {
  const file = join(root, path);
  if (lstatSync(file).size > mostBytes) return;
  const bytes = readFileSync(file);
  if (!bytes.includes(0)) tree.set(path, bytes.toString('utf8'));
}

function byName(a: Dirent, b: Dirent): number {
  return a.name < b.name ? -1 : 1;
}
