import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readPlan, type TerraformPlan } from '../../src/terraform/index.ts';

/**
 * Plans that the real Terraform 1.11.4 and bpg/proxmox 0.111.1 made against the simulator. `resize`: a person's edit of
 * three guests. `wild`: everything that a plan can hold at once, with the password `hunter2hunter2` in it.
 */
export function plannedJson(name: 'resize' | 'wild'): string {
  return readFileSync(join(import.meta.dirname, 'plans', `${name}.json`), 'utf8');
}

export function planned(name: 'resize' | 'wild'): TerraformPlan {
  return trusted(plannedJson(name));
}

export function trusted(json: string): TerraformPlan {
  const read = readPlan(json);
  if (!read.ok) throw new Error(read.why);
  return read.plan;
}

/** A resource change as Terraform prints it. */
export interface Made {
  address?: string;
  type?: string;
  actions?: string[];
  before?: unknown;
  after?: unknown;
  [other: string]: unknown;
}

/** A plan of resources that a test makes up, and of whatever else it says. */
export function made(changes: readonly Made[], rest: { [key: string]: unknown } = {}): string {
  return JSON.stringify({
    format_version: '1.2',
    terraform_version: '1.11.4',
    configuration: { root_module: {} },
    resource_changes: changes.map(change),
    ...rest,
  });
}

export function change({
  address = 'terraform_data.one',
  type = 'terraform_data',
  actions = ['update'],
  before = null,
  after = null,
  ...rest
}: Made) {
  const { previous_address, action_reason, ...inner } = rest;
  return {
    address,
    mode: 'managed',
    type,
    name: address.split('.').at(-1),
    provider_name: 'terraform.io/builtin/terraform',
    previous_address,
    action_reason,
    change: { actions, before, after, after_unknown: {}, before_sensitive: {}, after_sensitive: {}, ...inner },
  };
}
