import type { DeclaredGuest } from '../core/declared-guest.ts';
import { GitmendError } from '../core/errors.ts';
import { branchOf, fingerprintOf } from '../core/fingerprint.ts';
import type { LiveGuest } from '../core/guest.ts';
import { cloneMisfits, type RawGuest, rawOf, wantedGuest } from '../declarations/guest/index.ts';
import { configInForce } from '../deliver/planning.ts';
import { type ProposedGuest, proposedGuests } from '../deliver/proposed-guests.ts';
import type { Truth } from '../deliver/truth.ts';
import type { World } from '../deliver/world.ts';
import type { CliContext } from './context.ts';
import { openClient } from './engines.ts';
import { type AskedPlace, lookAtPlace } from './guest-place.ts';
import { flagOf } from './guest-raw.ts';
import { addressTaken, idTaken, nameTaken, nextId, type Takers } from './guest-taken.ts';
import { againstDistance, lentBy, templateCalled } from './guest-template.ts';

interface Ground {
  world: World;
  truth: Truth;
}

/** Any id that can be read, until the cluster was asked for one. */
const placeholder = 100;

/** A new guest, and what of its place the token that reads could not look at. */
export interface NewGuest {
  guest: DeclaredGuest;
  unchecked: readonly string[];
}

/**
 * The guest that was asked for, with an id that nobody has: `next`, or none, is the first such id. `template` is what a
 * template was called: what is not said is then as it has it. Throws USAGE with every fault at once, each by its flag: what
 * no file may hold, names and ids in use, and what the cluster does not have.
 */
export async function newGuest(
  context: CliContext,
  ground: Ground,
  said: RawGuest,
  template: string | undefined,
): Promise<NewGuest> {
  const clusters = configInForce(ground.truth).clusters.map(({ name }) => name);
  const asked: RawGuest = clusters.length === 1 ? { cluster: clusters[0], ...said } : said;
  const cluster = clusters.find((name) => name === asked['cluster']);
  if (cluster === undefined) {
    const { faults } = readable(asked);
    throw refused([...faults, `--cluster: gitmend.yaml names ${clusters.join(', ')}`]);
  }
  const name = String(asked['name']);
  const { takers, own } = await takersOf(context, ground, { cluster, name });
  const { raw, lent, faults: clone } = await clonedFrom(takers, asked, template);
  const { faults, guest } = readable(raw);
  const vmid = isNext(raw) ? undefined : raw['vmid'];
  const taken = await takenFaults(takers, { cluster, name, vmid, address: raw.network?.['address'] }, faults);
  const place = await lookAtPlace(takers.client, placeIn(raw, faults));
  const misfits = guest === undefined || lent === undefined ? [] : await againstClone(takers, guest, lent);
  const all = [...clone, ...faults, ...taken, ...place.faults, ...misfits];
  if (guest === undefined || all.length > 0) throw refused(all);
  const { unchecked } = place;
  return { guest: isNext(raw) ? { ...guest, vmid: await firstId(takers, cluster, own) } : guest, unchecked };
}

function isNext(raw: RawGuest): boolean {
  return raw['vmid'] === undefined || raw['vmid'] === 'next';
}

/** As its file would be read; an id that is still to be asked for is no fault. */
function readable(raw: RawGuest): { faults: string[]; guest?: DeclaredGuest } {
  const wanted = wantedGuest(isNext(raw) ? { ...raw, vmid: placeholder } : raw, flagOf);
  return wanted.ok ? { faults: [], guest: wanted.guest } : { faults: wanted.faults };
}

/** What was asked for, on top of what its template has, where there is one. */
async function clonedFrom(
  { client, live }: Takers,
  asked: RawGuest,
  template: string | undefined,
): Promise<{ raw: RawGuest; lent?: LiveGuest; faults: string[] }> {
  if (template === undefined) return { raw: asked, faults: [] };
  const found = await templateCalled(client, live, template);
  if (!found.ok) return { raw: asked, faults: [found.fault] };
  const { live: lent } = found;
  const { type = lent.type, clone } = asked;
  // What else a file says under `clone` stays, for its reader to judge.
  const beside = typeof clone === 'object' ? clone : {};
  if (type === lent.type)
    return { raw: { ...rawOf(lentBy(lent), asked), clone: { ...beside, from: lent.vmid } }, lent, faults: [] };
  return {
    raw: asked,
    faults: [`--clone: ${lent.name} is ${lent.type}/${lent.vmid}, and --type says ${String(type)}`],
  };
}

/** What of it the clone would have otherwise, and where it cannot be cloned to. */
async function againstClone({ client }: Takers, guest: DeclaredGuest, template: LiveGuest): Promise<string[]> {
  const misfits = cloneMisfits(guest, template).map(({ message, next }) => `--clone: ${message}; ${next}`);
  return [...misfits, ...(await againstDistance(client, template, guest.node))];
}

/** Of what was said the parts without a fault: nobody is told twice about the same word. */
function placeIn({ type, node, cores, memory, disk, network }: RawGuest, faults: readonly string[]): AskedPlace {
  const right = (flag: string) => !faults.some((fault) => fault.startsWith(`${flag}:`));
  const text = (flag: string, value: unknown) => (typeof value === 'string' && right(flag) ? value : undefined);
  const number = (flag: string, value: unknown) => (typeof value === 'number' && right(flag) ? value : undefined);
  return {
    type: type === 'lxc' || type === 'qemu' ? type : undefined,
    ...{ node: text('--node', node), cores: number('--cores', cores), memory: number('--memory', memory) },
    ...{ storage: text('--storage', disk?.['storage']), size: number('--disk', disk?.['size']) },
    bridge: text('--bridge', network?.['bridge']),
  };
}

/** A name, an id and an address that somebody has; what no guest can have is a fault already. */
async function takenFaults(
  takers: Takers,
  { cluster, name, vmid, address }: { cluster: string; name: string; vmid: unknown; address: unknown },
  faults: readonly string[],
): Promise<string[]> {
  const named = nameTaken(takers, name);
  const numeric = typeof vmid === 'number' && !faults.some((fault) => fault.startsWith('--vmid:'));
  const numbered = numeric ? await idTaken(takers, cluster, vmid) : undefined;
  const addressed = typeof address === 'string' ? addressTaken(takers, address) : undefined;
  return [
    ...(named === undefined ? [] : [`NAME: ${named}`]),
    ...(numbered === undefined ? [] : [`--vmid: ${numbered}`]),
    ...(addressed === undefined ? [] : [`--address: ${addressed}`]),
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
