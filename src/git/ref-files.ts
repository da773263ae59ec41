import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isObjectId } from './history.ts';

/** Full name → id. */
export type RefsByName = Map<string, string>;

/**
 * All refs below these prefixes (`refs/heads`, with or without the last slash; or one ref by its whole name), sorted, read from
 * where git keeps them (gitrepository-layout(5)), anew each time and without a process. `undefined` where only git knows: it
 * keeps them in another way here, or one of them is not plainly an id.
 *
 * What lies in `packed-refs` is read last: git writes a ref there before it takes its file away, so none is missed.
 */
export function refsInFiles(folder: string, prefixes: readonly string[]): RefsByName | undefined {
  if (!existsSync(join(folder, 'HEAD')) || existsSync(join(folder, 'reftable'))) return undefined;
  const roots = prefixes.map((prefix) => prefix.replace(/\/$/, ''));
  try {
    return refsAt(folder, roots);
  } catch {
    // What cannot be read git cannot read either, and says why.
    return undefined;
  }
}

function refsAt(folder: string, roots: readonly string[]): RefsByName | undefined {
  const loose = roots.flatMap((root) => looseBelow(folder, root));
  const packed = packedRefs(folder);
  if (packed === undefined || loose.some(([, id]) => !isObjectId(id))) return undefined;
  const wanted = packed.filter(([name]) => roots.some((root) => name === root || name.startsWith(`${root}/`)));
  return new Map([...new Map([...wanted, ...loose])].toSorted(([one], [other]) => (one < other ? -1 : 1)));
}

/**
 * Refs that are files of their own, below a folder; or the one that has this name. Read without waiting in between: a file of 41
 * bytes is read in the time that it takes to be told that it was.
 */
function looseBelow(folder: string, name: string): [string, string][] {
  const entries = unlessNone(() => readdirSync(join(folder, name), { withFileTypes: true }));
  if (entries === 'a file') return looseAt(folder, name);
  return (entries ?? []).flatMap((entry) => {
    const below = `${name}/${entry.name}`;
    // No text: it cannot be opened by this name, and what has no id is left to git.
    if (below.includes('\ufffd')) return [[below, '']];
    return entry.isDirectory() ? looseBelow(folder, below) : looseAt(folder, below);
  });
}

function looseAt(folder: string, name: string): [string, string][] {
  // What git writes and has not moved to its place yet.
  if (name.endsWith('.lock')) return [];
  const text = unlessNone(() => readFileSync(join(folder, name), 'latin1'));
  return text === undefined ? [] : [[name, text.trimEnd()]];
}

/** What goes while it is looked at is no longer one. */
function unlessNone<T>(read: () => T): T | 'a file' | undefined {
  try {
    return read();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOTDIR') return 'a file';
    if (code === 'ENOENT' || code === 'EISDIR') return undefined;
    throw error;
  }
}

/** `<id> <name>` each; behind a tag, `^<id>` of what it names. `undefined` for anything else. */
function packedRefs(folder: string): [string, string][] | undefined {
  const text = unlessNone(() => readFileSync(join(folder, 'packed-refs'), 'utf8')) ?? '';
  const refs = text.split('\n').filter((line) => line !== '' && !/^[#^]/.test(line));
  const pairs = refs.map((line): [string, string] => [
    line.slice(line.indexOf(' ') + 1),
    line.slice(0, line.indexOf(' ')),
  ]);
  return pairs.every(([name, id]) => isObjectId(id) && !name.includes('\ufffd')) ? pairs : undefined;
}

/** The branch that HEAD names; `undefined` where only git knows. */
export function headBranch(folder: string): string | undefined {
  const text = existsSync(join(folder, 'HEAD')) ? readFileSync(join(folder, 'HEAD'), 'utf8') : '';
  return /^ref: refs\/heads\/([^\0-\x20\ufffd]+)\n?$/.exec(text)?.[1];
}
