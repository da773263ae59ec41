import type { OnStack } from '../appliers/terraform/index.ts';
import { listGuests, readGuest } from '../clients/proxmox/index.ts';
import { type Refusal, refusal } from '../core/change-set.ts';
import { GitmendError, unless } from '../core/errors.ts';
import type { LiveGuest } from '../core/guest.ts';
import type { Preview } from '../core/plan.ts';
import type { Step } from '../core/step.ts';
import { parseGuestTarget, parseStackTarget, type Target } from '../core/target.ts';
import { together } from '../core/together.ts';
import { type StackBasis, stackData } from '../deliver/terraform.ts';
import type { Engines, GuestTerraform } from '../deliver/world.ts';
import {
  allowedBy,
  demandStack,
  type GuestPlan,
  importedFrom,
  importingOnly,
  linesOf,
  type Place,
  placeOf,
  reachedFrom,
} from '../terraform/index.ts';
import { type Kept, onStack, plannedOnce, type TerraformMeans, type Wanted } from './on-stack.ts';
import { planStackCode, stackOfStep } from './stack-code.ts';

export type { TerraformMeans } from './on-stack.ts';

/** The engine that deliver asks: for each basis the plans of its guests, and an applier that works on the same stacks. */
export function terraformOf(means: TerraformMeans): NonNullable<Engines['terraform']> {
  const kept: Kept = new Map();
  const asked = new WeakMap<StackBasis, Map<Target, Promise<GuestPlan>>>();
  return (basis) => {
    const known = asked.get(basis) ?? new Map<Target, Promise<GuestPlan>>();
    asked.set(basis, known);
    const plan = (target: Target): Promise<GuestPlan> => {
      const planned = planOf(means, basis, target, kept);
      known.set(target, planned);
      return planned;
    };
    return {
      plan,
      applier: () => applierOn(means, basis, (target) => known.get(target) ?? plan(target)),
      notice: (target) => noticeOf(means, basis, target),
      stacks: (done) => planStackCode(means, basis.change, done, kept),
    };
  };
}

/** The stack of one guest on this basis, not laid out yet. */
interface WantedGuest extends Wanted, Place {
  live: LiveGuest | undefined;
}

/** Guests of a small cluster. Terraform with the provider takes 80 MiB for nine, and twice that for 400. */
const mostOfSmall = 100;

async function wantedOf(means: TerraformMeans, basis: StackBasis, target: Target): Promise<WantedGuest> {
  const identity = parseGuestTarget(target);
  if (identity === undefined) throw new GitmendError('INTERNAL', `${target} is no guest, and has no stack`);
  const live = (await unless('PVE_NOT_FOUND', readGuest(means.client, identity)))?.guest;
  const data = stackData(basis, target, live);
  const [made, listed] = await together(means.synthesize(basis.code, data), listGuests(means.client));
  if (!made.ok) throw new GitmendError('SYNTH_FAILED', made.message);
  const place = placeOf(made.stacks, identity);
  if (typeof place === 'string') throw new GitmendError('SYNTH_FAILED', place);
  demandStack(place.stack, made.stacks[place.stack], allowedBy(means.setting), means.setting.state);
  const there = new Set(listed.map(({ node, vmid }) => `${node}/${vmid}`));
  const stack = made.stacks[place.stack] as object;
  const placed = live === undefined ? stack : importedFrom(stack, place.address, `${live.node}/${live.vmid}`);
  const config = importingOnly(placed, there);
  // Who only reads plans what the guest reaches; who applies does it on the whole stack, and both must plan the same.
  const reached = means.role === 'read' ? reachedFrom(config, place.address) : config;
  return { ...place, live, addresses: [place.address], config: reached, small: listed.length <= mostOfSmall };
}

async function planOf(means: TerraformMeans, basis: StackBasis, target: Target, kept: Kept): Promise<GuestPlan> {
  // The stack as it was is needed for an address alone, and made beside the one that is wanted.
  const [wanted, before] = await together(wantedOf(means, basis, target), means.synthesize(basis.code, basis.from));
  const { stack, address, live } = wanted;
  const renamed = live === undefined ? undefined : renamedSince(before, target, address);
  if (renamed !== undefined) return { state: 'refused', refusal: renamed };
  const plan = await plannedOnce(means, wanted, live === undefined ? [] : [live], kept);
  return { state: 'planned', ...{ stack, address, plan } };
}

/**
 * Why a guest must not be planned under another address than before: the state would keep the old one, and the next plan
 * of the whole stack destroy the guest by it.
 */
function renamedSince(
  before: Awaited<ReturnType<TerraformMeans['synthesize']>>,
  target: Target,
  address: string,
): Refusal | undefined {
  const identity = parseGuestTarget(target);
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

/** A step of stack code is on the stack that its target names, any other on that of its guest. */
async function stackFor(means: TerraformMeans, basis: StackBasis, step: Step): Promise<Wanted> {
  return parseStackTarget(step.target) === undefined
    ? wantedOf(means, basis, step.target)
    : stackOfStep(means, basis.change, step);
}

/**
 * An applier whose steps find their stack by their target, as it is now. Whoever only reads has asked for the plan of a
 * guest on this very basis a moment ago, and previews its step by that one: asking again would take as long, and tell
 * nobody more.
 */
function applierOn(
  means: TerraformMeans,
  basis: StackBasis,
  planned: (target: Target) => Promise<GuestPlan>,
): ReturnType<GuestTerraform['applier']> {
  const own: OnStack = async (step, work) => onStack(means, await stackFor(means, basis, step), work);
  let loading: Promise<ReturnType<GuestTerraform['applier']>> | undefined;
  const applier = () =>
    (loading ??= import('../appliers/terraform/index.ts').then(({ terraformApplier }) =>
      terraformApplier(own, () => means.client),
    ));
  return {
    name: 'terraform',
    read: async (target) => (await applier()).read(target),
    preview: async (step) =>
      means.role === 'write' || parseStackTarget(step.target) !== undefined
        ? (await applier()).preview(step)
        : previewBy(step, planned),
    apply: async (step, token) => (await applier()).apply(step, token),
    observe: async (step) => (await applier()).observe(step),
    revertPending: async (step) => (await applier()).revertPending(step),
  };
}

async function previewBy(step: Step, planned: (target: Target) => Promise<GuestPlan>): Promise<Preview> {
  const { previewedStep } = await import('../appliers/terraform/index.ts');
  const now = await planned(step.target);
  if (now.state === 'planned') return previewedStep(step, now.plan, 'Terraform plans exactly this');
  return { accepted: false, notes: [now.state === 'refused' ? now.refusal.message : 'Terraform plans nothing for it'] };
}
