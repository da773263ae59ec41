import type { Tree } from './change-set.ts';
import type { Digest } from './json.ts';

/** One playbook, with the files that it is run on. */
export interface AnsibleWork {
  /**
   * Playbooks, roles, templates and ansible.cfg of the default branch with the inventory and the variables under review
   * (`underReview` of src/ansible). Paths of the repository: `ansible/…`.
   */
  tree: Tree;
  /** What is trusted: the tree that was approved last. What `tree` has otherwise is judged as a stranger's. */
  before: Tree;
  /** `ansible/playbooks/site.yaml` */
  playbook: string;
  /** Names of the inventory. Absent: whatever hosts the playbook names. */
  hosts?: readonly string[];
}

/** Ansible on this machine. Both throw a GitmendError with one of the ANSIBLE_ codes; neither shows a secret. */
export interface AnsibleEngine {
  /** `ansible-playbook --check --diff`. Changes nothing. */
  check(work: AnsibleWork): Promise<AnsiblePlan>;
  /** The same play on exactly these hosts. What it did is in the plan that it returns; a host that failed says so there. */
  apply(work: AnsibleWork & { hosts: readonly string[] }): Promise<AnsiblePlan>;
}

/** What one playbook would do (check) or did (apply), without secrets. */
export interface AnsiblePlan {
  /** `ansible/playbooks/site.yaml` */
  playbook: string;
  mode: 'check' | 'apply';
  /** By name; every host that a play of it reached for, those that stay as they are too. */
  hosts: HostPlan[];
  /** Hosts that do not answer and need not: the change names hosts and nothing more. Nothing is known of them, nothing runs there. */
  silent?: string[];
  /** Plays that found none of these hosts in the inventory. */
  withoutHosts: string[];
  /** Version of ansible-core: `2.14.18`. */
  core: string;
  /**
   * Digest of what the plan stands on beside the files: the version of ansible-core, the installed collections that it
   * uses, and of each host its groups and address. A plan with another one is stale.
   */
  stale: Digest;
}

/** Where a host is reached over SSH. */
export interface Reached {
  /** An address or a name, as a connection takes it. */
  address: string;
  /** '' for SSH's own. */
  port: string;
}

export interface HostPlan {
  host: string;
  /** Where the inventory and the variables put it. Absent in plans of before it was noted. */
  reached?: Reached;
  /** In the order in which they happen. */
  changes: TaskChange[];
  /** Tasks of which check mode cannot say what they will do. Empty after an apply. */
  unpredicted: Unpredicted[];
  /** How many tasks find everything as it shall be. */
  unchanged: number;
  /** The task that failed; what comes after it is not known. Absent where none did, or where the play goes on. */
  failed?: { task: string; why: string };
  /** Why it could not be reached. Nothing else is known of it then. */
  unreachable?: string;
}

/** What a task changes on one host. */
export interface TaskChange {
  play: string;
  task: string;
  /** In full: `ansible.builtin.copy`. */
  module: string;
  /** Of a loop: the item, as a text of one line. */
  item?: string;
  /** It runs because another task notified it. */
  handler: boolean;
  /** Lines as of `diff -u` (` `, `+`, `-`, `@@`), redacted and capped. Empty where the module shows none. */
  diff: string[];
  /** How many lines were left out behind `diff`. */
  cut: number;
  /** Of all lines, before any was cut: two long differences are told apart by it. */
  digest: Digest;
  /** The task has `no_log`: what it changes is not shown. */
  hidden: boolean;
}

export interface Unpredicted {
  play: string;
  task: string;
  module: string;
  /** One sentence: `it runs a command, which check mode does not run`. */
  why: string;
}

/** Why a playbook is not run at all, not even to look, whoever approves it. */
export interface AnsibleObjection {
  kind: AnsibleObjectionKind;
  /** `ansible/host_vars/postgres.yaml` */
  file: string;
  /** 1-based; 0 where it is about the whole file. */
  line: number;
  /** The task, variable or setting that it is about; '' for the whole file. */
  name: string;
  why: string;
  next: string;
}

export const ansibleObjectionKinds = [
  /** A file is not what Ansible would read, or not YAML. */
  'unreadable',
  /** Runs although nothing shall be changed: `check_mode: false`, `lookup('pipe')`. */
  'runs-in-check',
  /** Runs on gitmend's own machine: `delegate_to: localhost`, `connection: local`. */
  'runs-here',
  /** Code of the tree that Ansible loads: `library/`, `filter_plugins/`, an inventory script. */
  'own-code',
  /** A module or role of a collection that gitmend.yaml does not name. */
  'collection',
  /** Only known while it runs: a templated path, module or list of hosts. */
  'hidden',
  /** Asks somebody: `vars_prompt`, `debugger`. */
  'asks',
  /** A setting of ansible.cfg that is not on the list. */
  'setting',
  /** A variable under review that decides how or where Ansible runs: `ansible_connection`. */
  'variable',
  /** A template in a value under review that is more than a name. */
  'template',
] as const;
export type AnsibleObjectionKind = (typeof ansibleObjectionKinds)[number];

/** `ansible:` of gitmend.yaml. Durations in seconds. */
export interface AnsibleConfig {
  /** `ansible-playbook`, or a path. */
  program: string;
  /** Paths of playbooks in the order in which they are run; `ansible/playbooks/*.yaml` stands for all of that folder. */
  playbooks: string[];
  /** Collections beside ansible.builtin whose modules and roles playbooks may use: `community.general`. */
  collections: string[];
  /** Folder on the machine where they are installed (it holds `ansible_collections`). Absent: Ansible's own places. */
  collectionsPath?: string;
  /** The private key that logs in: itself in a variable, or a file on the machine. Absent: what ssh-agent offers. */
  sshKey?: { env: string } | { file: string };
  /** Path in the repository of the host keys that are trusted, as ssh's known_hosts has them. */
  knownHosts: string;
  vaultPassword?: { env: string };
  /** What tasks may read by `lookup('env', 'NAME')`. */
  environment: { [name: string]: { env: string } };
  /** Names of `environment` that a pull request may give hosts as `ansible_become_password`. Absent: none. */
  becomePasswords?: string[];
  /** Host names or groups; nothing else is touched. Absent: all. */
  limit?: string[];
  /** Of one run of the program. */
  timeout: number;
}
