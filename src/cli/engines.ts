import { activeAlerts, completeDelivery, stillFiring } from '../clients/alertmanager.ts';
import {
  demandSight,
  listGuests,
  proxmoxClient,
  type ProxmoxClient,
  readBackup,
  readGuest,
  readTies,
} from '../clients/proxmox/index.ts';
import { applierNamed } from '../appliers/index.ts';
import type { Clock } from '../core/clock.ts';
import type { ClusterConfig } from '../core/config.ts';
import { GitmendError, isGitmendError } from '../core/errors.ts';
import type { FactName } from '../core/fact.ts';
import type { SignalReference } from '../core/plan.ts';
import { type GuestTarget, printGuestTarget } from '../core/target.ts';
import { ansibleIn } from './ansible.ts';
import { terraformOf } from './terraform.ts';
import type { Declared } from '../deliver/declared.ts';
import type { Engines, Ground, SignalState } from '../deliver/world.ts';

/** `read` plans and diagnoses; `write` applies. Each asks only for the variables of its role. */
export type Role = 'read' | 'write';

interface Options {
  role: Role;
  env: { readonly [name: string]: string | undefined };
  clock: Clock;
  /** What Terraform works with on this machine: who synthesizes, and a private folder that is kept. */
  stacks?: Pick<Ground, 'synthesizeUntrusted'> & { synthesize: NonNullable<Ground['synthesize']>; folder: string };
  /** A private folder in which Ansible runs. */
  playbooks?: string;
}

/** What a look of a verification reads: what answers at once, no histories. */
const lookFacts: readonly FactName[] = [
  ...([
    'guest.status',
    'guest.memory.cap',
    'guest.memory.used',
    'guest.memory.workingSet',
    'guest.memory.available',
  ] as const),
  ...([
    'guest.memory.balloonStats',
    'guest.swap.used',
    'guest.swapIn',
    'guest.oomKills',
    'guest.oomKills.last',
  ] as const),
  ...(['guest.psi.memory.some', 'guest.psi.memory.full', 'guest.psi.cpu.some'] as const),
  ...(['guest.psi.memory.some.inside', 'guest.psi.memory.full.inside', 'guest.memory.current'] as const),
  ...(['node.memory.total', 'node.memory.available'] as const),
];

/** What this role must be able to name before it begins: a start without it would only find out at its first need. */
export function demandTokens(clusters: readonly ClusterConfig[], role: Role, env: Options['env']): void {
  for (const cluster of clusters) if (role === 'read' || cluster.write !== undefined) tokenOf(cluster, role, env);
}

/** Engines for one set of rules: endpoints, CA files and the names of the variables come from that commit. */
export function enginesOf(options: Options): (rules: Declared) => Engines {
  const known = new Map<string, Engines>();
  return (rules) => {
    const found = known.get(rules.commit) ?? build(rules, options);
    known.set(rules.commit, found);
    return found;
  };
}

function build(rules: Declared, options: Options): Engines {
  const { clock } = options;
  const clients = new Map<string, ProxmoxClient>();
  const clientOf = (name: string): ProxmoxClient => {
    const client = clients.get(name) ?? openClient(rules, name, options);
    clients.set(name, client);
    return client;
  };
  // A start is ready before anything is gathered.
  let evidence: Promise<Engines['gather']> | undefined;
  const gather: Engines['gather'] = async (request) => {
    evidence ??= import('./evidence.ts').then(({ evidenceOf }) => evidenceOf(rules, clientOf, clock));
    return (await evidence)(request);
  };
  return {
    applier: (name) => applierNamed(name, { proxmox: clientOf, clock }),
    async look(guest: GuestTarget) {
      const { guest: live } = await readGuest(clientOf(guest.cluster), guest);
      const request = { target: printGuestTarget(guest), guest, node: live.node, facts: lookFacts, days: 0 };
      return { live, facts: (await gather(request)).facts };
    },
    signalState: (signal) => signalState(rules.config?.alertmanager?.url, signal),
    complete: async (payload) => {
      const url = rules.config?.alertmanager?.url;
      return url === undefined ? payload : completeDelivery(payload, url);
    },
    gather,
    backup: async ({ cluster, vmid }, node, which) => readBackup(clientOf(cluster), { node, vmid }, which),
    ties: async (guest) => readTies(clientOf(guest.cluster), guest),
    ...terraformIn(rules, options, clientOf),
    ...ansibleIn(rules, { ...options, folder: options.playbooks }),
    async listGuests(cluster) {
      const client = clientOf(cluster);
      const listed = await listGuests(client);
      if (listed.length === 0) await demandSight(client, '/vms', `any guest of ${cluster}`);
      return listed.map((guest) => ({ ...guest, cluster }));
    },
  };
}

