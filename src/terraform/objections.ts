import type { TerraformConfig } from '../core/config.ts';
import type { Objection } from './plan.ts';
import { programName, type ProgramName } from './program.ts';
import type { RawModule, RawPlan } from './raw.ts';

/** What a stack may be made of. Everything else is refused by its name. */
export interface Allowed {
  /** Full names: `registry.terraform.io/bpg/proxmox`. */
  providers: readonly string[];
  /** Sources of modules, as the configuration names them. */
  modules: readonly string[];
  /** Which takes a provider that is named in short from its own registry; `terraform` unless told. */
  program?: ProgramName;
}

/** Providers whose plan shows what they do. */
export const usuallyAllowed: Allowed = {
  providers: [
    'registry.terraform.io/bpg/proxmox',
    'registry.opentofu.org/bpg/proxmox',
    'terraform.io/builtin/terraform',
  ],
  modules: [],
};

/** What `terraform:` of gitmend.yaml allows beside them. */
export function allowedBy({
  providers,
  modules,
  program,
}: Pick<TerraformConfig, 'providers' | 'modules' | 'program'>): Allowed {
  return { providers: [...usuallyAllowed.providers, ...providers], modules, program: programName(program) };
}

/** Everything of a plan that could do what it does not show, or that is not whole. Every one at once, by address. */
export function objectionsTo(raw: RawPlan, allowed: Allowed): Objection[] {
  const root = raw.configuration.root_module;
  return [
    ...unfinished(raw),
    ...providersOf(raw)
      .filter((name) => !allowed.providers.includes(name))
      .map(provider),
    ...(root === undefined ? [] : inModule(root, '', allowed)),
  ];
}

// Terraform calls every plan with -target incomplete: that is no fault.
function unfinished({ errored, deferred_changes: deferred, action_invocations: actions }: RawPlan): Objection[] {
  return [
    ...(errored
      ? [
          objection(
            'failed',
            '',
            'the plan is not whole: Terraform met an error on the way',
            'Read what Terraform said',
          ),
        ]
      : []),
    ...((deferred ?? []).length > 0
      ? [
          objection(
            'deferred',
            '',
            'the plan leaves changes for a later run, and does not show them',
            'Split the change',
          ),
        ]
      : []),
    ...((actions ?? []).length > 0
      ? [objection('action', '', 'the plan runs actions, which do what no plan shows', 'Take the action blocks out')]
      : []),
  ];
}

function providersOf({ configuration, resource_changes: changes, resource_drift: drift }: RawPlan): string[] {
  const configured = Object.values(configuration.provider_config ?? {}).map(({ full_name: name }) => name);
  const used = [...(changes ?? []), ...(drift ?? [])].map(({ provider_name: name }) => name);
  return [...new Set([...configured, ...used].filter((name) => name !== undefined))].sort();
}

function provider(name: string): Objection {
  return objection(
    'provider',
    name,
    `the provider ${name} is not on the list of those whose plan shows what they do`,
    'Do without it, or add it to the list in a pull request of its own',
  );
}

function inModule({ resources, module_calls: calls }: RawModule, prefix: string, allowed: Allowed): Objection[] {
  const own = (resources ?? []).flatMap(({ address, mode, type, provisioners }) => [
    ...(provisioners ?? []).map((one) => provisioner(prefix + address, one.type)),
    ...(mode === 'data' && type === 'external' ? [external(prefix + address)] : []),
  ]);
  const called = Object.entries(calls ?? {}).flatMap(([name, { source = '', module }]) => {
    const address = `${prefix}module.${name}`;
    const refused = allowed.modules.includes(source) ? [] : [moduleCall(address, source)];
    return [...refused, ...(module === undefined ? [] : inModule(module, `${address}.`, allowed))];
  });
  return [...own, ...called];
}

function provisioner(address: string, type: string): Objection {
  return objection(
    'provisioner',
    address,
    `${address} runs a provisioner (${type}), and no plan shows what that does`,
    'Do it with Ansible, or by an operation of its own',
  );
}

function external(address: string): Objection {
  return objection(
    'external-data',
    address,
    `${address} runs a program while the plan is made`,
    'Write the value into a file of this repository',
  );
}

function moduleCall(address: string, source: string): Objection {
  return objection(
    'module',
    address,
    `${address} takes its code from ${source || 'somewhere unnamed'}, which is not on the list`,
    'Write the construct into stacks/, or add the source to the list in a pull request of its own',
  );
}

function objection(kind: Objection['kind'], address: string, why: string, next: string): Objection {
  return { kind, address, why, next };
}
