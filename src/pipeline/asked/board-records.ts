import type { BoardItem } from '../../commands/board.ts';
import type { PlanRecord } from '../../core/plan.ts';
import type { RunRecord } from '../../core/run.ts';
import type { Truth } from '../../deliver/truth.ts';
import type { PullRequest } from '../../forges/forge.ts';
import type { BoardNotes } from '../../ledger/board.ts';
import { signalsIn } from '../../records/pull-request.ts';

const day = 86_400_000;
/** How many there are, and not when or what: only beside these a box opens one more. */
export const budgets: ReadonlySet<string> = new Set(['too-many-open', 'too-many-per-hour']);
const limits: ReadonlySet<string> = new Set([...budgets, 'circuit-open', 'frozen', 'outside-window', 'cooldown']);
const failures: ReadonlySet<string> = new Set(['not-verified', 'inconclusive', 'regressed', 'not-applied', 'unknown']);

/** A pull request, and the plan of one that is open, where it has one. */
export interface Proposed {
  pr: PullRequest;
  plan?: PlanRecord;
}

/**
 * The last word about a target within a day, where it is that a limit holds gitmend back, and nothing was opened for it
 * since. Beside a budget a box opens it; of what waits for its time a box looks whether that has come.
 */
export function limitedItems(truth: Truth, proposed: readonly Proposed[], now: number): BoardItem[] {
  return limited(truth, now)
    .filter((record) => !proposed.some((one) => answers(one, record)))
    .map(({ name, target, message, fingerprint, signal, reason = '' }) => ({
      ...(fingerprint === undefined ? {} : { fault: fingerprint }),
      title: name ?? target ?? '',
      words: message ?? '',
      boxes: signal === undefined ? [] : [budgets.has(reason) ? 'open' : 'again'],
    }));
}

/** What a limit holds back, by the digest of its fault; `undefined` where that is not so any more. */
export function limitedFault(truth: Truth, fault: string, now: number): RunRecord | undefined {
  return limited(truth, now).find(({ fingerprint }) => fingerprint === fault);
}

function limited({ records }: Truth, now: number): RunRecord[] {
  const last = new Map<string, RunRecord>();
  for (const { record } of records) if (record.target !== undefined) last.set(record.target, record);
  return [...last.values()].filter(({ at, reason }) => limits.has(reason ?? '') && Date.parse(at) + day > now);
}

/** One that is open, or was opened since: what became of it says more than the limit before it. */
function answers({ pr, plan }: Proposed, { at, target, signal }: RunRecord): boolean {
  if (pr.state !== 'open' && Date.parse(pr.createdAt) < Date.parse(at)) return false;
  const planned = plan?.remedy !== '' && plan?.steps.some((step) => step.target === target) === true;
  return planned || signalsIn(pr.body).some(({ fingerprint }) => fingerprint === signal?.fingerprint);
}

/** Of each pull request the last record, where it is none that anybody wished for; a person's word that it worked ends it. */
export function failedItems(truth: Truth, { seen }: BoardNotes, now: number): BoardItem[] {
  const planned = new Set(
    truth.records.flatMap(({ record: { plan, pullRequest } }) => (plan && pullRequest?.number) ?? []),
  );
  return [...lastOfEach(truth)].flatMap(([number, { outcome, run, at, word, message, pullRequest }]) => {
    const old = Date.parse(at) + 7 * day <= now;
    if (old || !failures.has(outcome) || word?.says === 'worked' || seen[run] !== undefined) return [];
    const words = `${outcome}, ${message ?? ''}`;
    const boxes = planned.has(number) ? (['observe', 'seen'] as const) : (['seen'] as const);
    return [{ number, title: pullRequest?.title ?? '', words, boxes }];
  });
}

/** The last record of a pull request. */
export function lastOf(truth: Truth, number: number): RunRecord | undefined {
  return lastOfEach(truth).get(number);
}

function lastOfEach({ records }: Truth): Map<number, RunRecord> {
  const last = new Map<number, RunRecord>();
  for (const { record } of records) if (record.pullRequest !== undefined) last.set(record.pullRequest.number, record);
  return last;
}
