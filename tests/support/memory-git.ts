import { botAddress } from '../../src/git/git.ts';
import { createHash } from 'node:crypto';
import type { Tree } from '../../src/core/change-set.ts';
import { emptyTree, type NewCommit, type RefUpdate, type Repository } from '../../src/git/repository.ts';
import { mergeTexts } from './merge-texts.ts';

interface Commit {
  tree: string;
  parents: readonly string[];
  message: string;
}

/** A bare repository that everybody fetches from and pushes to, in memory. */
export interface MemoryRemote {
  refs: Map<string, string>;
  commits: Map<string, Commit>;
  trees: Map<string, Tree>;
}

export function memoryRemote(): MemoryRemote {
  return { refs: new Map(), commits: new Map(), trees: new Map([[emptyTree, new Map()]]) };
}

/**
 * The contract of Repository without a process behind every call: what the seeded runs stand on, because a thousand of
 * them with git itself would take an hour. One suite of tests holds it and git's own to the same behaviour.
 */
export function memoryRepository(remote: MemoryRemote): Repository {
  const mirror = new Map<string, string>();
  return {
    folder: 'memory',
    async fetch() {
      await turn();
      mirror.clear();
      for (const [ref, id] of remote.refs) if (/^refs\/(heads|gitmend|notes)\//.test(ref)) mirror.set(ref, id);
    },
    tip: async (ref) => mirror.get(ref),
    refs: async (prefix) => new Map([...mirror].filter(([ref]) => isBelow(ref, prefix)).toSorted()),
    async push(updates) {
      await turn();
      if (!pushed(remote.refs, updates)) return false;
      set(mirror, updates);
      return true;
    },
    ...reading(remote),
    ...writing(remote),
  };
}

/** Lets whoever else waits have its turn, as the network would. */
async function turn(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}

function isBelow(ref: string, prefix: string): boolean {
  return ref.startsWith(prefix.endsWith('/') ? prefix : `${prefix}/`) || ref === prefix;
}

/** All or nothing, each ref demanded to be as it was. */
function pushed(refs: Map<string, string>, updates: readonly RefUpdate[]): boolean {
  const fits = updates.every(({ ref, from }) => (refs.get(ref) ?? null) === from);
  if (fits) set(refs, updates);
  return fits;
}

function set(refs: Map<string, string>, updates: readonly RefUpdate[]): void {
  for (const { ref, to } of updates) {
    if (to === null) refs.delete(ref);
    else refs.set(ref, to);
  }
}

function reading(remote: MemoryRemote) {
  const commitOf = (id: string): Commit => {
    const found = remote.commits.get(id);
    if (found === undefined) throw new Error(`no commit ${id}`);
    return found;
  };
  const treeId = (id: string) => remote.commits.get(id)?.tree ?? id;
  const treeOf = (id: string): Tree => {
    const found = remote.trees.get(treeId(id));
    if (found === undefined) throw new Error(`no tree ${id}`);
    return found;
  };
  const history = (id: string) => ancestors(remote, id);
  return {
    tree: async (id: string) => treeOf(id),
    treeId: async (id: string) => treeId(id),
    parents: async (id: string) => [...commitOf(id).parents],
    // Everybody here commits as gitmend does.
    committer: async (id: string) => (commitOf(id), botAddress),
    message: async (id: string) => commitOf(id).message.trimEnd(),
    async firstParents(from: string | undefined, to: string) {
      const known = from === undefined ? new Set<string>() : history(from);
      const line: string[] = [];
      for (let at: string | undefined = to; at !== undefined && !known.has(at); at = commitOf(at).parents[0])
        line.unshift(at);
      return line;
    },
    isAncestor: async (ancestor: string, commit: string) => remote.commits.has(commit) && history(commit).has(ancestor),
    async mergeTree(ours: string, theirs: string) {
      const common = history(ours);
      // Histories here have one line of merges, so the first of theirs that is ours is the base.
      const base = [...history(theirs)].find((id) => common.has(id));
      const merged = mergeTrees(
        base === undefined ? new Map<string, string>() : treeOf(base),
        treeOf(ours),
        treeOf(theirs),
      );
      return 'conflicts' in merged ? merged : { tree: keepTree(remote, merged.tree) };
    },
  };
}

/** A commit and everything that it comes from, nearest first. */
function ancestors({ commits }: MemoryRemote, id: string): Set<string> {
  const found = new Set<string>();
  const open = [id];
  for (let at = open.shift(); at !== undefined; at = open.shift()) {
    if (found.has(at)) continue;
    found.add(at);
    open.push(...(commits.get(at)?.parents ?? []));
  }
  return found;
}

function mergeTrees(base: Tree, ours: Tree, theirs: Tree): { tree: Tree } | { conflicts: string[] } {
  const merged = new Map<string, string>();
  const conflicts: string[] = [];
  for (const path of new Set([...base.keys(), ...ours.keys(), ...theirs.keys()])) {
    const text = mergeTexts(base.get(path), ours.get(path), theirs.get(path));
    if (text === 'conflict') conflicts.push(path);
    else if (text.is !== undefined) merged.set(path, text.is);
  }
  return conflicts.length > 0 ? { conflicts: conflicts.toSorted() } : { tree: merged };
}

function writing(remote: MemoryRemote) {
  return {
    async writeTree(base: string | undefined, edits: ReadonlyMap<string, string | null>) {
      const tree = new Map(base === undefined ? [] : remote.trees.get(remote.commits.get(base)?.tree ?? base));
      for (const [path, text] of edits) {
        if (text === null) tree.delete(path);
        else tree.set(path, text);
      }
      return keepTree(remote, tree);
    },
    commit: async (commit: NewCommit) => keepCommit(remote, commit),
  };
}

function keepTree({ trees }: MemoryRemote, tree: Tree): string {
  const sorted = [...tree].toSorted(([a], [b]) => (a < b ? -1 : 1));
  const id = sorted.length === 0 ? emptyTree : named('tree', sorted);
  if (!trees.has(id)) trees.set(id, new Map(sorted));
  return id;
}

/** Keeps a commit; two that are equal to the last letter are one object, as in git. */
export function keepCommit({ commits }: MemoryRemote, { tree, parents, message, at }: NewCommit): string {
  const id = named('commit', [tree, parents, message, Math.floor(at / 1000)]);
  commits.set(id, { tree, parents: [...parents], message });
  return id;
}

function named(kind: string, value: unknown): string {
  return createHash('sha1')
    .update(`${kind} ${JSON.stringify(value)}`)
    .digest('hex');
}