/** Terraform as the rules in force name it. Its provider talks to one cluster, so there must be one. */
function terraformIn(
  rules: Declared,
  { role, env, clock, stacks }: Options,
  clientOf: (cluster: string) => ProxmoxClient,
): Pick<Engines, 'terraform'> {
  const { terraform: setting, clusters = [] } = rules.config ?? {};
  const [cluster] = clusters;
  if (setting === undefined || stacks === undefined || cluster === undefined) return {};
  let engine: Engines['terraform'];
  const open = (): NonNullable<Engines['terraform']> => {
    if (clusters.length > 1 || cluster.ca === undefined)
      throw new GitmendError('TERRAFORM_STACK_REFUSED', oneCluster(clusters));
    const backend = Object.entries(setting.environment).map(([name, from]) => [name, secretOf(env, from.env)]);
    const password = setting.state?.[role];
    return terraformOf({
      ...{ setting, role, clock, ...stacks },
      cluster: { ...cluster, pem: authorityOf(rules, cluster.ca), token: tokenOf(cluster, role, env) },
      backend: Object.fromEntries(backend) as { [name: string]: string },
      statePassword: password && secretOf(env, password.env, 'terraform.state').trim(),
      client: clientOf(cluster.name),
    });
  };
  return { terraform: (basis) => (engine ??= open())(basis) };
}

function oneCluster(clusters: readonly ClusterConfig[]): string {
  return clusters.length > 1
    ? `gitmend.yaml names ${clusters.length} clusters, and stacks can be of one only`
    : `the cluster ${clusters[0]?.name ?? ''} is known by a fingerprint, and the provider takes a CA only: name one with ca:`;
}

function secretOf(env: Options['env'], name: string, where = 'terraform.environment'): string {
  const value = env[name] ?? '';
  if (value === '') throw new GitmendError('ENV_MISSING', `${name} is not set: ${where} of gitmend.yaml names it`);
  return value;
}

/** The API of one cluster, as the rules name it, with the token of this role. */
export function openClient(rules: Declared, name: string, { role, env, clock }: Options): ProxmoxClient {
  const cluster = rules.config?.clusters.find((one) => one.name === name);
  if (cluster === undefined)
    throw new GitmendError(
      'CONFIG_INVALID',
      `the cluster ${name} is not in the gitmend.yaml that is in force (${rules.commit.slice(0, 7)})`,
    );
  return proxmoxClient({
    cluster: name,
    endpoint: cluster.endpoint,
    token: tokenOf(cluster, role, env),
    clock,
    ...(cluster.fingerprint === undefined ? {} : { fingerprint: cluster.fingerprint }),
    ...(cluster.ca === undefined ? {} : { ca: authorityOf(rules, cluster.ca) }),
  });
}

/** Throws ENV_MISSING where the variable that names it is not set. */
export function tokenOf(cluster: ClusterConfig, role: Role, env: Options['env']): string {
  const reference = role === 'write' ? cluster.write : cluster.read;
  if (reference === undefined)
    throw new GitmendError('CONFIG_INVALID', `the cluster ${cluster.name} names no ${role} credential in gitmend.yaml`);
  const token = env[reference.env];
  if (token === undefined || token === '')
    throw new GitmendError('ENV_MISSING', `${reference.env} is not set: the ${role} token of cluster ${cluster.name}`);
  return token;
}

/** CA files are rules: read from the commit whose rules are in force, never from the machine or a tree under review. */
export function authorityOf(rules: Declared, path: string): string {
  const text = rules.tree.get(path);
  if (text === undefined)
    throw new GitmendError('CONFIG_INVALID', `${path}, the CA in gitmend.yaml, is not in ${rules.commit.slice(0, 7)}`);
  return text;
}

async function signalState(url: string | undefined, signal: SignalReference): Promise<SignalState> {
  if (url === undefined) return { state: 'not-observed' };
  try {
    return stillFiring(await activeAlerts(url), signal) === undefined ? { state: 'resolved' } : { state: 'firing' };
  } catch (error) {
    if (isGitmendError(error)) return { state: 'unknown', why: error.message };
    throw error;
  }
}
