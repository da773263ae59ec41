import { createHash } from 'node:crypto';
import type { Edits, Tree } from '../../src/core/change-set.ts';
import { canonical } from '../../src/core/json.ts';
import type { NewCommit, RefUpdate, Repository } from '../../src/git/repository.ts';

/** The refs and objects of a repository in memory; several runners share it as they would share a remote. */
export interface MemoryRemote {
  refs: Map<string, string>;
  /** A runner's own view of it: refs as of its last fetch or push, as in a mirror. */
  open(): Repository;
}

interface Commit {
  tree: string;
  parents: readonly string[];
  message: string;
}

/**
 * Git's rules without git: content-addressed commits, a three-way merge by file, refs that move only from what they were
 * said to be, all of a push or nothing. tests/crash/memory-repository.test.ts holds it against the real one.
 */
export function memoryRemote(): MemoryRemote {
  const refs = new Map<string, string>();
  const trees = new Map<string, Tree>();
  const commits = new Map<string, Commit>();
  const idOf = (value: unknown) => createHash('sha1').update(canonical(value)).digest('hex');
  const keepTree = (tree: Tree): string => {
    const id = idOf([...tree].sort(([a], [b]) => (a < b ? -1 : 1)));
    trees.set(id, tree);
    return id;
  };
  const commitOf = (id: string): Commit => {
    const found = commits.get(id);
    if (found === undefined) throw new Error(`no commit ${id}`);
    return found;
  };
  const treeOf = (id: string): string => (trees.has(id) ? id : commitOf(id).tree);
  const ancestors = (id: string, seen = new Set<string>()): Set<string> => {
    if (seen.has(id)) return seen;
    seen.add(id);
    for (const parent of commitOf(id).parents) ancestors(parent, seen);
    return seen;
  };
  const firstParents = (to: string): string[] => {
    const line: string[] = [];
    for (let at: string | undefined = to; at !== undefined; at = commitOf(at).parents[0]) line.unshift(at);
    return line;
  };
  const merge = (ours: string, theirs: string): { tree: string } | { conflicts: string[] } => {
    const common = ancestors(ours);
    const base = [...ancestors(theirs)]
      .filter((id) => common.has(id))
      .sort((a, b) => ancestors(b).size - ancestors(a).size)[0];
    const [b, o, t] = [
      base === undefined ? new Map<string, string>() : trees.get(treeOf(base)),
      trees.get(treeOf(ours)),
      trees.get(treeOf(theirs)),
    ];
    const merged = new Map<string, string>();
    const conflicts: string[] = [];
    for (const path of new Set([...(o?.keys() ?? []), ...(t?.keys() ?? [])])) {
      const [was, mine, yours] = [b?.get(path), o?.get(path), t?.get(path)];
      if (mine !== was && yours !== was && mine !== yours) conflicts.push(path);
      const text = yours === was ? mine : yours;
      if (text !== undefined) merged.set(path, text);
    }
    return conflicts.length > 0 ? { conflicts } : { tree: keepTree(merged) };
  };
  const open = (): Repository => {
    let view = new Map(refs);
    return {
      folder: '',
      fetch: async () => void (view = new Map(refs)),
      tip: async (ref) => view.get(ref),
      refs: async (prefix) => new Map([...view].filter(([ref]) => ref.startsWith(prefix)).sort()),
      tree: async (id) => trees.get(treeOf(id)) ?? new Map<string, string>(),
      treeId: async (id) => treeOf(id),
      parents: async (id) => [...commitOf(id).parents],
      message: async (id) => commitOf(id).message.trimEnd(),
      firstParents: async (from, to) => {
        const without = from === undefined ? new Set<string>() : ancestors(from);
        return firstParents(to).filter((id) => !without.has(id));
      },
      isAncestor: async (ancestor, id) => commits.has(id) && ancestors(id).has(ancestor),
      mergeTree: async (ours, theirs) => merge(ours, theirs),
      writeTree: async (base, edits: Edits) => {
        const tree = new Map(base === undefined ? [] : trees.get(treeOf(base)));
        for (const [path, text] of edits) {
          if (text === null) tree.delete(path);
          else tree.set(path, text);
        }
        return keepTree(tree);
      },
      commit: async ({ tree, parents, message, at }: NewCommit) => {
        if (!trees.has(tree)) trees.set(tree, new Map());
        const id = idOf({ tree, parents, message, at: Math.floor(at / 1000) });
        commits.set(id, { tree, parents, message });
        return id;
      },
      push: async (updates: readonly RefUpdate[]) => {
        // Git finds a ref that is already where it shall be up to date, whatever the lease says.
        const refused = updates.some(
          ({ ref, from, to }) => (refs.get(ref) ?? null) !== from && (refs.get(ref) ?? null) !== to,
        );
        if (refused) return false;
        for (const { ref, to } of updates) {
          for (const map of [refs, view]) {
            if (to === null) map.delete(ref);
            else map.set(ref, to);
          }
        }
        return true;
      },
    };
  };
  return { refs, open };
}
