import type { PlanRecord } from '../../core/plan.ts';
import { runId, type RunRecord } from '../../core/run.ts';
import type { JudgedUnit, Truth } from '../../deliver/truth.ts';
import type { Journal } from '../../ledger/journal.ts';
import { printChange } from '../../texts/words.ts';

/** One run wherever it stands: waiting for the runner, under way, or recorded. */
export interface KnownRun {
  run: string;
  unit: JudgedUnit | undefined;
  plan: PlanRecord | undefined;
  journal: Journal | undefined;
  record: RunRecord | undefined;
  /** Path of the record on gitmend/records. */
  path: string | undefined;
}

/** Every run of approved merges and every recorded one, the latest first. Diagnoses that led to nothing are no runs. */
export function runsIn({ units, journals, records }: Truth): KnownRun[] {
  const recorded = records
    .filter(({ record }) => isRun(record))
    .map(({ record, path }) => ({
      ...{ run: record.run, unit: undefined, plan: undefined, record, path },
      journal: journals.find(({ run }) => run === record.run),
    }));
  const open = units.flatMap((unit): KnownRun[] => {
    if (!unit.approval.approved) return [];
    const { plan } = unit.approval;
    const run = runId(unit.to, plan.actions);
    const journal = journals.find((one) => one.run === run);
    return recorded.some((one) => one.run === run)
      ? []
      : [{ run, unit, plan, journal, record: undefined, path: undefined }];
  });
  return [...open.reverse(), ...recorded.reverse()];
}

/** A record of a run, and not of a diagnosis that opened nothing. */
export function isRun(record: RunRecord): boolean {
  return record.pullRequest !== undefined || record.outcome === 'adopted' || record.steps !== undefined;
}

export function runOfPullRequest(truth: Truth | undefined, number: number): KnownRun | undefined {
  const runs = truth === undefined ? [] : runsIn(truth);
  return runs.find(
    ({ plan, record }) =>
      (record?.pullRequest?.number ?? plan?.pullRequest) === number &&
      record?.outcome !== 'regressed' &&
      record?.word === undefined,
  );
}

/** `verifying`, with its window, once every step is applied. */
export function windowOf(journal: Journal | undefined): { from: number; until: number } | undefined {
  const entry = journal?.entries.find((one) => one.kind === 'verifying');
  return entry?.kind === 'verifying' ? { from: Date.parse(entry.from), until: Date.parse(entry.until) } : undefined;
}

/** `memory 2048 → 3072 MiB`: what a record changed. */
export function changesOf({ steps = [] }: RunRecord): string {
  const changes = steps.flatMap(({ before, after }) =>
    Object.keys(after)
      .filter((field) => before[field] !== after[field])
      .map((field) => printChange(field, before[field], after[field])),
  );
  return [...new Set(changes)].join(', ');
}
