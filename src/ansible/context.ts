import type { AnsibleObjection, AnsibleObjectionKind } from '../core/ansible.ts';
import type { Tree } from '../core/change-set.ts';
import type { Reach } from './lookups.ts';

/** One task as it is written: by it the results of a run get their names. */
export interface TaskFacts {
  file: string;
  /** Line of its first key, as Ansible names it. */
  line: number;
  /** As it is written; the module where it has none. */
  name: string;
  /** In full. */
  module: string;
  /** Variables that it sets: by `register:`, or as set_fact does. */
  sets: readonly string[];
  /** Handlers that it notifies. */
  notifies: readonly string[];
  /** Names that its conditions, arguments and loops read. */
  reads: ReadonlySet<string>;
}

/** What `ansible:` of gitmend.yaml allows a playbook. */
export interface Allowed extends Reach {
  collections: readonly string[];
}

/** What reading a playbook comes to. Every part of the walk adds to it. */
export interface Walk {
  tree: Tree;
  allowed: Allowed;
  objections: AnsibleObjection[];
  /** By `file:line`. */
  tasks: Map<string, TaskFacts>;
  /** Files that were read, so that none is read twice and none for ever. */
  seen: Set<string>;
  /** Files of variables that the playbook loads beside those of the inventory. */
  variables: Set<string>;
  /** What is still to be read. */
  files: { place: Place; file: string }[];
  roles: { place: Place; name: string; called: { line: number; name: string } }[];
}

/** Where the walk is: the file, the folders that its paths start from, and the role that it is in. */
export interface Place {
  walk: Walk;
  file: string;
  /** `ansible/playbooks` */
  playbookFolder: string;
  /** `ansible/roles/common` */
  role?: string;
  /** Names that the conditions of the blocks around it read. */
  around?: ReadonlySet<string>;
}

/** Notes why something is refused. */
export function object(
  { walk, file }: Place,
  kind: AnsibleObjectionKind,
  { line, name = '' }: { line: number; name?: string },
  why: string,
  next: string,
): void {
  walk.objections.push({ kind, file, line, name, why, next });
}
