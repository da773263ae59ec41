import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { OnStack, PreparedStack } from '../appliers/terraform/index.ts';
import { type ProxmoxClient, listGuests, readGuest } from '../clients/proxmox/index.ts';
import { type Refusal, refusal } from '../core/change-set.ts';
import type { Clock } from '../core/clock.ts';
import type { ClusterConfig, TerraformConfig } from '../core/config.ts';
import { GitmendError, isGitmendError, unless } from '../core/errors.ts';
import type { LiveGuest } from '../core/guest.ts';
import { digestOf } from '../core/json.ts';
import { parseGuestTarget, type Target } from '../core/target.ts';
import { type StackBasis, stackData } from '../deliver/terraform.ts';
import type { Engines, Ground, GuestTerraform } from '../deliver/world.ts';
import {
  allowedBy,
  demandStack,
  destroyable,
  type GuestPlan,
  importedFrom,
  importingOnly,
  keptByGitmend,
  linesOf,
  type Place,
  placeOf,
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
  /** Private folder of this machine, kept: a local state lies in it. */
  folder: string;
  clock: Clock;
}

/** Milliseconds for which a plan is not made again of the same stack and a guest that is the same. A run makes its own. */
const keptFor = 5 * 60_000;

const failedFor = 60_000;

interface Kept {
  until: number;
  plan: Promise<GuestPlan>;
}

/** The engine that deliver asks: for each basis the plans of its guests, and an applier that works on the same stacks. */
export function terraformOf(means: TerraformMeans): NonNullable<Engines['terraform']> {
  const kept = new Map<string, Kept>();
  return (basis) => ({
    plan: (target) => planOf(means, basis, target, kept),
    applier: () => applierOn(means, basis),
    notice: (target) => noticeOf(means, basis, target),
  });
}

/** The stack of one guest on this basis, not laid out yet. */
interface Wanted extends Place {
  config: object;
  live: LiveGuest | undefined;
}

async function wantedOf(means: TerraformMeans, basis: StackBasis, target: Target): Promise<Wanted> {
  const identity = parseGuestTarget(target);
  if (identity === undefined) throw new GitmendError('INTERNAL', `${target} is no guest, and has no stack`);
  const live = (await unless('PVE_NOT_FOUND', readGuest(means.client, identity)))?.guest;
  const data = stackData(basis, target, live);
  const made = await means.synthesize(basis.code, data);
  if (!made.ok) throw new GitmendError('SYNTH_FAILED', made.message);
  const place = placeOf(made.stacks, identity);
  if (typeof place === 'string') throw new GitmendError('SYNTH_FAILED', place);
  demandStack(place.stack, made.stacks[place.stack], allowedBy(means.setting), means.setting.state);
  const there = new Set((await listGuests(means.client)).map(({ node, vmid }) => `${node}/${vmid}`));
  const stack = made.stacks[place.stack] as object;
  const placed = live === undefined ? stack : importedFrom(stack, place.address, `${live.node}/${live.vmid}`);
  return { ...place, live, config: importingOnly(placed, there) };
}

async function planOf(
  means: TerraformMeans,
  basis: StackBasis,
  target: Target,
  kept: Map<string, Kept>,
): Promise<GuestPlan> {
  const wanted = await wantedOf(means, basis, target);
  const { stack, address, live, config } = wanted;
  const renamed = live === undefined ? undefined : await renamedIn(means, basis, target, wanted);
  if (renamed !== undefined) return { state: 'refused', refusal: renamed };
  const fresh = async (): Promise<GuestPlan> => ({
    state: 'planned',
    ...{ stack, address },
    plan: await planned(means, wanted),
  });
  if (means.role === 'write') return fresh();
  // What a look finds every few seconds is not planned as often: seconds of the program, and every attribute read anew.
  const key = digestOf({ stack, address, config, live: live?.digest ?? '', status: live?.status ?? '' });
  const now = means.clock.now();
  for (const [old, { until }] of kept) if (now > until) kept.delete(old);
  const found = kept.get(key) ?? { until: now + keptFor, plan: fresh() };
  kept.set(key, found);
  found.plan.catch(() => (found.until = Math.min(found.until, now + failedFor)));
  return found.plan;
}

