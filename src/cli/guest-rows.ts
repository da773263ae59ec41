import type { DeclaredGuest } from '../core/declared-guest.ts';
import { type GitmendError, isGitmendError } from '../core/errors.ts';
import { inTurns } from '../core/in-turns.ts';
import type { LiveGuest } from '../core/guest.ts';
import { printGuestTarget, type Target } from '../core/target.ts';
import { driftRules } from '../deliver/drift.ts';
import { type DriftLook, leftBecause, lookAt } from '../deliver/drift-look.ts';
import type { Truth } from '../deliver/truth.ts';
import { undeclaredIn } from '../deliver/undeclared.ts';
import type { World } from '../deliver/world.ts';
import { driftLine } from '../records/drift.ts';

/**
 * A guest as the default branch declares it and as it is live. `left`: its declaration is not the one that was applied;
 * `undeclared`: in the cluster, and in no file.
 */
export interface GuestRow {
  name: string;
  target: Target;
  state: 'as-declared' | 'drifted' | 'left' | 'gone' | 'unseen' | 'undeclared';
  /** What differs, or why it cannot be said; '' where there is nothing to say. */
  why: string;
  node: string;
  status: LiveGuest['status'] | '';
  declared?: DeclaredGuest;
  live?: LiveGuest;
}

const atOnce = 6;

/** These declared guests, each read now. Only reads. Throws where a variable is not set or the rules cannot be read. */
export async function rowsOf(
  world: World,
  truth: Truth,
  guests: readonly (readonly [Target, DeclaredGuest])[],
): Promise<GuestRow[]> {
  const rules = driftRules(truth.rules.config) ?? { ignore: [] };
  return inTurns(guests, atOnce, async ([target, guest]) => {
    const look = await lookAt(world, target, guest, rules);
    return rowOf(look, leftBecause(truth, target, guest));
  });
}

function rowOf(look: DriftLook, left: string | undefined): GuestRow {
  const { target, guest } = look;
  const live = look.state === 'seen' ? look.live : undefined;
  return {
    ...{ name: guest.name, target, declared: guest },
    ...stateOf(look, left),
    node: live?.node ?? guest.node,
    status: live?.status ?? '',
    ...(live === undefined ? {} : { live }),
  };
}

function stateOf(look: DriftLook, left: string | undefined): Pick<GuestRow, 'state' | 'why'> {
  if (look.state !== 'seen') return { state: look.state, why: look.why };
  if (look.live === undefined) return { state: 'gone', why: `is not on cluster ${look.guest.cluster} any more` };
  if (left !== undefined) return { state: 'left', why: left };
  const { values, beyond } = look.drift;
  const why = [...(values.length === 0 ? [] : [driftLine(values)]), ...beyond].join('; ');
  return why === '' ? { state: 'as-declared', why } : { state: 'drifted', why };
}

/** Every row that there is, and what could not be asked, by cluster. */
export interface Listed {
  rows: GuestRow[];
  unasked: ReadonlyMap<string, GitmendError>;
}

/**
 * These declared guests and, where `undeclared`, those that no file declares. A cluster that cannot be asked (a variable that
 * is not set, no answer) is kept apart, and its declared guests are unseen; where none can be asked, that is thrown.
 */
export async function listedRows(
  world: World,
  truth: Truth,
  guests: readonly (readonly [Target, DeclaredGuest])[],
  undeclared: boolean,
): Promise<Listed> {
  const clusters = undeclared ? (truth.rules.config?.clusters.map(({ name }) => name) ?? []) : [];
  const wanted = [...new Set([...clusters, ...guests.map(([, { cluster }]) => cluster)])];
  const parts = await Promise.all(wanted.map((cluster) => rowsIn(world, truth, { cluster, guests, undeclared })));
  const unasked = new Map(parts.flatMap(({ cluster, error }) => (error === undefined ? [] : [[cluster, error]])));
  const [first] = unasked.values();
  if (first !== undefined && unasked.size === wanted.length) throw first;
  const order = new Map(guests.map(([target], index) => [target, index]));
  const place = ({ target }: GuestRow) => order.get(target) ?? order.size;
  return { rows: parts.flatMap(({ rows }) => rows).sort((a, b) => place(a) - place(b)), unasked };
}

/** What is amiss with one cluster: its variable, what the rules in force say of it, or its answer. */
const ofCluster = /^(?:ENV_MISSING|CONFIG_INVALID|PVE_.*)$/;

interface Part {
  cluster: string;
  rows: GuestRow[];
  error?: GitmendError;
}

async function rowsIn(
  world: World,
  truth: Truth,
  { cluster, guests, undeclared }: { cluster: string; guests: Parameters<typeof rowsOf>[2]; undeclared: boolean },
): Promise<Part> {
  const own = guests.filter(([, guest]) => guest.cluster === cluster);
  try {
    const more = undeclared ? await undeclaredRows(world, truth, cluster) : [];
    return { cluster, rows: [...(await rowsOf(world, truth, own)), ...more] };
  } catch (error) {
    if (!isGitmendError(error) || !ofCluster.test(error.code)) throw error;
    const why = `${error.code}: ${error.message}`;
    return { cluster, rows: own.map(([target, guest]) => unseenRow(target, guest, why)), error };
  }
}

function unseenRow(target: Target, guest: DeclaredGuest, why: string): GuestRow {
  return { ...{ name: guest.name, target, declared: guest }, state: 'unseen', why, node: guest.node, status: '' };
}

async function undeclaredRows(world: World, truth: Truth, cluster: string): Promise<GuestRow[]> {
  const why = 'gitmend import --dry-run says how it would be declared';
  return (await undeclaredIn(world, truth, cluster)).map((guest) => ({
    ...{ name: guest.name, target: printGuestTarget(guest), state: 'undeclared', why, node: guest.node, status: '' },
  }));
}
