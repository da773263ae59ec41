import type { Tree } from '../core/change-set.ts';
import type { Config } from '../core/config.ts';
import type { DeclaredGuest } from '../core/declared-guest.ts';
import type { Fault } from '../core/fault.ts';
import { printGuestTarget, type Target } from '../core/target.ts';
import { readConfig } from '../config/read.ts';
import { readGuests } from '../declarations/guest/index.ts';
import { type Policies, readPolicies } from '../policy/index.ts';
import type { Repository } from '../git/repository.ts';

/** Everything that one commit declares, with every fault found in it. */
export interface Declared {
  commit: string;
  tree: Tree;
  config: Config | undefined;
  policies: Policies | undefined;
  guests: ReadonlyMap<Target, DeclaredGuest>;
  faults: Fault[];
}

/** Reads what commits declare; a commit never changes, so each is read once. */
export function declarationReader(repo: Repository): (commit: string) => Promise<Declared> {
  const known = new Map<string, Promise<Declared>>();
  return (commit) => {
    const found = known.get(commit) ?? repo.tree(commit).then((tree) => readDeclared(commit, tree));
    known.set(commit, found);
    return found;
  };
}

/** Reads what one tree declares. `commit` names it, and may be a tree of a merge that does not exist yet. */
export function readDeclared(commit: string, tree: Tree): Declared {
  const config = readConfig(tree.get('gitmend.yaml') ?? '');
  const policies = readPolicies(tree);
  const guests = readGuests(tree, config.ok ? config.value : undefined);
  return {
    commit,
    tree,
    config: config.ok ? config.value : undefined,
    policies: policies.ok ? policies.value : undefined,
    guests: new Map(guests.guests.map((guest) => [printGuestTarget(guest), guest])),
    faults: [...(config.ok ? [] : config.faults), ...(policies.ok ? [] : policies.faults), ...guests.faults],
  };
}
