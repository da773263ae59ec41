import type { Config, TerraformConfig } from '../core/config.ts';
import { againstBackend, againstStack, allowedBy, keptByGitmend } from '../terraform/index.ts';
import { about, type Finding } from './finding.ts';

/** Each synthesized stack: what keeps Terraform from being started on it, and where its state is kept. */
export function examineStacks(
  stacks: { readonly [stack: string]: unknown },
  setting: TerraformConfig,
  runner: Config['runner'],
): Finding[] {
  const allowed = allowedBy(setting);
  return Object.entries(stacks).flatMap(([name, config]) => {
    const { fault } = about(`stack ${name}`);
    const objections = [...againstStack(config, allowed), ...againstBackend(name, config, setting.state)];
    if (objections.length > 0)
      return objections.map((why) =>
        fault(why, 'mend stacks/ by a pull request: gitmend explain TERRAFORM_STACK_REFUSED'),
      );
    return [backendFinding(name, config, setting, runner)];
  });
}

/** They lock by themselves (developer.hashicorp.com/terraform/language/backend, as of 1.9 to 1.14). */
const locking = ['azurerm', 'consul', 'cos', 'gcs', 'kubernetes', 'pg', 'remote'];

function backendFinding(
  stack: string,
  config: unknown,
  { environment, state }: TerraformConfig,
  runner: Config['runner'],
): Finding {
  const { ok, warn, fault } = about(`stack ${stack}`);
  const [[kind, backend] = []] = Object.entries(objectIn(objectIn(config, 'terraform'), 'backend'));
  if (keptByGitmend(config, state)) return ok(`its state is kept by gitmend serve at ${state?.url ?? ''}, with a lock`);
  const shared = 'give the stack a backend that locks, such as pg (docs/terraform.md, State)';
  // Without one Terraform writes beside the stack, into a folder that no other machine sees.
  if (kind === undefined) return fault('it names no backend, so no other machine would find its state', shared);
  if (kind === 'local') {
    if (runner === 'ci') return fault('its state is a local file, and each job of CI would begin without it', shared);
    const mend = `right where serve and the runner are one machine and one user; otherwise ${shared}`;
    return warn('its state is a local file, which no other machine shares', mend);
  }
  if (locking.includes(kind) && objectIn({ backend }, 'backend')['lock'] !== false)
    return ok(`its state is kept by ${kind}, which locks`);
  if (locksWhenTold(kind, objectIn({ backend }, 'backend'), environment))
    return ok(`its state is kept by ${kind}, with a lock`);
  return warn(`its state is kept by ${kind} without a lock: two runs could overwrite it`, lockOf[kind] ?? shared);
}

/** What turns the lock on where it is off by itself. */
const lockOf: { readonly [kind: string]: string } = {
  http: 'name lock_address and unlock_address there',
  s3: 'set use_lockfile: true there (Terraform 1.10), or name a dynamodb_table',
};

function locksWhenTold(
  kind: string,
  backend: { [key: string]: unknown },
  environment: TerraformConfig['environment'],
): boolean {
  const told = (key: string): boolean => typeof backend[key] === 'string' && backend[key] !== '';
  if (kind === 'http') return told('lock_address') || Object.hasOwn(environment, 'TF_HTTP_LOCK_ADDRESS');
  return kind === 's3' && (backend['use_lockfile'] === true || told('dynamodb_table'));
}

/** A block, which JSON may also give as a list of one. */
export function objectIn(value: unknown, key: string): { [key: string]: unknown } {
  const inside = typeof value === 'object' && value !== null ? (value as { [key: string]: unknown })[key] : undefined;
  const one: unknown = Array.isArray(inside) ? inside[0] : inside;
  return typeof one === 'object' && one !== null ? (one as { [key: string]: unknown }) : {};
}
