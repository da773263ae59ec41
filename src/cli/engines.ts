import { activeAlerts, completeDelivery, stillFiring } from '../clients/alertmanager.ts';
import { demandSight, listGuests, proxmoxClient, type ProxmoxClient, readGuest } from '../clients/proxmox/index.ts';
import { applierNamed } from '../appliers/index.ts';
import type { Clock } from '../core/clock.ts';
import type { ClusterConfig } from '../core/config.ts';
import { GitmendError, isGitmendError } from '../core/errors.ts';
import type { FactName } from '../core/fact.ts';
import type { SignalReference } from '../core/plan.ts';
import { type GuestTarget, printGuestTarget } from '../core/target.ts';
import type { Declared } from '../deliver/declared.ts';
import type { Engines, SignalState } from '../deliver/world.ts';

/** `read` plans and diagnoses; `write` applies. Each asks only for the variables of its role. */
export type Role = 'read' | 'write';

interface Options {
  role: Role;
  env: { readonly [name: string]: string | undefined };
  clock: Clock;
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
    async listGuests(cluster) {
      const client = clientOf(cluster);
      const listed = await listGuests(client);
      if (listed.length === 0) await demandSight(client, '/vms', `any guest of ${cluster}`);
      return listed.map((guest) => ({ ...guest, cluster }));
    },
  };
}

function openClient(rules: Declared, name: string, { role, env, clock }: Options): ProxmoxClient {
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

function tokenOf(cluster: ClusterConfig, role: Role, env: Options['env']): string {
  const reference = role === 'write' ? cluster.write : cluster.read;
  if (reference === undefined)
    throw new GitmendError('CONFIG_INVALID', `the cluster ${cluster.name} names no ${role} credential in gitmend.yaml`);
  const token = env[reference.env];
  if (token === undefined || token === '')
    throw new GitmendError('ENV_MISSING', `${reference.env} is not set: the ${role} token of cluster ${cluster.name}`);
  return token;
}

/** CA files are rules: read from the commit whose rules are in force, never from the machine or a tree under review. */
function authorityOf(rules: Declared, path: string): string {
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
