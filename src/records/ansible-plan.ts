import { z } from 'zod';
import type { AnsiblePlan, HostPlan, TaskChange, Unpredicted } from '../core/ansible.ts';
import { count, digest } from './schemas.ts';

const change: z.ZodType<TaskChange> = z.strictObject({
  play: z.string(),
  task: z.string(),
  module: z.string(),
  item: z.string().exactOptional(),
  handler: z.boolean(),
  diff: z.array(z.string()),
  cut: count,
  digest,
  hidden: z.boolean(),
});

const unpredicted: z.ZodType<Unpredicted> = z.strictObject({
  play: z.string(),
  task: z.string(),
  module: z.string(),
  why: z.string(),
});

/** Where a host is reached. */
export const reached = z.strictObject({ address: z.string(), port: z.string() });

const host: z.ZodType<HostPlan> = z.strictObject({
  host: z.string(),
  reached: reached.exactOptional(),
  changes: z.array(change),
  unpredicted: z.array(unpredicted),
  unchanged: count,
  failed: z.strictObject({ task: z.string(), why: z.string() }).exactOptional(),
  unreachable: z.string().exactOptional(),
});

/** What check mode says of one playbook, as it stands in a plan record. */
export const ansiblePlan: z.ZodType<AnsiblePlan> = z.strictObject({
  playbook: z.string(),
  mode: z.enum(['check', 'apply']),
  hosts: z.array(host),
  silent: z.array(z.string()).exactOptional(),
  withoutHosts: z.array(z.string()),
  core: z.string(),
  stale: digest,
});