/** The plan; for whoever may only read, of what `prevent_destroy` keeps Terraform from planning too, so that it can be refused by name. */
async function planned(means: TerraformMeans, wanted: Wanted): Promise<TerraformPlan> {
  const plan = (one: Wanted) => onStack(means, one, ({ terraform, again }) => terraform.plan([one.address], again));
  try {
    return await plan(wanted);
  } catch (error) {
    const kept = isGitmendError(error, 'TERRAFORM_FAILED') && error.message.includes('lifecycle.prevent_destroy');
    if (!kept || means.role === 'write') throw error;
    return await plan({ ...wanted, config: destroyable(wanted.config, wanted.address) });
  }
}

/**
 * Why a guest must not be planned under another address than before: the state would keep the old one, and the next plan
 * of the whole stack destroy the guest by it.
 */
async function renamedIn(
  { synthesize }: TerraformMeans,
  { code }: StackBasis,
  target: Target,
  { address }: Place,
): Promise<Refusal | undefined> {
  const identity = parseGuestTarget(target);
  const before = await synthesize(code, code);
  const place = before.ok && identity !== undefined ? placeOf(before.stacks, identity) : '';
  if (typeof place === 'string' || place.address === address) return undefined;
  return refusal(
    'terraform-renames',
    `${place.address} would become ${address}: the state would keep the old one, and a later plan of the whole stack destroy the guest by it`,
    'rename it by hand: in Proxmox VE, by terraform state mv, and in its file; or have stacks/ name resources by vmid',
  );
}

async function noticeOf(means: TerraformMeans, basis: StackBasis, target: Target): Promise<string[]> {
  const { takeNotice } = await import('../appliers/terraform/index.ts');
  const wanted = await wantedOf(means, basis, target);
  const notice = await onStack(means, wanted, ({ terraform, again }) => takeNotice(terraform, [wanted.address], again));
  return notice.settled ? [] : linesOf(notice.plan);
}

/** An applier whose steps find their stack by their target, as it is now. */
function applierOn(means: TerraformMeans, basis: StackBasis): ReturnType<GuestTerraform['applier']> {
  const own: OnStack = async (step, work) => onStack(means, await wantedOf(means, basis, step.target), work);
  let loading: Promise<ReturnType<GuestTerraform['applier']>> | undefined;
  const applier = () =>
    (loading ??= import('../appliers/terraform/index.ts').then(({ terraformApplier }) =>
      terraformApplier(own, () => means.client),
    ));
  return {
    name: 'terraform',
    read: async (target) => (await applier()).read(target),
    preview: async (step) => (await applier()).preview(step),
    apply: async (step, token) => (await applier()).apply(step, token),
    observe: async (step) => (await applier()).observe(step),
    revertPending: async (step) => (await applier()).revertPending(step),
  };
}

/** Lays the stack out and makes it ready, does the work, and leaves no plan behind: it holds every secret in clear. */
async function onStack<T>(
  means: TerraformMeans,
  { stack, config }: Wanted,
  work: (stack: PreparedStack) => Promise<T>,
): Promise<T> {
  const { setting, role, cluster, folder: root } = means;
  const { inTurn, layOutStack, terraformOn } = await import('../appliers/terraform/index.ts');
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
    });
    try {
      const key = digestOf({
        folder: paths.folder,
        program: setting.program,
        mirror: setting.mirror ?? '',
        parts: partsOf(config),
      });
      if (!ready.has(key)) await terraform.init();
      ready.add(key);
      return await work({ terraform, again: paths.planFile }).catch(async (error: unknown) => {
        // Whatever it was, the next one begins from the start.
        ready.delete(key);
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

/** Folders that this process has made ready, by what makes them so. */
const ready = new Set<string>();

/** What `terraform init` reads of a stack: its providers and its backend. */
function partsOf(config: object): { [part: string]: unknown } {
  const { terraform = null, provider = null } = config as { terraform?: unknown; provider?: unknown };
  return { terraform, provider };
}
