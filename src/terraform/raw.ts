import { z } from 'zod';

// `terraform show -json` of a plan, format 1.x (https://developer.hashicorp.com/terraform/internals/json-format).
// Only what is used; what a newer Terraform adds is let through, except for what could do something unseen (objections.ts).

const most = 5000;
const address = z.string().min(1).max(most);

const change = z.object({
  actions: z.array(z.string().max(32)).min(1).max(4),
  before: z.unknown(),
  after: z.unknown(),
  after_unknown: z.unknown(),
  before_sensitive: z.unknown(),
  after_sensitive: z.unknown(),
  replace_paths: z.array(z.array(z.union([z.string(), z.number()]))).optional(),
  importing: z.object({ id: z.string().max(most).optional() }).nullish(),
});
export type RawChange = z.infer<typeof change>;

const resource = z.object({
  address,
  previous_address: address.optional(),
  mode: z.string(),
  type: z.string().max(most),
  provider_name: z.string().max(most).optional(),
  action_reason: z.string().max(200).optional(),
  change,
});
export type RawResource = z.infer<typeof resource>;

const problem = z.object({ message: z.string() });
const check = z.object({
  address: z.object({ to_display: z.string() }),
  status: z.string(),
  instances: z.array(z.object({ problems: z.array(problem).nullish() })).nullish(),
});

const configured = z.object({
  address,
  mode: z.string(),
  type: z.string(),
  provisioners: z.array(z.object({ type: z.string() })).nullish(),
});

export interface RawModule {
  resources?: z.infer<typeof configured>[] | null | undefined;
  module_calls?: { [name: string]: { source?: string | undefined; module?: RawModule | undefined } } | null | undefined;
  variables?: { [name: string]: { sensitive?: boolean | undefined } } | null | undefined;
}

const module: z.ZodType<RawModule> = z.lazy(() =>
  z.object({
    resources: z.array(configured).nullish(),
    module_calls: z
      .record(z.string(), z.object({ source: z.string().optional(), module: module.optional() }))
      .nullish(),
    variables: z.record(z.string(), z.object({ sensitive: z.boolean().optional() })).nullish(),
  }),
);

/** The parts of a plan's JSON that gitmend reads. */
export const rawPlan = z.object({
  format_version: z.string().regex(/^1\.\d+$/, 'is not a format 1.x'),
  terraform_version: z.string().max(100).default(''),
  variables: z.record(z.string(), z.object({ value: z.unknown() })).nullish(),
  resource_changes: z.array(resource).nullish(),
  resource_drift: z.array(resource).nullish(),
  output_changes: z.record(z.string(), z.object({ actions: z.array(z.string()) })).nullish(),
  checks: z.array(check).nullish(),
  configuration: z.object({
    provider_config: z.record(z.string(), z.object({ full_name: z.string().optional() })).nullish(),
    root_module: module.optional(),
  }),
  errored: z.boolean().default(false),
  deferred_changes: z.array(z.unknown()).nullish(),
  action_invocations: z.array(z.unknown()).nullish(),
});
export type RawPlan = z.infer<typeof rawPlan>;
