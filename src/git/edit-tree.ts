import type { Edits } from '../core/change-set.ts';
import { GitmendError } from '../core/errors.ts';
import type { ObjectWriter } from './loose.ts';
import { type Entry, printEntries } from './tree-entries.ts';

/** The entries of a tree by its id. */
export type ReadEntries = (id: string) => Promise<readonly Entry[]>;

/** A folder that an edit goes through: its entries by name, or further such folders. */
type Folder = Map<string, Entry | Folder>;

/**
 * Writes what a tree becomes by edits, in their order, and resolves with its id (the empty tree's, where nothing is left).
 * As git's index has it: a file takes the place of a folder and the other way round, folders without files vanish, and what
 * no edit touches stays as it is, whatever its mode. Throws GIT_FAILED for a path that git would refuse.
 */
export async function editTree(
  base: string | undefined,
  edits: Edits,
  read: ReadEntries,
  write: ObjectWriter,
): Promise<string> {
  const root: Folder = base === undefined ? new Map<string, never>() : await opened(base, read);
  for (const [path, text] of edits) {
    const names = namesIn(path);
    const name = names.pop() ?? '';
    const folder = await folderAt(root, names, text !== null, read);
    if (text !== null) folder?.set(name, { mode: '100644', name, id: await write('blob', Buffer.from(text)) });
    else if (!(folder?.get(name) instanceof Map) && !isFolder(folder?.get(name))) folder?.delete(name);
  }
  return (await written(root, write)) ?? write('tree', Buffer.alloc(0));
}

async function opened(id: string, read: ReadEntries): Promise<Folder> {
  return new Map((await read(id)).map((entry) => [entry.name, entry]));
}

/** The folder there, opened; made where it is not and `make` says so. */
async function folderAt(
  root: Folder,
  names: readonly string[],
  make: boolean,
  read: ReadEntries,
): Promise<Folder | undefined> {
  let at = root;
  for (const name of names) {
    const found = at.get(name);
    if (!make && !(found instanceof Map) && !isFolder(found)) return undefined;
    const next: Folder =
      found instanceof Map ? found : isFolder(found) ? await opened(found.id, read) : new Map<string, never>();
    at.set(name, next);
    at = next;
  }
  return at;
}

function isFolder(found: Entry | Folder | undefined): found is Entry {
  return found !== undefined && !(found instanceof Map) && found.mode === '40000';
}

/** The id of what a folder became; `undefined` where nothing is left in it. What it names is there before it is. */
async function written(folder: Folder, write: ObjectWriter): Promise<string | undefined> {
  const entries: Entry[] = [];
  for (const [name, one] of folder) {
    const id = one instanceof Map ? await written(one, write) : one.id;
    if (id !== undefined) entries.push(one instanceof Map ? { mode: '40000', name, id } : one);
  }
  return entries.length === 0 ? undefined : write('tree', printEntries(entries));
}

/** The names of a path, each as its bytes. What git refuses to have in a tree is refused here, on every system alike. */
function namesIn(path: string): string[] {
  const names = path.split('/');
  if (path.includes('\0') || names.some((name) => /^(\.{0,2}|(\.git|git~1)[ .]*([:\\].*)?)$/is.test(name)))
    throw new GitmendError('GIT_FAILED', `${JSON.stringify(path.slice(0, 200))} is no path of a file in a repository`);
  return names.map((name) => Buffer.from(name).toString('latin1'));
}
