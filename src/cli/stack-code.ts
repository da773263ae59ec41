import { listGuests, readGuest } from '../clients/proxmox/index.ts';
import { type Refusal, refusal } from '../core/change-set.ts';
import { GitmendError, unless } from '../core/errors.ts';
import type { DeclaredGuest } from '../core/declared-guest.ts';
import type { Step } from '../core/step.ts';
import { parseStackTarget, printStackTarget, type Target } from '../core/target.ts';
import { stackDifference } from '../declarations/stack/index.ts';
import type { StackChange } from '../deliver/stack-change.ts';
import type { StackOutcome } from '../deliver/stack-code.ts';
import {
  againstBackend,
  againstStack,
  againstUnreviewed,
  allowedBy,
  type GuestAt,
  guestsAmong,
  importedFrom,
  importingOnly,
  lostGuests,
  type Reach,
  reachOf,
  type StackCodePlan,
} from '../terraform/index.ts';
import { listed } from '../texts/words.ts';
import { type Kept, plannedOnce, type TerraformMeans, type Wanted } from './on-stack.ts';
import { asLive, codeFails, stacksAfter, stacksBefore } from './stack-synthesis.ts';

/**
 * What a change of stack code comes to: both sides are synthesized, and Terraform plans what differs. Of a stack whose
 * step was observed as done only the reach is computed again.
 */
export async function planStackCode(
  means: TerraformMeans,
  change: StackChange | undefined,
  done: ReadonlyMap<Target, Step>,
  kept: Kept,
): Promise<StackOutcome> {
  if (change === undefined) return { plans: [], untouched: [], lines: [] };
  const before = await stacksBefore(means, change);
  const after = await stacksAfter(means, change, change.after.data);
  if (!after.ok) return { plans: [codeFails(after)], untouched: [], lines: [] };
  const reaches = reachOf(before, after.stacks);
  const untouched = Object.keys(after.stacks).filter((name) => !reaches.some(({ stack }) => stack === name));
  const outcome = { untouched, lines: stackDifference(before, after.stacks) };
  const lost = lostGuests(before, after.stacks, guestsOf(means, change));
  if (lost !== undefined) return { ...outcome, plans: [{ state: 'refused', stack: '', refusal: lost }] };
  return { ...outcome, plans: await plansOf(means, change, reaches, done, kept) };
}

/** Terraform is started only where every stack may be planned. */
async function plansOf(
  means: TerraformMeans,
  change: StackChange,
  reaches: readonly Reach[],
  done: ReadonlyMap<Target, Step>,
  kept: Kept,
): Promise<StackCodePlan[]> {
  // Without an address to aim at, Terraform would plan whatever the state holds.
  const aimless = reaches.filter(({ addresses }) => addresses.length === 0);
  if (aimless.length > 0) return aimless.map(aimlessPlan);
  const left = reaches.filter(({ stack }) => !done.has(printStackTarget(stack)));
  const wanted = new Map<string, Awaited<ReturnType<typeof wantedOf>>>();
  for (const { stack, addresses } of left) wanted.set(stack, await wantedOf(means, change, stack, addresses));
  const refused = [...wanted].flatMap(([stack, one]): StackCodePlan[] =>
    'refused' in one ? [{ state: 'refused', stack, refusal: one }] : [],
  );
  if (refused.length > 0) return refused;
  const plans: StackCodePlan[] = [];
  for (const reach of reaches) {
    const [step, one] = [done.get(printStackTarget(reach.stack)), wanted.get(reach.stack)];
    if (step !== undefined) plans.push({ state: 'done', reach, step });
    else if (one !== undefined && !('refused' in one)) {
      const live = one.guests.flatMap((guest) => guest.live ?? []);
      plans.push({ state: 'planned', reach, guests: one.guests, plan: await plannedOnce(means, one, live, kept) });
    }
  }
  return plans;
}

function aimlessPlan({ stack, parts }: Reach): StackCodePlan {
  const message = `stack ${stack} has no resource, and this changes ${listed(parts)} of it: Terraform cannot be aimed at that alone`;
  return {
    state: 'refused',
    stack,
    refusal: refusal('stack-aimless', message, 'change it with the first resource of the stack'),
  };
}

/** The stack of a step of stack code, as it is now. */
export async function stackOfStep(
  means: TerraformMeans,
  change: StackChange | undefined,
  { target, action }: Step,
): Promise<Wanted> {
  const stack = parseStackTarget(target);
  if (change === undefined || stack === undefined || action.kind !== 'apply-terraform')
    throw new GitmendError('INTERNAL', `${target} came to Terraform without a change of stack code`);
  const wanted = await wantedOf(means, change, stack, action.addresses);
  if ('refused' in wanted) throw new GitmendError('TERRAFORM_STACK_REFUSED', wanted.message);
  return wanted;
}

/**
 * A stack with its guests as they were applied, and the sizes of those at these addresses as they are: those go through
 * the Proxmox API, so Terraform must plan nothing for them. Or why it may not be planned.
 */
async function wantedOf(
  means: TerraformMeans,
  change: StackChange,
  stack: string,
  addresses: readonly string[],
): Promise<(Wanted & { guests: GuestAt[] }) | Refusal> {
  const before = await stacksBefore(means, change);
  const first = await stacksAfter(means, change, change.after.data);
  if (!first.ok) return codeFails(first).refusal;
  const guests = await readGuests(means, change, [first.stacks[stack], before[stack]], addresses);
  const made = await stacksAfter(means, change, asLive(change, guests));
  if (!made.ok) return codeFails(made).refusal;
  const config = made.stacks[stack];
  if (config === undefined) return stackGone(stack);
  const against = [
    ...againstStack(config, allowedBy(means.setting)),
    ...againstBackend(stack, config, means.setting.state),
    ...againstUnreviewed(stack, before, made.stacks),
  ];
  if (against.length > 0) return refusal('terraform-stack-refused', `the stack ${stack}: ${against.join('; ')}`, outOf);
  const there = new Set((await listGuests(means.client)).map(({ node, vmid }) => `${node}/${vmid}`));
  const placed = guests.reduce<object>(
    (so, { address, live }) => (live === undefined ? so : importedFrom(so, address, `${live.node}/${live.vmid}`)),
    config as object,
  );
  return { stack, addresses, config: importingOnly(placed, there), guests };
}

const outOf =
  'take it out of stacks/; what only the machine’s owner may decide is merged while stackCode is off (docs/terraform.md)';

/** The guests that were applied on the cluster of the stacks. */
function guestsOf({ cluster }: TerraformMeans, { applied }: StackChange): DeclaredGuest[] {
  return Object.values(applied).flatMap(({ declaration }) =>
    declaration.cluster === cluster.name ? [declaration] : [],
  );
}

async function readGuests(
  means: TerraformMeans,
  change: StackChange,
  configs: readonly unknown[],
  addresses: readonly string[],
): Promise<GuestAt[]> {
  const found = guestsAmong(configs, addresses, guestsOf(means, change));
  return Promise.all(
    found.map(async ({ address, guest }) => {
      const live = (await unless('PVE_NOT_FOUND', readGuest(means.client, guest)))?.guest;
      return { address, guest, live };
    }),
  );
}

function stackGone(stack: string): Refusal {
  return refusal(
    'stack-gone',
    `the stack ${stack} would be gone with all that it holds, and its state be left to nobody`,
    'keep the stack, and take its resources out of it first: each destruction gets a plan',
  );
}
