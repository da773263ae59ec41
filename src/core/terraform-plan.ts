import type { Json } from './json.ts';

/** What Terraform would do to one resource. */
export type ChangeKind = 'no-op' | 'read' | 'create' | 'update' | 'replace' | 'destroy' | 'forget';

/** A value of a plan as it may be shown. A secret has left no trace of itself here. */
export type Shown = { value: Json } | 'sensitive' | 'unknown' | 'unset';

/** One attribute that another value comes to. */
export interface AttributeChange {
  /** `['memory', 0, 'dedicated']` */
  path: readonly (string | number)[];
  before: Shown;
  after: Shown;
  /** It cannot be changed in place: it is why the resource is replaced. */
  forces: boolean;
}

/** What a change does to a running guest. `none`: nothing that runs is touched, or it is no guest. */
export type Disturbance = 'none' | 'live' | 'restarts';

export interface ResourceChange {
  /** Terraform's own, in full: `proxmox_virtual_environment_container.postgres`. */
  address: string;
  type: string;
  /** As it was called before, where it was renamed. */
  movedFrom?: string;
  /** The id that it is imported from. */
  importedFrom?: string;
  kind: ChangeKind;
  /** Terraform's word for why: `delete_because_no_resource_config` … */
  reason?: string;
  attributes: AttributeChange[];
  disturbance: Disturbance;
  /** The guest's own words, where the resource is one: `postgres (lxc/200 on pve1)`. */
  guest?: string;
}

export interface FailedCheck {
  address: string;
  /** `fail` or `error`; what is still unknown is none. */
  status: 'fail' | 'error';
  problems: string[];
}

/** Why a plan is not one that may be applied, whoever approves it. */
export interface Objection {
  kind: ObjectionKind;
  /** The resource, module or provider that it is about; '' for the whole plan. */
  address: string;
  why: string;
  next: string;
}

export const objectionKinds = [
  'provisioner',
  'external-data',
  'provider',
  'module',
  'action',
  'deferred',
  'unknown-action',
  'failed',
] as const;
export type ObjectionKind = (typeof objectionKinds)[number];

/** A plan of one stack, read and trusted: typed, and free of secrets. */
export interface TerraformPlan {
  /** Of the program that made it, OpenTofu's too. */
  terraformVersion: string;
  /** Absent: `terraform`. */
  program?: 'tofu';
  /** By address. Without those that stay as they are. */
  changes: ResourceChange[];
  /** How many resources stay as they are. */
  unchanged: number;
  /** What somebody changed outside of Terraform since its last run. */
  drift: ResourceChange[];
  failedChecks: FailedCheck[];
  /** Names of outputs that change. */
  outputs: string[];
  objections: Objection[];
}
