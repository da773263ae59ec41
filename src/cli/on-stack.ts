import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { PreparedStack } from '../appliers/terraform/index.ts';
import type { ProxmoxClient } from '../clients/proxmox/index.ts';
import type { Clock } from '../core/clock.ts';
import type { ClusterConfig, TerraformConfig } from '../core/config.ts';
import { GitmendError, isGitmendError } from '../core/errors.ts';
import { digestOf, type Json } from '../core/json.ts';
import type { Ground } from '../deliver/world.ts';
import {
  allowedBy,
  destroyable,
  keptByGitmend,
  programName,
  stateAddress,
  type TerraformPlan,
} from '../terraform/index.ts';
import { makeFolder } from './folder.ts';

/** What Terraform stands on, for one set of rules and one role. */
export interface TerraformMeans {
  setting: TerraformConfig;
  role: 'read' | 'write';
  /** The only cluster of the rules, its CA as PEM, and the token of the role. */
  cluster: ClusterConfig & { pem: string; token: string };
  /** What the backend reads, resolved. */
  backend: { readonly [name: string]: string };
  /** Of the role, at the door of `gitmend serve` that keeps states; absent: no such door is named. */
  statePassword?: string | undefined;
  client: ProxmoxClient;
  synthesize: NonNullable<Ground['synthesize']>;
  /** For code under review; absent: it is run by nobody. */
  synthesizeUntrusted?: Ground['synthesizeUntrusted'];
  /** Private folder of this machine, kept: a local state lies in it. */
  folder: string;
  clock: Clock;
}

/** One stack, not laid out yet, and what of it is planned. */
export interface Wanted {
  stack: string;
  config: object;
  addresses: readonly string[];
  /** Whether its cluster is so small that Terraform needs little memory. */
  small?: boolean;
}

/** Milliseconds for which a plan is not made again of the same stack and guests that are the same. A run makes its own. */
const keptFor = 5 * 60_000;

const failedFor = 60_000;

/** Plans by what they hang on. */
export type Kept = Map<string, { until: number; plan: Promise<TerraformPlan> }>;

/**
 * The plan, for whoever may only read also one that was made of exactly this a short while ago: what a look finds every few
 * seconds is not planned as often (seconds of the program, and every attribute read anew).
 */
export async function plannedOnce(
  means: TerraformMeans,
  wanted: Wanted,
  live: readonly { digest: string; status: string }[],
  kept: Kept,
): Promise<TerraformPlan> {
  if (means.role === 'write') return planned(means, wanted);
  const { stack, addresses, config } = wanted;
  const key = digestOf({ stack, addresses, config, live: live.map(({ digest, status }) => ({ digest, status })) });
  const now = means.clock.now();
  for (const [old, { until }] of kept) if (now > until) kept.delete(old);
  const found = kept.get(key) ?? { until: now + keptFor, plan: planned(means, wanted) };
  kept.set(key, found);
  found.plan.catch(() => (found.until = Math.min(found.until, now + failedFor)));
  return found.plan;
}

/** The plan; for whoever may only read, of what `prevent_destroy` keeps Terraform from planning too, so that it can be refused by name. */
async function planned(means: TerraformMeans, wanted: Wanted): Promise<TerraformPlan> {
  const plan = (one: Wanted) => onStack(means, one, ({ terraform, again }) => terraform.plan(one.addresses, again));
  try {
    return await plan(wanted);
  } catch (error) {
    const kept = isGitmendError(error, 'TERRAFORM_FAILED') && error.message.includes('lifecycle.prevent_destroy');
    if (!kept || means.role === 'write') throw error;
    return await plan({ ...wanted, config: wanted.addresses.reduce(destroyable, wanted.config) });
  }
}

/** Lays the stack out and makes it ready, does the work, and leaves no plan behind: it holds every secret in clear. */
export async function onStack<T>(
  means: TerraformMeans,
  { stack, config, small = false }: Wanted,
  work: (stack: PreparedStack) => Promise<T>,
): Promise<T> {
  const { setting, role, cluster, folder: root } = means;
  const { initWith, inTurn, layOutStack, terraformOn } = await import('../appliers/terraform/index.ts');
  const laying = { root, stack, use: role, config, ca: cluster.pem, mirror: setting.mirror };
  await makeFolder(root);
  return inTurn(join(root, `${role}-${stack}.turn`), setting.timeout, async () => {
    const paths = await layOutStack(laying);
    const terraform = terraformOn({
      program: setting.program,
      paths,
      credentials: {
        ...means.backend,
        ...stateCredentials(means, config),
        PROXMOX_VE_ENDPOINT: cluster.endpoint,
        PROXMOX_VE_API_TOKEN: cluster.token,
      },
      allowed: allowedBy(setting),
      timeout: setting.timeout,
      lockTimeout: setting.lockTimeout,
      // What applies something runs as Terraform runs by itself.
      hasty: small && role === 'read',
    });
    try {
      const key = digestOf({
        folder: paths.folder,
        program: setting.program,
        mirror: setting.mirror ?? '',
        parts: partsOf(config),
      });
      if (ready.get(paths.folder) !== key) await initWith(paths, providersOf(setting, config), () => terraform.init());
      ready.set(paths.folder, key);
      return await work({ terraform, again: paths.planFile }).catch(async (error: unknown) => {
        // Whatever it was, the next one begins from the start.
        ready.delete(paths.folder);
        throw await withHolder(error, means, { stack, config });
      });
    } finally {
      await rm(paths.planFile, { force: true });
    }
  });
}

/** The role's name and password, for a stack whose state `gitmend serve` keeps; nobody else is shown them. */
function stateCredentials(
  { setting, role, statePassword }: TerraformMeans,
  config: object,
): { [name: string]: string } {
  if (statePassword === undefined || !keptByGitmend(config, setting.state)) return {};
  return { TF_HTTP_USERNAME: role, TF_HTTP_PASSWORD: statePassword };
}

/** Who holds the lock of a state, where `gitmend serve` keeps it: by HTTP Terraform says the id alone. */
async function withHolder(error: unknown, means: TerraformMeans, { stack, config }: Pick<Wanted, 'stack' | 'config'>) {
  const { state } = means.setting;
  const { TF_HTTP_USERNAME: user, TF_HTTP_PASSWORD: password } = stateCredentials(means, config);
  if (state === undefined || user === undefined || password === undefined || !isGitmendError(error, 'TERRAFORM_LOCKED'))
    return error;
  const { holderAt } = await import('../appliers/terraform/index.ts');
  const holder = await holderAt(stateAddress(state, stack), { user, password });
  return holder === undefined ? error : new GitmendError('TERRAFORM_LOCKED', holder, { cause: error });
}

/** Folders that this process has made ready, each with what it is ready for: the last that was initialized there. */
const ready = new Map<string, string>();

/** What the checksums of providers hang on: which they are, and who takes them from where. */
function providersOf({ program }: Pick<TerraformConfig, 'program'>, config: object): string {
  const { terraform } = config as { terraform?: { required_providers?: object } };
  return digestOf({ program: programName(program), providers: (terraform?.required_providers ?? {}) as Json });
}

/** What `terraform init` reads of a stack: its providers and its backend. */
function partsOf(config: object): { [part: string]: unknown } {
  const { terraform = null, provider = null } = config as { terraform?: unknown; provider?: unknown };
  return { terraform, provider };
}
