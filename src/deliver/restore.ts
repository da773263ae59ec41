import { isRefusal, type Refusal, refusal } from '../core/change-set.ts';
import type { DeclaredGuest } from '../core/declared-guest.ts';
import { branchOf } from '../core/fingerprint.ts';
import type { LiveGuest } from '../core/guest.ts';
import type { Target } from '../core/target.ts';
import { preStateOf, sizeSteps } from '../declarations/guest/index.ts';
import type { PullRequest } from '../forges/forge.ts';
import { driftLine, printRestore } from '../records/drift.ts';
import { applyDeclared } from './apply-declared.ts';
import { driftRules, type SizeDrift } from './drift.ts';
import { aboutDrift } from './drift-end.ts';
import { leftBecause, lookAt } from './drift-look.ts';
import { driftFingerprint } from './drift-propose.ts';
import { openOwn } from './own-pull-request.ts';
import type { Truth } from './truth.ts';
import type { World } from './world.ts';

/** The pull request that restores, and what it changes. */
export interface Restoring {
  pullRequest: PullRequest;
  sizes: readonly SizeDrift[];
}

/**
 * Opens the pull request that brings back what is declared: an operation `apply-declared` for exactly the live state of
 * now, planned and approved like every other one. A refusal where nothing differs, where something else goes first, or
 * where its plan would be refused.
 */
export async function openRestore(
  world: World,
  truth: Truth,
  target: Target,
  guest: DeclaredGuest,
  askedAt: string,
): Promise<Restoring | Refusal> {
  const left = leftBecause(truth, target, guest);
  if (left !== undefined)
    return refusal('not-drift', `${guest.name} ${left}`, 'gitmend status shows what is open there');
  const look = await lookAt(world, target, guest, driftRules(truth.rules.config) ?? { ignore: [] });
  if (look.state !== 'seen') return refusal('not-seen', `${guest.name} ${look.why}`, 'ask again when that is over');
  const { live, drift } = look;
  const [first] = drift.beyond;
  if (live === undefined || drift.sizes.length === 0)
    return refusal(
      'nothing-to-restore',
      first === undefined ? `${guest.name} is as declared` : `${guest.name} ${first}, which gitmend does not change`,
    );
  const fields = drift.sizes.map(({ field }) => field);
  const steps = sizeSteps(guest, fields, live);
  if (isRefusal(steps)) return steps;
  return opened(world, truth, { target, guest, live, sizes: drift.sizes, askedAt });
}

interface Wanted {
  target: Target;
  guest: DeclaredGuest;
  live: LiveGuest;
  sizes: readonly SizeDrift[];
  askedAt: string;
}

async function opened(world: World, truth: Truth, wanted: Wanted): Promise<Restoring | Refusal> {
  const { target, guest, live, sizes, askedAt } = wanted;
  const fields = sizes.map(({ field }) => field);
  const changes = applyDeclared(world, truth, {
    ...{ target, name: guest.name, summary: `drift: ${driftLine(sizes)}` },
    ...{ fields, live },
  });
  if (changes === undefined || isRefusal(changes))
    return changes ?? refusal('no-planner', 'this version has no remedy apply-declared');
  const fingerprint = driftFingerprint(target);
  const accepting = aboutDrift(world, await world.forge.pullRequests({ state: 'open' })).find(
    ({ marker }) => marker.kind === 'drift' && marker.fingerprint === fingerprint,
  );
  const { title, body } = printRestore({
    ...{ name: guest.name, id: `${guest.type}/${guest.vmid}`, node: live.node, file: guest.file },
    ...{ fingerprint, differing: sizes, state: preStateOf(live) },
    ...(accepting === undefined ? {} : { of: accepting.pr.number }),
  });
  const branch = branchOf('restore', guest.name, fingerprint);
  const labels = ['gitmend', 'restore'];
  const pullRequest = await openOwn(
    world,
    { branch, title, body, labels, edits: changes.edits, fingerprint },
    { askedAt },
  );
  if (pullRequest === undefined) return refusal('declined', 'a person closed the same restore since', 'ask again');
  world.log('restore', { target, pullRequest: pullRequest.number });
  return { pullRequest, sizes };
}
