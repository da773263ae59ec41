import { z } from 'zod';
import { objectionKinds, type TerraformPlan } from '../core/terraform-plan.ts';
import { count, json } from './schemas.ts';

const shown = z.union([z.strictObject({ value: json }), z.enum(['sensitive', 'unknown', 'unset'])]);

const change = z.strictObject({
  address: z.string(),
  type: z.string(),
  movedFrom: z.string().exactOptional(),
  importedFrom: z.string().exactOptional(),
  kind: z.enum(['no-op', 'read', 'create', 'update', 'replace', 'destroy', 'forget']),
  reason: z.string().exactOptional(),
  attributes: z.array(
    z.strictObject({
      path: z.array(z.union([z.string(), z.number()])),
      before: shown,
      after: shown,
      forces: z.boolean(),
    }),
  ),
  disturbance: z.enum(['none', 'live', 'restarts']),
  guest: z.string().exactOptional(),
});

/** A plan of Terraform as it stands in a plan record. */
export const terraformPlan: z.ZodType<TerraformPlan> = z.strictObject({
  terraformVersion: z.string(),
  program: z.literal('tofu').exactOptional(),
  changes: z.array(change),
  unchanged: count,
  drift: z.array(change),
  failedChecks: z.array(
    z.strictObject({ address: z.string(), status: z.enum(['fail', 'error']), problems: z.array(z.string()) }),
  ),
  outputs: z.array(z.string()),
  objections: z.array(
    z.strictObject({ kind: z.enum(objectionKinds), address: z.string(), why: z.string(), next: z.string() }),
  ),
});
