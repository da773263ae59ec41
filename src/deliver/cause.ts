import { type GuestField, guestFields } from '../core/declared-guest.ts';
import { sameValue } from '../core/json.ts';
import type { PullRequest } from '../forges/forge.ts';
import type { StoredRecord } from '../ledger/records.ts';
import type { AfterStop } from '../records/ways-out.ts';
import type { Divergence } from './divergence.ts';
import { lastChange } from './last-change.ts';
import type { Truth } from './truth.ts';
import { mergeLength } from './units.ts';
import type { World } from './world.ts';

/** What led to a divergence, and why it was not applied. */
export interface Cause {
  is: AfterStop['cause'];
  why: string;
  untouched: boolean;
  /** The record of the run that stopped, where one did. */
  record?: StoredRecord;
}

/** The merge or push that brought the declaration: the stopped run's pull request, else the commit. */
export async function causeOf(world: World, truth: Truth, divergence: Divergence): Promise<Cause> {
  const { target, guest, fields } = divergence;
  const unit = truth.units.findLast(({ difference }) =>
    difference.fields.get(target)?.some((field) => fields.includes(field)),
  );
  if (unit !== undefined) {
    const why = unit.approval.approved ? '' : unit.approval.why;
    return {
      is: unit.pullRequest === undefined ? { commit: unit.to } : { pullRequest: unit.pullRequest.number },
      why,
      untouched: true,
    };
  }
  const record = await stoppedRun(world, truth, divergence);
  if (record !== undefined) return stoppedCause(record);
  const commit = await lastChange(world, truth, guest.file);
  const pr = await broughtBy(world, truth, commit);
  const file = `${guest.file} was changed on the default branch`;
  if (pr === undefined) return { is: { commit }, why: `${file} without an approved pull request`, untouched: true };
  const stopped = truth.records.findLast(
    ({ record }) => record.pullRequest?.number === pr.number && stops.has(record.outcome),
  );
  if (stopped !== undefined) return stoppedCause(stopped);
  return {
    is: { pullRequest: pr.number },
    why: `${file} by a merge that was no approval`,
    untouched: true,
  };
}

function stoppedCause(stored: StoredRecord): Cause {
  const { outcome, message = '', pullRequest, applied } = stored.record;
  // Of a run that ended unknown its own comment says what a person must look at; it is not called not applied.
  const stopped = outcome === 'not-applied' ? { record: stored } : {};
  const is = pullRequest === undefined ? { commit: applied?.merge ?? '' } : { pullRequest: pullRequest.number };
  return { is, why: message, untouched: 'record' in stopped, ...stopped };
}

/** How many commits after one are looked at for the merge that it came with: a rebase puts as many as there were. */
const lookedAt = 20;

/** The pull request whose merge put a commit on the default branch; a rebase merge is known by its last commit alone. */
async function broughtBy(world: World, { order }: Truth, commit: string): Promise<PullRequest | undefined> {
  const from = order.indexOf(commit);
  for (let at = from; at >= 0 && at < Math.min(order.length, from + lookedAt); at += 1) {
    const pr = await world.forge.pullRequestOfMerge(order[at] ?? '');
    if (pr === undefined) continue;
    const length = at === from ? 1 : await mergeLength(world, pr, order, at, '');
    return (length ?? 1) > at - from ? pr : undefined;
  }
  return undefined;
}

/** How a run ends that did not bring about what it was approved for. */
const stops: ReadonlySet<string> = new Set(['not-applied', 'unknown']);

/** The run that stopped with what is declared now; one that was settled since has nothing to do with it. */
async function stoppedRun(
  world: World,
  truth: Truth,
  { target, guest, fields: differing }: Divergence,
): Promise<StoredRecord | undefined> {
  // Of a guest that is not there, everything differs.
  const fields: readonly GuestField[] = differing.length === 0 ? guestFields : differing;
  const settled = truth.records.findLastIndex(
    ({ record }) => record.applied?.fields[target]?.some((name) => fields.some((field) => field === name)) === true,
  );
  for (const stored of truth.records.slice(settled + 1).reverse()) {
    const { record } = stored;
    if (record.target !== target || !stops.has(record.outcome) || record.pullRequest === undefined) continue;
    const declared = (await world.declaredAt(record.pullRequest.merge)).guests.get(target);
    if (fields.some((field) => sameValue(declared?.[field], guest[field]))) return stored;
  }
  return undefined;
}
