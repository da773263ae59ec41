import { GitmendError, isGitmendError } from '../core/errors.ts';
import type { DriftConfig } from '../core/config.ts';
import type { DeclaredGuest } from '../core/declared-guest.ts';
import type { LiveGuest } from '../core/guest.ts';
import { lockedBy, parseGuestTarget, printGuestTarget, type Target } from '../core/target.ts';
import { changedFields } from '../declarations/guest/index.ts';
import { lockRef } from '../ledger/locks.ts';
import type { PullRequest } from '../forges/forge.ts';
import { driftOf, type GuestDrift } from './drift.ts';
import { readLive, type JudgedUnit, type Truth } from './truth.ts';
import type { World } from './world.ts';

/** What one look at one declared guest came to. */
export type DriftLook = { target: Target; guest: DeclaredGuest } & (
  | { state: 'seen'; live: LiveGuest | undefined; drift: GuestDrift }
  /** What differs is somebody else's to settle first, or somebody is at it: nothing follows from it, and nothing ends. */
  | { state: 'left'; why: string }
  | { state: 'unseen'; why: string }
);

/** What is amiss with a whole cluster is not found out once more for each of its guests. */
const ofCluster = /^(?:PVE_(?:UNREACHABLE|UNTRUSTED|UNAUTHENTICATED)|ENV_MISSING):/;

/**
 * Looks at every declared guest, one after the other: a big cluster is not asked for everything at once. A variable that is
 * not set stops the look at the cluster that needs it; where nothing else was left to look at, ENV_MISSING is thrown.
 */
export async function lookForDrift(
  world: World,
  truth: Truth,
  rules: Pick<DriftConfig, 'ignore'>,
  open: readonly PullRequest[],
): Promise<DriftLook[]> {
  const looks: DriftLook[] = [];
  const away = new Map<string, string>();
  for (const [target, guest] of truth.head.guests) {
    const unreached = away.get(guest.cluster);
    const why = leftBecause(truth, target, guest) ?? wayOutFor(world, open, guest) ?? (await lockOn(world, target));
    if (why !== undefined) looks.push({ target, guest, state: 'left', why });
    else if (unreached !== undefined) looks.push({ target, guest, state: 'unseen', why: unreached });
    else {
      const look = await lookAt(world, target, guest, rules).catch((error: unknown) => unsetOr(error, target, guest));
      if (look.state === 'unseen' && ofCluster.test(look.why)) away.set(guest.cluster, look.why);
      looks.push(look);
    }
  }
  demandSet(looks);
  return looks;
}

const unset = 'ENV_MISSING: ';

function unsetOr(error: unknown, target: Target, guest: DeclaredGuest): DriftLook {
  if (!isGitmendError(error, 'ENV_MISSING')) throw error;
  return { target, guest, state: 'unseen', why: `${unset}${error.message}` };
}

/** Throws ENV_MISSING where nothing could be looked at for want of it. */
function demandSet(looks: readonly DriftLook[]): void {
  const whys = looks.flatMap((look) => (look.state === 'left' ? [] : [look.state === 'unseen' ? look.why : '']));
  const [first] = whys;
  if (first === undefined || !whys.every((why) => why.startsWith(unset))) return;
  throw new GitmendError('ENV_MISSING', first.slice(unset.length));
}

/** One guest, read now. What is amiss here and not there (a variable that is not set) is thrown. */
export async function lookAt(
  world: World,
  target: Target,
  guest: DeclaredGuest,
  rules: Pick<DriftConfig, 'ignore'>,
): Promise<DriftLook> {
  const identity = parseGuestTarget(target);
  try {
    const live = identity === undefined ? undefined : await readLive(world, identity);
    const why = live === undefined ? undefined : atWork(live);
    if (why !== undefined) return { target, guest, state: 'left', why };
    return { target, guest, state: 'seen', live, drift: driftOf(target, guest, live, rules) };
  } catch (error) {
    if (!isGitmendError(error) || !error.code.startsWith('PVE_')) throw error;
    return { target, guest, state: 'unseen', why: `${error.code}: ${error.message}` };
  }
}

/** PVE itself is at work on it, or it is in a state in which nothing of it is settled. */
function atWork({ lock, status, node }: LiveGuest): string | undefined {
  if (lock !== undefined) return `is locked (${lock}) on ${node}`;
  return status === 'running' || status === 'stopped' ? undefined : `is ${status} on ${node}`;
}

/**
 * Why what is live is compared with nothing here: drift is only what differs from a declaration that was applied. What is
 * pending, being verified, stopped or unapproved has its own way.
 */
export function leftBecause({ applied, units }: Truth, target: Target, guest: DeclaredGuest): string | undefined {
  const unit = units.find((one) => touches(one, target));
  if (unit !== undefined) {
    const name = unit.pullRequest === undefined ? unit.to.slice(0, 7) : `#${unit.pullRequest.number}`;
    return unit.approval.approved ? `waits for ${name}, which is not at its end` : `is changed by ${name}, unapproved`;
  }
  const last = applied.targets[target]?.declaration;
  if (last === undefined) return 'was never declared by an approved pull request';
  const fields = changedFields(last, guest);
  return fields.length === 0 ? undefined : `is declared otherwise than applied: ${fields.join(', ')}`;
}

function touches({ difference, operations }: JudgedUnit, target: Target): boolean {
  const { fields, added, removed } = difference;
  const others = [...added, ...removed].map(printGuestTarget);
  return fields.has(target) || others.includes(target) || operations.some((one) => one.target === target);
}

/** After a stop, or a change that did not help, the ways out go first. */
function wayOutFor({ forge }: World, open: readonly PullRequest[], { name }: DeclaredGuest): string | undefined {
  const way = open.find(({ author, fork, branch }) => {
    const [, of] = /^gitmend\/(?:accept|insist|undo|revert)\/(.+)-[0-9a-f]{6}$/.exec(branch) ?? [];
    return of === name && !fork && author === forge.self;
  });
  return way === undefined ? undefined : `has a way out open (#${way.number})`;
}

async function lockOn({ repo }: World, target: Target): Promise<string | undefined> {
  const held = await Promise.all(lockedBy(target).map((one) => repo.tip(lockRef(one))));
  return held.some((tip) => tip !== undefined) ? 'is locked by a run' : undefined;
}
