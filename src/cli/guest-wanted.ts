import type { DeclaredGuest } from '../core/declared-guest.ts';
import { GitmendError } from '../core/errors.ts';
import { branchOf, fingerprintOf } from '../core/fingerprint.ts';
import { type RawGuest, wantedGuest } from '../declarations/guest/index.ts';
import { configInForce } from '../deliver/planning.ts';
import { type ProposedGuest, proposedGuests } from '../deliver/proposed-guests.ts';
import type { Truth } from '../deliver/truth.ts';
import type { World } from '../deliver/world.ts';
import type { CliContext } from './context.ts';
import { openClient } from './engines.ts';
import { flagOf } from './guest-raw.ts';
import { idTaken, nameTaken, nextId, type Takers } from './guest-taken.ts';

interface Ground {
  world: World;
  truth: Truth;
}

/** Any id that can be read, until the cluster was asked for one. */
const placeholder = 100;

/**
 * The guest that was asked for, with an id that nobody has: `next`, or none, is the first such id. Throws USAGE with every
 * fault at once, each by its flag: what no file may hold, and names and ids in use.
 */
export async function newGuest(context: CliContext, ground: Ground, asked: RawGuest): Promise<DeclaredGuest> {
  const clusters = configInForce(ground.truth).clusters.map(({ name }) => name);
  const raw: RawGuest = clusters.length === 1 ? { cluster: clusters[0], ...asked } : asked;
  const next = raw['vmid'] === undefined || raw['vmid'] === 'next';
  const wanted = wantedGuest(next ? { ...raw, vmid: placeholder } : raw, flagOf);
  const faults = wanted.ok ? [] : wanted.faults;
  const cluster = clusters.find((name) => name === raw['cluster']);
  if (cluster === undefined) throw refused([...faults, `--cluster: gitmend.yaml names ${clusters.join(', ')}`]);
  const name = String(asked['name']);
  const { takers, own } = await takersOf(context, ground, { cluster, name });
  const taken = await takenFaults(takers, { cluster, name, vmid: next ? undefined : raw['vmid'] }, faults);
  if (!wanted.ok || taken.length > 0) throw refused([...faults, ...taken]);
  return next ? { ...wanted.guest, vmid: await firstId(takers, cluster, own) } : wanted.guest;
}

/** A name and an id that somebody has; an id that no guest can have is a fault already. */
async function takenFaults(
  takers: Takers,
  { cluster, name, vmid }: { cluster: string; name: string; vmid: unknown },
  faults: readonly string[],
): Promise<string[]> {
  const named = nameTaken(takers, name);
  const readable = typeof vmid === 'number' && !faults.some((fault) => fault.startsWith('--vmid:'));
  const numbered = readable ? await idTaken(takers, cluster, vmid) : undefined;
  return [
    ...(named === undefined ? [] : [`NAME: ${named}`]),
    ...(numbered === undefined ? [] : [`--vmid: ${numbered}`]),
  ];
}

/** Of one guest there is one such pull request, whatever its values. */
export function createFingerprint({ cluster, name }: Pick<DeclaredGuest, 'cluster' | 'name'>): string {
  return fingerprintOf('create', `${cluster}/${name}`, 'guest');
}

function refused(faults: readonly string[]): GitmendError {
  return new GitmendError('USAGE', faults.join('\n'));
}

/** Everybody who has a name or an id; `own` was asked for before, is still open, and speaks for nobody else. */
async function takersOf(
  { env, clock }: CliContext,
  { world, truth }: Ground,
  guest: Pick<DeclaredGuest, 'cluster' | 'name'>,
): Promise<{ takers: Takers; own: ProposedGuest[] }> {
  const branch = branchOf('create', guest.name, createFingerprint(guest));
  const isOwn = ({ pr }: ProposedGuest) => pr.branch === branch && pr.author === world.forge.self && !pr.fork;
  const open = await proposedGuests(world, truth);
  const client = openClient(truth.rules, guest.cluster, { role: 'read', env, clock });
  const live = await world.listGuests(guest.cluster);
  const proposed = open.filter((one) => !isOwn(one));
  return { takers: { truth, proposed, live, client }, own: open.filter(isOwn) };
}

/** The one that it has been given before, as long as it is free. */
async function firstId(takers: Takers, cluster: string, own: readonly ProposedGuest[]): Promise<number> {
  for (const { guest } of own) if ((await idTaken(takers, cluster, guest.vmid)) === undefined) return guest.vmid;
  return nextId(takers, cluster);
}
