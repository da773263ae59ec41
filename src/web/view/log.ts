import type { StoredRecord } from '../../ledger/records.ts';
import { printAge } from '../../texts/words.ts';
import { changesOf, isRun } from './runs.ts';
import { type Chip, outcomeChip } from './words.ts';

/** One line of the log: the same words as `gitmend log`. */
export interface LogRow {
  key: string;
  at: string;
  chip: Chip;
  remedy: string;
  name: string;
  what: string;
  pullRequest: number | undefined;
  /** `39 min after the alert` */
  after: string;
  /** The page of the run, for those that are one. */
  link: string | undefined;
}

/** What happened, newest first. */
export function logRows(records: readonly StoredRecord[]): LogRow[] {
  return records
    .map(({ record }) => {
      const { run, at, outcome, reason, message, remedy, name, target, pullRequest, signal } = record;
      const changed = changesOf(record);
      const took =
        signal === undefined || outcome !== 'verified'
          ? undefined
          : (Date.parse(at) - Date.parse(signal.startsAt)) / 1000;
      return {
        key: run,
        at,
        chip: outcomeChip(outcome, reason),
        remedy: remedy ?? '',
        name: name ?? target ?? '',
        what: changed !== '' ? changed : (message ?? reason ?? ''),
        pullRequest: pullRequest?.number,
        after: took === undefined ? '' : `${printAge(took)} after the alert`,
        link: isRun(record) ? `/runs/${run}` : undefined,
      };
    })
    .reverse();
}
