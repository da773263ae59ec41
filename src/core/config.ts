import type { AnsibleConfig } from './ansible.ts';

/** A credential is only ever the name of an environment variable (`env:NAME`). */
export interface EnvReference {
  env: string;
}

export interface ClusterConfig {
  /** First part of every canonical target: `home`. */
  name: string;
  /** `https://pve1.home.lan:8006` */
  endpoint: string;
  /** Path in the repository of the PEM that signs the API's certificate; or a pinned SHA-256 of the leaf. One of both. */
  ca?: string;
  fingerprint?: string;
  read: EnvReference;
  write?: EnvReference;
  /** `instance` or `job` labels of the exporters that watch this cluster. */
  exporters: string[];
}

export type ForgeConfig =
  /** A bare repository with pull requests beside it, in a folder; `path` absent: the clone's `origin`. */
  | { kind: 'local'; path?: string }
  | { kind: 'gitea'; url?: string; repository: string; token: EnvReference; webhookSecret?: EnvReference }
  /** `url`: of a GitHub Enterprise Server. Exactly one of `token` and `app`. */
  | {
      kind: 'github';
      url?: string;
      repository: string;
      token?: EnvReference;
      app?: GithubAppConfig;
      webhookSecret?: EnvReference;
    };

/** A GitHub App of one's own: its App ID or Client ID, and its private key. */
export interface GithubAppConfig {
  id: string;
  key: EnvReference;
}

/** Whom to tell. `url` as a reference: for addresses that are a secret themselves, as those of chats and open topics are. */
export interface NotifyConfig {
  kind: 'webhook' | 'ntfy' | 'mail';
  /** `https://host/path`; ntfy: `https://host/topic`; mail: `smtp://host:25/?from=…&to=…` or `mailto:ops@home.lan`. */
  url: string | EnvReference;
  /** webhook and ntfy: sent as a bearer token. mail: `user:password`. */
  secret?: EnvReference;
}

/** What of a guest is compared with its declaration, and so what `drift.ignore` may name. */
export const driftFields = [
  ...(['memory', 'swap', 'cores', 'name', 'node', 'disk', 'network'] as const),
  ...(['started', 'protection'] as const),
] as const;
export type DriftField = (typeof driftFields)[number];

/** How drift is looked for. Durations in seconds. */
export interface DriftConfig {
  every: number;
  /** A difference counts when it was the same at two looks at least so far apart. */
  settle: number;
  /** `memory`, or of one guest `lxc/203:memory`, `home/lxc/203:memory`. */
  ignore: string[];
}

/** Where gitmend.yaml says nothing of it. */
export const driftByDefault: DriftConfig = { every: 3600, settle: 600, ignore: [] };

/** Terraform, for what Proxmox VE's own API does not do in one write. Durations in seconds. */
export interface TerraformConfig {
  /** `terraform`, `tofu`, or a path. */
  program: string;
  /** Folder on the machine that providers come from (`filesystem_mirror`); absent: the registry. */
  mirror?: string;
  /** Providers beside bpg/proxmox that stacks may use, in full, and sources of modules. */
  providers: string[];
  modules: string[];
  /** What the backend reads, by the names that it reads it by: `PG_CONN_STR`. */
  environment: { [name: string]: EnvReference };
  /** `sandbox`: changes of stack code are planned and applied, the code under review run in a sandbox. Absent: they are not. */
  stackCode?: 'off' | 'sandbox';
  /** Of one call of the program. */
  timeout: number;
  /** How long a call waits for the state's lock. */
  lockTimeout: number;
  /** Absent: `gitmend serve` keeps no state. */
  state?: StateConfig;
}

/** The door of `gitmend serve` that keeps Terraform's state, and what opens it. */
export interface StateConfig {
  /** Under which Terraform reaches it, without a slash at its end: https, or http on this machine alone. */
  url: string;
  /** Password of the user `read`, who reads and locks; and of `write`, who may do everything. */
  read: EnvReference;
  write: EnvReference;
  /** 32 bytes that new versions are sealed with, and those that older ones were. */
  key: EnvReference;
  formerKeys: EnvReference[];
}

/** gitmend.yaml, trusted. Durations in seconds. */
export interface Config {
  version: 1;
  forge: ForgeConfig;
  runner: 'builtin' | 'ci';
  /** Risks that the owner takes knowingly, each by its name. */
  accepts?: 'pushers-can-read-write-secret'[];
  /** Whether one issue lists what is open, waiting, limited, snoozed and failed, with boxes that act. Absent: no. */
  dashboard?: boolean;
  /** Forge accounts whose approval counts, and teams (`team:owner/name`), unless a rule narrows them. */
  approvers: string[];
  clusters: ClusterConfig[];
  prometheus?: { url: string };
  alertmanager?: { url: string; doorToken?: EnvReference };
  notify: NotifyConfig[];
  verify: { window?: number; watch?: number };
  limits: { openPullRequests: number; perHour: number };
  /** Absent: as `driftByDefault`. */
  drift?: DriftConfig | 'off';
  /** Absent: what only Terraform does is refused. */
  terraform?: TerraformConfig;
  /** Absent: nothing is done with ansible/. */
  ansible?: AnsibleConfig;
  /** The owner's mapping from alert name to fault family. */
  alerts: { [alertName: string]: string };
}
