import type { Tree } from '../core/change-set.ts';
import type { Clock } from '../core/clock.ts';
import type { Config } from '../core/config.ts';
import type { Forge } from '../forges/forge.ts';
import type { Protection } from '../forges/local/index.ts';
import type { Repository } from '../git/repository.ts';

/** A forge, and what it demands of a merge and grants to gitmend where it can say so. */
export type ExaminedForge = Forge & {
  protection?: () => Promise<Protection>;
  /** Permissions that the credential lacks, and those that gitmend has no use for, in the forge's own words. */
  rights?: () => Promise<{ missing: string[]; excess: string[] }>;
};

/** What is examined, and how it is reached. The entry point brings it; nothing is opened before it is tried. */
export interface Patient {
  /** Whose variables are asked for: `read` plans and diagnoses, `write` applies. */
  role: 'read' | 'write';
  env: { readonly [name: string]: string | undefined };
  clock: Clock;
  /** The files of the infrastructure repository as they lie in the folder. Throws CONFIG_NOT_FOUND. */
  readTree: () => Tree;
  /** `v24.21.0` */
  node: string;
  /** The first line of `git --version`. Throws GIT_FAILED. */
  gitVersion: () => Promise<string>;
  /** Where this machine keeps its mirrors and, for `serve`, its store. */
  stateFolder: string;
  /** Writes, reads and removes a file in it. Rejects with the system's own error. */
  tryWriting: (folder: string) => Promise<void>;
  openForge: (config: Config) => Promise<ExaminedForge>;
  terraform: TerraformPatient;
  ansible: AnsiblePatient;
  /** A mirror of the forge's repository, fetched now, and the last tip of the records that this machine has seen. */
  openRecords: (forge: Forge) => Promise<{ repo: Repository; seen: string | undefined }>;
}

/** How what `terraform:` of gitmend.yaml names is tried. */
export interface TerraformPatient {
  /** `1.11.4`. Throws TERRAFORM_MISSING, TERRAFORM_TOO_OLD, TERRAFORM_KILLED or TERRAFORM_FAILED. */
  version: (program: string) => Promise<string>;
  /** cdk.tf.json by stack, synthesized of the default branch as it is on the forge, or why there is none. */
  stacks: (
    config: Config,
  ) => Promise<{ ok: true; stacks: { [stack: string]: unknown } } | { ok: false; message: string }>;
  /** What locks stack code of a pull request in: `bwrap`, `unshare`. Throws SANDBOX_MISSING. */
  sandbox: () => Promise<string>;
  /** Names of what lies in a folder. Rejects with the system's own error. */
  list: (folder: string) => Promise<string[]>;
  /** As Terraform calls it: `linux_amd64`. */
  platform: string;
}

/** How what `ansible:` of gitmend.yaml names is tried. */
export interface AnsiblePatient {
  /** `2.14.18`. Throws ANSIBLE_MISSING, ANSIBLE_TOO_OLD, ANSIBLE_KILLED or ANSIBLE_FAILED. */
  version: (program: string) => Promise<string>;
  /** Permissions of a file. Rejects with the system's own error. */
  mode: (file: string) => Promise<number>;
  /** Names of what lies in a folder. Rejects with the system's own error. */
  list: (folder: string) => Promise<string[]>;
}
