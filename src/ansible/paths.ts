import type { Tree } from '../core/change-set.ts';

const endings = ['', '.yaml', '.yml', '.json'];

/** `ansible/playbooks` of `ansible/playbooks/site.yaml`. */
export function folderOf(path: string): string {
  return path.slice(0, Math.max(path.lastIndexOf('/'), 0));
}

/** The path without `.` and `..`; `undefined` where it leaves `ansible/`. */
export function resolved(folder: string, path: string): string | undefined {
  const parts: string[] = [];
  for (const part of `${folder}/${path}`.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  return parts[0] === 'ansible' && parts.length > 1 ? parts.join('/') : undefined;
}

/** The first file that is there, of a path in each of these folders; with the endings of YAML where it has none. */
export function fileIn(tree: Tree, folders: readonly string[], path: string): string | undefined {
  for (const folder of folders) {
    const whole = resolved(folder, path);
    const found = whole === undefined ? undefined : endings.map((one) => whole + one).find((one) => tree.has(one));
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Paths below a folder, sorted. */
export function filesBelow(tree: Tree, folder: string): string[] {
  return [...tree.keys()].filter((path) => path.startsWith(`${folder}/`)).sort();
}
