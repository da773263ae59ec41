import type { RunRecord } from '../../core/run.ts';
import type { PullRequest } from '../../forges/forge.ts';
import type { Journal } from '../../ledger/journal.ts';

/** One stage of a change, from the proposal to the record. */
export interface Stage {
  name: 'proposed' | 'planned' | 'approved' | 'applied' | 'verified';
  state: 'done' | 'now' | 'ahead' | 'stopped';
  /** What stands below it: who, or why not. */
  note: string;
  /** ISO 8601 UTC, where it is known. */
  at: string | undefined;
}

export interface StageInput {
  pr: PullRequest;
  planned: { at: string; accepted: boolean } | undefined;
  journal: Journal | undefined;
  record: RunRecord | undefined;
}

/** Where a pull request stands on its way, for the row of stages at the top of a page. */
export function stagesOf({ pr, planned, journal, record }: StageInput): Stage[] {
  const merged = pr.mergedAt !== undefined;
  const applied = journal?.entries.findLast(({ kind }) => kind === 'applied') ?? record?.steps?.at(-1);
  const verifying = journal?.entries.find((entry) => entry.kind === 'verifying');
  const done: { [name in Stage['name']]: { at: string | undefined; note: string } | undefined } = {
    proposed: { at: pr.createdAt, note: `by ${pr.author}` },
    planned: planned?.accepted === true || merged ? { at: planned?.at, note: '' } : undefined,
    approved: merged ? { at: pr.mergedAt, note: `merged by ${pr.mergedBy ?? 'somebody'}` } : undefined,
    applied:
      applied === undefined && verifying === undefined ? undefined : { at: applied?.at ?? verifying?.at, note: '' },
    verified: record?.outcome === 'verified' ? { at: record.at, note: '' } : undefined,
  };
  const over = record !== undefined || pr.state === 'closed';
  let open = true;
  return names.map((name) => {
    const reached = done[name];
    if (reached !== undefined) return { name, state: 'done', ...reached };
    const here = open;
    open = false;
    const note = here
      ? noteFor(name, { pr, planned, verifying: verifying?.kind === 'verifying' ? verifying.until : undefined, record })
      : '';
    return { name, state: here ? (over ? 'stopped' : 'now') : 'ahead', note, at: undefined };
  });
}

const names = ['proposed', 'planned', 'approved', 'applied', 'verified'] as const;

function noteFor(
  name: Stage['name'],
  {
    pr,
    planned,
    verifying,
    record,
  }: { pr: PullRequest; planned: StageInput['planned']; verifying: string | undefined; record: RunRecord | undefined },
): string {
  if (record !== undefined) return record.reason === undefined ? record.outcome : `${record.outcome}: ${record.reason}`;
  if (pr.state === 'closed') return `closed by ${pr.closedBy ?? 'somebody'}`;
  if (name === 'planned') return planned === undefined ? 'being planned' : 'refused, see the plan';
  if (name === 'approved') return 'waits for a merge';
  if (name === 'applied') return 'waits for the runner';
  return verifying === undefined ? '' : `until ${verifying.slice(11, 16)}Z`;
}
