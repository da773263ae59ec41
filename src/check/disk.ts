import { type Dirent, lstatSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Tree } from '../core/change-set.ts';
import { GitmendError } from '../core/errors.ts';

const skipped = new Set(['.git', 'node_modules', 'cdktf.out', '.terraform']);
const mostBytes = 4 * 1024 * 1024;

/** What lies in a folder and is not in its tree, with the reason. A folder among them is in it with what it holds. */
export interface LeftOut {
  path: string;
  why: 'a link' | 'no text' | 'larger than 4 MiB' | 'a folder' | 'no file';
}

/** The tree of `readFolder`. */
export function readTreeFromDisk(folder: string): Tree {
  return readFolder(folder).tree;
}

/**
 * The text files of a folder as a tree, and what is none of them: links are not followed, nor are files over 4 MiB taken,
 * or those that are no text. What git does not hold either (.git, node_modules, synthesized stacks) is in neither.
 * Throws CONFIG_NOT_FOUND where there is no such folder.
 */
export function readFolder(folder: string): { tree: Tree; leftOut: LeftOut[] } {
  // The folder itself may be named by a link; what lies in it may not lead out of it.
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() !== true) {
    throw new GitmendError('CONFIG_NOT_FOUND', `${folder} is not a folder`);
  }
  const found = { tree: new Map<string, string>(), leftOut: [] as LeftOut[] };
  walk(folder, '', found);
  return found;
}

interface Found {
  tree: Map<string, string>;
  leftOut: LeftOut[];
}

function walk(root: string, path: string, found: Found): void {
  const entries = readdirSync(join(root, path), { withFileTypes: true }).sort(byName);
  for (const entry of entries) {
    const inside = path === '' ? entry.name : `${path}/${entry.name}`;
    if (skipped.has(entry.name)) continue;
    const why = entry.isDirectory() ? 'a folder' : entry.isSymbolicLink() ? 'a link' : take(root, inside, entry, found);
    if (why !== undefined) found.leftOut.push({ path: inside, why });
    if (entry.isDirectory()) walk(root, inside, found);
  }
}

/** Takes a file into the tree, or says why not. */
function take(root: string, path: string, entry: Dirent, { tree }: Found): LeftOut['why'] | undefined {
  if (!entry.isFile()) return 'no file';
  const file = join(root, path);
  if (lstatSync(file).size > mostBytes) return 'larger than 4 MiB';
  const bytes = readFileSync(file);
  if (bytes.includes(0)) return 'no text';
  tree.set(path, bytes.toString('utf8'));
  return undefined;
}

function byName(a: Dirent, b: Dirent): number {
  return a.name < b.name ? -1 : 1;
}
