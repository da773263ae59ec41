import type { ProxmoxClient } from '../clients/proxmox/index.ts';
import type { DeclaredGuest } from '../core/declared-guest.ts';
import { isGitmendError } from '../core/errors.ts';
import { readGuest } from '../declarations/guest/index.ts';
import type { OwnPullRequest } from '../deliver/own-pull-request.ts';
import type { Truth } from '../deliver/truth.ts';
import type { World } from '../deliver/world.ts';
import { plainText } from '../records/escape.ts';
import type { CliContext } from './context.ts';
import { openClient } from './engines.ts';
import { aheadLines, planAhead } from './foretold.ts';
import type { Assigned } from './guest-assign.ts';
import { type AskedPlace, lookAtPlace, type PlaceLook } from './guest-place.ts';

/** What a move needs that only its cluster knows. */
const places: readonly string[] = ['node', 'disk.storage', 'network.bridge'];
/** What a dry run of edits is of: each guest's edits, and the pull request that would be opened. */
export interface Asked {
  changed: readonly Assigned[];
  wanted: OwnPullRequest;
}

/**
 * Plans the edits as the pull request would be, the places that they name held against the cluster before, every fault at
 * once. What the token may not see, or is not set for, is said and not refused. Exit 1 where the plan would be refused.
 * Opens nothing; throws where the cluster does not answer.
 */
export async function sayAhead(
  context: CliContext,
  ground: { world: World; truth: Truth },
  { changed, wanted }: Asked,
): Promise<void> {
  const looks: PlaceLook[] = [];
  for (const one of changed.filter(({ edits }) => edits.some(({ field }) => places.includes(field))))
    looks.push(await placeLook(context, ground.truth, one, wanted));
  const [faults, unchecked] = [looks.flatMap((look) => look.faults), looks.flatMap((look) => look.unchecked)];
  for (const what of unchecked) context.warn(plainText(`not checked: ${what}`, 1000));
  for (const fault of faults) context.print(plainText(`would be refused: ${fault}`, 1000));
  if (faults.length > 0) context.exit(1);
  if (faults.length + unchecked.length === 0) await sayPlan(context, ground, wanted);
}

/** A terminal without the token shows the edit all the same: where CI plans, nobody needs one here. */
async function sayPlan(
  context: CliContext,
  ground: { world: World; truth: Truth },
  wanted: OwnPullRequest,
): Promise<void> {
  try {
    const plan = await planAhead(context, ground, wanted);
    if (plan === undefined) context.exit(1);
    for (const line of plan === undefined ? [] : aheadLines(plan)) context.print(plainText(line, 1000));
  } catch (error) {
    if (!isGitmendError(error, 'ENV_MISSING')) throw error;
    context.warn(plainText(`not checked: what its plan would be (${error.message})`, 1000));
  }
}

async function placeLook(
  { env, clock }: CliContext,
  { rules }: Truth,
  { guest, edits }: Assigned,
  { edits: files }: OwnPullRequest,
): Promise<PlaceLook> {
  const read = readGuest(files.get(guest.file) ?? '', guest.file);
  // What no file may hold was refused before.
  if (!read.ok) return { faults: [], unchecked: [] };
  const client = clientOr(() => openClient(rules, guest.cluster, { role: 'read', env, clock }));
  if (typeof client === 'string') return { faults: [], unchecked: [`where ${guest.name} would be (${client})`] };
  const fields = new Set(edits.map(({ field }) => field));
  const { faults, unchecked } = await lookAtPlace(client, placeOf(read.value, fields));
  return { faults: faults.map((fault) => `${guest.file}: ${inFile(fault)}`), unchecked };
}

/** The client, or why there is none where a variable is not set. */
function clientOr(open: () => ProxmoxClient): ProxmoxClient | string {
  try {
    return open();
  } catch (error) {
    if (isGitmendError(error, 'ENV_MISSING')) return error.message;
    throw error;
  }
}

/** Another node has to have everything that the guest has; what stays where it is was there before. */
function placeOf(guest: DeclaredGuest, fields: ReadonlySet<string>): AskedPlace {
  const { type, node, cores, memory, disk, network } = guest;
  const moved = fields.has('node');
  return {
    ...{ type, node, cores: moved ? cores : undefined, memory: moved ? memory : undefined },
    storage: moved || fields.has('disk.storage') ? disk.storage : undefined,
    // On a shared storage a migration takes no room, and whether it does the plan says.
    size: fields.has('disk.storage') ? disk.size : undefined,
    bridge: moved || fields.has('network.bridge') ? network.bridge : undefined,
  };
}

const inner: { [flag: string]: string } = { storage: 'disk.storage', disk: 'disk.size', bridge: 'network.bridge' };

/** A fault by the flag of a new guest → by the field of a file. */
function inFile(fault: string): string {
  return fault.replace(/^--([a-z]+):/, (_, flag: string) => `${inner[flag] ?? flag}:`);
}
