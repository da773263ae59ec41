import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { inTurn, layOutStack, type Terraform, terraformOn } from '../appliers/terraform/index.ts';
import type { TerraformConfig } from '../core/config.ts';
import { GitmendError, isGitmendError } from '../core/errors.ts';
import { containerType } from '../terraform/disturbance.ts';
import { allowedBy, demandStack, importingOnly, type TerraformPlan } from '../terraform/index.ts';
import { type StackGuest, stackGuests } from './stack-guests.ts';

/** What Terraform said of a tree that was imported into. */
export type Gate =
  | { state: 'clean'; guests: number; unchecked?: { guests: string[]; why: string } }
  /** By `lxc/200`: the attributes that Terraform would change, or what else it would do. Never their values. */
  | { state: 'differs'; guests: ReadonlyMap<string, string>; unchecked?: { guests: string[]; why: string } }
  | { state: 'not-run'; why: string };

export interface Gating {
  /** The synthesized stacks, by name. */
  stacks: { readonly [stack: string]: unknown };
  /** Guests that are there, as `node/vmid`: no other is asked about. */
  live: ReadonlySet<string>;
  setting: TerraformConfig;
  endpoint: string;
  pem: string;
  /** The token that reads. */
  token: string;
  /** Where a private folder is made, and removed afterwards: a plan and a state hold every secret of a guest in clear. */
  base: string;
}

/**
 * Plans the import of every guest that is there from an empty state of its own: what it would change is what the files
 * do not say right. The user's own state and backend are not touched, and nothing is applied. Throws a TERRAFORM_ error
 * where Terraform cannot plan at all.
 */
export async function planImport(gating: Gating): Promise<Gate> {
  await mkdir(gating.base, { recursive: true, mode: 0o700 });
  return inTurn(join(gating.base, 'import.turn'), gating.setting.timeout, async () => {
    const folder = join(gating.base, `import-${process.pid}`);
    await sweep(gating.base);
    await mkdir(folder, { recursive: true, mode: 0o700 });
    try {
      return await planIn({ ...gating, folder });
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
}

/** Whoever has the turn is alone: what lies there was left by one that was killed. */
async function sweep(base: string): Promise<void> {
  for (const name of await readdir(base))
    if (/^import-\d+$/.test(name)) await rm(join(base, name), { recursive: true, force: true });
}

async function planIn(gating: Gating & { folder: string }): Promise<Gate> {
  const differing = new Map<string, string>();
  let guests = 0;
  let unchecked: { guests: string[]; why: string } | undefined;
  for (const [stack, config] of Object.entries(gating.stacks)) {
    const here = stackGuests(config).filter(({ importId }) => gating.live.has(importId));
    if (here.length === 0) continue;
    const terraform = await laidOut(gating, stack, config as object);
    const planned = await planOf(terraform, here);
    const objection = planned.plan.objections.find(({ address }) => !here.some((one) => one.address === address));
    if (objection !== undefined) throw new GitmendError('TERRAFORM_STACK_REFUSED', `stack ${stack}: ${objection.why}`);
    for (const one of planned.asked) {
      const what = differs(planned.plan, one);
      if (what !== undefined) differing.set(one.id, what);
    }
    guests += planned.asked.length;
    if (planned.unchecked !== undefined) unchecked = planned.unchecked;
  }
  const rest = unchecked === undefined ? {} : { unchecked };
  if (differing.size > 0) return { state: 'differs', guests: differing, ...rest };
  return guests === 0
    ? { state: 'not-run', why: 'no guest of the stacks is there' }
    : { state: 'clean', guests, ...rest };
}

async function laidOut(gating: Gating & { folder: string }, stack: string, config: object): Promise<Terraform> {
  const { setting, folder, live, endpoint, token } = gating;
  const own = {
    ...(config as { terraform?: object }).terraform,
    backend: { local: { path: join(folder, `${stack}.tfstate`) } },
  };
  const planned = { ...importingOnly(config, live), terraform: own };
  const allowed = allowedBy(setting);
  // Even a plan starts the providers that a stack names, and sends them the token.
  demandStack(stack, planned, allowed);
  const paths = await layOutStack({
    ...{ root: folder, stack, ca: gating.pem, mirror: setting.mirror },
    config: planned,
  });
  const terraform = terraformOn({
    ...{ program: setting.program, paths, timeout: setting.timeout, lockTimeout: setting.lockTimeout },
    credentials: { PROXMOX_VE_ENDPOINT: endpoint, PROXMOX_VE_API_TOKEN: token },
    allowed,
  });
  await terraform.init();
  return terraform;
}

interface Planned {
  plan: TerraformPlan;
  asked: StackGuest[];
  unchecked?: { guests: string[]; why: string };
}

/** A token that only reads may not look into the disks of virtual machines: then containers alone are planned. */
async function planOf(terraform: Terraform, here: StackGuest[]): Promise<Planned> {
  try {
    return { plan: await terraform.plan(here.map(({ address }) => address)), asked: here };
  } catch (error) {
    const containers = here.filter(({ type }) => type === containerType);
    const machines = here.filter(({ type }) => type !== containerType);
    const forbidden = isGitmendError(error, 'TERRAFORM_FAILED') && error.message.includes('VM.Config.Disk');
    if (!forbidden || machines.length === 0) throw error;
    const why = 'the token lacks VM.Config.Disk, which the provider wants to read their disks';
    const unchecked = { guests: machines.map(({ name }) => name), why };
    if (containers.length === 0) throw new GitmendError('TERRAFORM_FAILED', why, { cause: error });
    return { plan: await terraform.plan(containers.map(({ address }) => address)), asked: containers, unchecked };
  }
}

/** What a plan does to a guest beside importing it, by the names of attributes; absent for nothing. */
function differs({ changes, objections }: TerraformPlan, { address }: StackGuest): string | undefined {
  const objection = objections.find((one) => one.address === address);
  if (objection !== undefined) return objection.why;
  const change = changes.find((one) => one.address === address);
  if (change === undefined || change.kind === 'no-op') return undefined;
  const names = change.attributes
    .filter(({ after }) => after !== 'unknown')
    .map(({ path }) => path.filter((part) => typeof part === 'string').join('.'));
  // Nothing but what the provider alone knows, and would read anew.
  const what = names.length === 0 ? 'nothing that is declared' : [...new Set(names)].slice(0, 12).join(', ');
  return change.kind === 'update' ? what : `it would be ${kinds[change.kind]}`;
}

const kinds: { readonly [kind: string]: string } = {
  ...{ create: 'created', destroy: 'destroyed', replace: 'destroyed and made anew', forget: 'forgotten', read: 'read' },
};
