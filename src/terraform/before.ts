import type { StateConfig } from '../core/config.ts';
import { GitmendError } from '../core/errors.ts';
import { dataInChecks, runsAtRemoval } from './checks.ts';
import { valueAt as at } from './inside.ts';
import type { Allowed } from './objections.ts';
import { registryOf } from './program.ts';
import { againstBackend } from './state/index.ts';

/**
 * What stands against running Terraform on a synthesized stack at all: even a plan starts the providers that are named,
 * sends the token to where the provider block says, and runs what `external` data asks for. Empty: it may be planned.
 */
export function againstStack(config: unknown, allowed: Allowed): string[] {
  const sources = new Map(
    entries(at(config, 'terraform', 'required_providers')).map(([name, one]) => [name, sourceOf(name, one, allowed)]),
  );
  const blocks = (['resource', 'data'] as const).flatMap((section) =>
    entries(at(config, section)).flatMap(([type, named]) =>
      entries(named).map(([name, block]) => ({ section, type, address: `${type}.${name}`, block })),
    ),
  );
  return [
    ...strangeParts(config),
    ...lostState(at(config, 'terraform', 'backend', 'local', 'path')),
    ...[...sources]
      .filter(([, source]) => !allowed.providers.includes(source))
      .map(([, source]) => `the provider ${source} is not on the list of those that may run`),
    ...entries(at(config, 'provider')).flatMap(([name, block]) => providerFaults(name, block, sources)),
    ...blocks.flatMap((block) => blockFaults(block, sources)),
    ...dataInChecks(config).flatMap((one) => blockFaults({ section: 'data', ...one }, sources)),
    ...runsAtRemoval(config).map((block) => `${block} runs a provisioner, and no plan shows what that does`),
    ...entries(at(config, 'module')).flatMap(([name, block]) => moduleFaults(name, block, allowed)),
  ];
}

/** Throws TERRAFORM_STACK_REFUSED with all that stands against it. `state`: the door of gitmend that keeps states. */
export function demandStack(stack: string, config: unknown, allowed: Allowed, state?: StateConfig): void {
  const against = [...againstStack(config, allowed), ...againstBackend(stack, config, state)];
  if (against.length > 0)
    throw new GitmendError('TERRAFORM_STACK_REFUSED', `the stack ${stack}: ${against.join('; ')}`);
}

const parts = [
  'terraform',
  'provider',
  'resource',
  'data',
  'module',
  'import',
  'moved',
  'removed',
  'locals',
  'output',
  'variable',
  'check',
];
const settings = ['backend', 'required_providers', 'required_version'];

function strangeParts(config: unknown): string[] {
  const outside = entries(config).filter(([name]) => !parts.includes(name));
  const inside = entries(at(config, 'terraform')).filter(([name]) => !settings.includes(name));
  return [...outside, ...inside].map(([name]) =>
    name === 'encryption'
      ? 'the stack has its state and plans encrypted (encryption), and gitmend passes no key on: it guards the one and throws the other away itself'
      : `the stack has a block ${JSON.stringify(name)}, and gitmend does not know what it does`,
  );
}

/**
 * Without a backend of its own, cdktn and cdktf write an absolute path below the folder of the synthesis, which is thrown
 * away, or which is in the sandbox and nowhere else.
 */
function lostState(path: unknown): string[] {
  if (typeof path !== 'string' || !/\/gitmend-synth-|^\/repository\//.test(path)) return [];
  return [
    'the stack names no backend, so its state would be lost: give it one, as the template does (LocalBackend with a relative path, pg, http)',
  ];
}

/** `bpg/proxmox` → `registry.terraform.io/bpg/proxmox`; without a source Terraform takes hashicorp's of that name. */
function sourceOf(name: string, required: unknown, { program = 'terraform' }: Allowed): string {
  const source = at(required, 'source');
  const text = typeof source === 'string' ? source : `hashicorp/${name}`;
  return text.split('/').length === 2 ? `${registryOf(program)}/${text}` : text;
}

const proxmox = /^registry\.(terraform\.io|opentofu\.org)\/bpg\/proxmox$/;

function providerFaults(name: string, block: unknown, sources: ReadonlyMap<string, string>): string[] {
  const source = sources.get(name);
  if (source === undefined) return [`the provider ${name} is not named in required_providers`];
  const set = [block].flat().flatMap((one) => entries(one).map(([key]) => key));
  if (!proxmox.test(source) || set.length === 0) return [];
  return [
    `the block of the provider ${name} sets ${set.join(', ')}: where it goes and with which token is gitmend's to say`,
  ];
}

interface Block {
  section: 'resource' | 'data';
  type: string;
  address: string;
  block: unknown;
}

function blockFaults({ section, type, address, block }: Block, sources: ReadonlyMap<string, string>): string[] {
  const bodies = [block].flat();
  const named = bodies.map((body) => at(body, 'provider')).find((one) => typeof one === 'string');
  const provider = named?.split('.')[0] ?? type.split('_')[0] ?? '';
  const known = sources.has(provider) || provider === 'terraform';
  return [
    ...(known ? [] : [`${address} needs the provider ${provider}, which is not named in required_providers`]),
    ...(section === 'data' && type === 'external' ? [`${address} runs a program while the plan is made`] : []),
    ...(bodies.some((body) => at(body, 'provisioner') !== undefined)
      ? [`${address} runs a provisioner, and no plan shows what that does`]
      : []),
  ];
}

function moduleFaults(name: string, block: unknown, { modules }: Allowed): string[] {
  const source = at(block, 'source');
  if (typeof source === 'string' && modules.includes(source)) return [];
  return [
    `module.${name} takes its code from ${typeof source === 'string' ? source : 'somewhere unnamed'}, which is not on the list`,
  ];
}

function entries(value: unknown): [string, unknown][] {
  return typeof value === 'object' && value !== null ? Object.entries(value).filter(([key]) => key !== '//') : [];
}
