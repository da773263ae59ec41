import { closedByBot } from '../records/closing.ts';
import { fieldsIn, observedOf } from '../declarations/guest/index.ts';
import type { PullRequest } from '../forges/forge.ts';
import { goneProposed, restoreProposed } from '../records/drift.ts';
import { parsePullRequest, type PullRequestMarker } from '../records/pull-request.ts';
import { driftOf } from './drift.ts';
import type { DriftLook } from './drift-look.ts';
import { driftFingerprint } from './drift-propose.ts';
import { commitOfPerson } from './own-pull-request.ts';
import type { Truth } from './truth.ts';
import type { World } from './world.ts';

type OfDrift = { pr: PullRequest; marker: PullRequestMarker };

/** Those of these pull requests that are gitmend's own about drift: accepting it, and restoring. */
export function aboutDrift({ forge }: Pick<World, 'forge'>, open: readonly PullRequest[]): OfDrift[] {
  return open.flatMap((pr) => {
    const marker = pr.author === forge.self && !pr.fork ? parsePullRequest(pr.body) : undefined;
    return marker?.kind === 'drift' || marker?.kind === 'restore' ? [{ pr, marker }] : [];
  });
}

/** Closes one, unless a person has committed to it: then it is theirs. Returns whether it did. */
export async function endDrift(world: World, pr: PullRequest, why: string): Promise<boolean> {
  const head = (await world.repo.tip(`refs/heads/${world.forge.defaultBranch}`)) ?? '';
  const gone = (await world.repo.tip(`refs/heads/${pr.branch}`)) === undefined;
  if (!gone && (await commitOfPerson(world, head, pr)) !== undefined) return false;
  await world.forge.close(pr.number, closedByBot(`Closed: ${why}.`));
  return true;
}

/**
 * Accepting and restoring are two ways out of the same drift: when one of them is merged, the other one is closed. Before
 * that both stay. The forge is asked only about those that git says may have been merged.
 */
export async function endOtherWays(world: World, truth: Truth, open: readonly PullRequest[]): Promise<void> {
  const ways = aboutDrift(world, open);
  for (const { pr, marker } of ways) {
    const taken = marker.kind === 'drift' ? await restoredBy(world, truth, pr) : await acceptedBy(world, marker, open);
    const which = marker.kind === 'drift' ? 'restores what is declared' : 'keeps what is live';
    if (taken !== undefined) await endDrift(world, pr, `settled by #${taken}, which ${which}`);
  }
}

/** The merged pull request that asked for what is declared, instead of this one. */
async function restoredBy({ forge }: World, { units, records }: Truth, pr: PullRequest): Promise<number | undefined> {
  const since = Date.parse(pr.createdAt);
  const merged = new Set([
    ...units.flatMap(({ operations, pullRequest }) => (operations.length > 0 ? (pullRequest?.number ?? []) : [])),
    ...records.flatMap(({ record: { operations = [], at, pullRequest } }) =>
      operations.length > 0 && Date.parse(at) >= since ? (pullRequest?.number ?? []) : [],
    ),
  ]);
  for (const number of merged) {
    const { author, fork, state, body } = await forge.pullRequest(number);
    const marker = author === forge.self && !fork ? parsePullRequest(body) : undefined;
    if (marker?.kind === 'restore' && marker.of === pr.number && state === 'merged') return number;
  }
  return undefined;
}

async function acceptedBy(
  { forge }: World,
  { of }: PullRequestMarker,
  open: readonly PullRequest[],
): Promise<number | undefined> {
  if (of === undefined || open.some(({ number }) => number === of)) return undefined;
  return (await forge.pullRequest(of)).state === 'merged' ? of : undefined;
}

/** Those that nothing is behind any more: a drift that is gone, a restore of a state that is not there now. */
export function endedDrifts(
  world: Pick<World, 'forge'>,
  looks: readonly DriftLook[],
  open: readonly PullRequest[],
): { pr: PullRequest; why: string }[] {
  return aboutDrift(world, open).flatMap(({ pr, marker }) => {
    const look = looks.find(({ target }) => driftFingerprint(target) === marker.fingerprint);
    const why = look === undefined ? 'its guest is not declared any more' : overBecause(look, marker);
    return why === undefined ? [] : [{ pr, why }];
  });
}

function overBecause(look: DriftLook, marker: PullRequestMarker): string | undefined {
  if (look.state !== 'seen') return undefined;
  const { target, guest, live, drift } = look;
  const isAboutGone = marker.proposed === goneProposed;
  if (live === undefined) {
    if (isAboutGone) return undefined;
    return `${guest.name} is not on cluster ${guest.cluster} any more`;
  }
  if (isAboutGone) return `${guest.name} is on ${live.node} again`;
  if (drift.values.length === 0) {
    const { values, beyond } = driftOf(target, guest, live, { ignore: [] });
    const [first] = beyond;
    if (values.length > 0) return `gitmend.yaml says that this drift of ${guest.name} is to be ignored`;
    return first === undefined ? `${guest.name} is as declared on ${live.node} again` : `${guest.name} ${first}`;
  }
  if (marker.kind !== 'restore') return undefined;
  const asked =
    marker.proposed === restoreProposed({ differing: drift.values, state: observedOf(live, fieldsIn(drift.values)) });
  return asked ? undefined : `${guest.name} is not as it was when this was asked for; ask again`;
}
