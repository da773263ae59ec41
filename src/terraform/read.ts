import type { z } from 'zod';
import { attributeChanges } from './attributes.ts';
import { containerType, disturbanceOf, machineType } from './disturbance.ts';
import { valueAt } from './inside.ts';
import { type Allowed, objectionsTo, usuallyAllowed } from './objections.ts';
import type { ChangeKind, FailedCheck, Objection, ResourceChange, TerraformPlan } from './plan.ts';
import { type RawPlan, rawPlan, type RawResource } from './raw.ts';
import { type Secrets, secretsOf } from './secrets.ts';

export interface ReadingOptions {
  allowed?: Allowed;
  /** Texts that must never be shown: the credentials that this run was given. */
  known?: readonly string[];
}

/**
 * `terraform show -json PLANFILE` → a plan that can be judged and shown, or why it cannot be read. Its secrets stay
 * here. Format 1.x; anything of another shape is refused, because it might do what is not seen.
 */
export function readPlan(
  json: string,
  { allowed = usuallyAllowed, known = [] }: ReadingOptions = {},
): { ok: true; plan: TerraformPlan } | { ok: false; why: string } {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    return { ok: false, why: 'what terraform show printed is not JSON' };
  }
  const read = rawPlan.safeParse(value);
  if (!read.success) return { ok: false, why: `the plan has another shape than format 1.x: ${faultsOf(read.error)}` };
  return { ok: true, plan: planOf(read.data, allowed, secretsOf(read.data, known)) };
}

// Paths alone: a value could be a secret.
function faultsOf(error: z.ZodError): string {
  const faults = error.issues.map(({ path, code }) => `${path.join('.') || 'the whole'} (${code})`);
  return faults.slice(0, 5).join(', ');
}

function planOf(raw: RawPlan, allowed: Allowed, secrets: Secrets): TerraformPlan {
  const all = (raw.resource_changes ?? []).map((one) => resourceChange(one, secrets));
  const strange = (raw.resource_changes ?? []).filter(({ change }) => kindOf(change.actions) === undefined);
  return {
    terraformVersion: raw.terraform_version,
    ...(allowed.program === 'tofu' ? { program: allowed.program } : {}),
    changes: all.filter((one) => isChange(one)).sort(byAddress),
    unchanged: all.filter((one) => !isChange(one)).length,
    drift: (raw.resource_drift ?? [])
      .map((one) => resourceChange(one, secrets, true))
      .filter(({ attributes, kind }) => attributes.length > 0 || kind === 'destroy')
      .sort(byAddress),
    failedChecks: failedChecks(raw, secrets),
    outputs: Object.entries(raw.output_changes ?? {})
      .filter(([, { actions }]) => actions.join() !== 'no-op')
      .map(([name]) => name)
      .sort(),
    objections: [...objectionsTo(raw, allowed), ...strange.map(strangeAction)],
  };
}

function isChange({ kind, importedFrom, movedFrom }: ResourceChange): boolean {
  return kind !== 'no-op' || importedFrom !== undefined || movedFrom !== undefined;
}

function resourceChange(raw: RawResource, secrets: Secrets, found = false): ResourceChange {
  const { address, type, previous_address: moved, action_reason: reason, change } = raw;
  // What is not known is shown as the worst, and refused besides (strangeAction).
  const kind = kindOf(change.actions) ?? 'destroy';
  const attributes =
    kind === 'no-op' || kind === 'destroy' || kind === 'forget' ? [] : attributeChanges(change, secrets, found);
  const guest = guestOf(type, change.before ?? change.after);
  return {
    address,
    type,
    ...(moved === undefined || moved === address ? {} : { movedFrom: moved }),
    ...(change.importing === undefined || change.importing === null ? {} : { importedFrom: change.importing.id ?? '' }),
    kind,
    ...(reason === undefined ? {} : { reason }),
    attributes,
    disturbance: disturbanceOf(type, kind, attributes, change),
    ...(guest === undefined ? {} : { guest: secrets.without(guest) }),
  };
}

const kinds: { readonly [actions: string]: ChangeKind } = {
  'no-op': 'no-op',
  read: 'read',
  create: 'create',
  update: 'update',
  delete: 'destroy',
  'delete,create': 'replace',
  'create,delete': 'replace',
  forget: 'forget',
};

function kindOf(actions: readonly string[]): ChangeKind | undefined {
  const name = actions.join();
  return Object.hasOwn(kinds, name) ? kinds[name] : undefined;
}

function strangeAction({ address, change }: RawResource): Objection {
  return {
    kind: 'unknown-action',
    address,
    why: `Terraform would do “${change.actions.join(', ')}” to ${address}, and gitmend does not know what that is`,
    next: 'Apply it by hand, or report it',
  };
}

function guestOf(type: string, values: unknown): string | undefined {
  if (type !== containerType && type !== machineType) return undefined;
  const inside = valueAt(values, 'initialization');
  const hostname = valueAt(Array.isArray(inside) ? inside[0] : undefined, 'hostname');
  const name = type === machineType ? valueAt(values, 'name') : hostname;
  const id = valueAt(values, 'vm_id') ?? valueAt(values, 'id');
  const where = `${type === machineType ? 'qemu' : 'lxc'}/${scalar(id) || '?'} on ${scalar(valueAt(values, 'node_name')) || '?'}`;
  return scalar(name) === '' ? where : `${scalar(name)} (${where})`;
}

function scalar(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}

function failedChecks(raw: RawPlan, secrets: Secrets): FailedCheck[] {
  return (raw.checks ?? []).flatMap(({ address, status, instances }) => {
    if (status !== 'fail' && status !== 'error') return [];
    const problems = (instances ?? [])
      .flatMap((one) => one.problems ?? [])
      .map(({ message }) => secrets.without(message));
    return [{ address: address.to_display, status, problems }];
  });
}

function byAddress(a: { address: string }, b: { address: string }): number {
  return a.address < b.address ? -1 : a.address > b.address ? 1 : 0;
}
