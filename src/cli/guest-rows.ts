import type { DeclaredGuest } from '../core/declared-guest.ts';
import { inTurns } from '../core/in-turns.ts';
import type { LiveGuest } from '../core/guest.ts';
import { printGuestTarget, type Target } from '../core/target.ts';
import { driftRules } from '../deliver/drift.ts';
import { type DriftLook, leftBecause, lookAt } from '../deliver/drift-look.ts';
import type { Truth } from '../deliver/truth.ts';
import { undeclaredGuests } from '../deliver/undeclared.ts';
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

/** Guests of the clusters that the rules name and that no file declares. */
export async function undeclaredRows(world: World, truth: Truth): Promise<GuestRow[]> {
  const why = 'gitmend import --dry-run says how it would be declared';
  return (await undeclaredGuests(world, truth)).map((guest) => ({
    ...{ name: guest.name, target: printGuestTarget(guest), state: 'undeclared', why, node: guest.node, status: '' },
  }));
}
