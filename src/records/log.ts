import type { RunRecord } from '../core/run.ts';
import { printChange, printAge } from '../texts/words.ts';
import { plainText } from './escape.ts';

/** A record, and the pull request that took its change back, where one did. */
export interface LogEntry {
  record: RunRecord;
  undoneBy?: number;
}

/** The lines of `gitmend log`, newest first, in columns. Times in UTC. For a terminal: nothing in them can steer it. */
export function printLog(entries: readonly LogEntry[]): string[] {
  const rows = [...entries].sort((a, b) => compare(b.record.at, a.record.at)).map(columns);
  const widths = [0, 1, 2, 3, 4, 5].map((at) => Math.max(0, ...rows.map((row) => letters(row[at] ?? ''))));
  return rows.map((row) =>
    row
      .map((text, at) => pad(text, widths[at] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}

function columns({ record, undoneBy }: LogEntry): string[] {
  const { at, outcome, remedy, name, target, pullRequest } = record;
  const when = `${at.slice(0, 10)} ${at.slice(11, 16)}`;
  const number = pullRequest === undefined ? '' : `#${pullRequest.number}`;
  return [
    when,
    outcome,
    remedy ?? '-',
    name ?? target ?? '-',
    what(record),
    number,
    undoneBy === undefined ? after(record) : `undone by #${undoneBy}`,
  ].map((text) => plainText(text, 100));
}

/** `memory 2048 → 3072 MiB`; where nothing was changed, why. */
function what({ steps = [], reason, message, operations }: RunRecord): string {
  const changes = steps.flatMap(({ before, after: now }) =>
    Object.keys(now)
      .filter((field) => before[field] !== now[field])
      .map((field) => printChange(field, before[field], now[field])),
  );
  if (changes.length > 0) return [...new Set(changes)].join(', ');
  const why = message ?? reason ?? '';
  return why === '' && operations !== undefined ? `operation ${operations.join(', ')}` : why;
}

function after({ outcome, signal, at }: RunRecord): string {
  return outcome === 'verified' && signal !== undefined
    ? `${printAge((Date.parse(at) - Date.parse(signal.startsAt)) / 1000)} after the alert`
    : '';
}

function pad(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - letters(text)));
}

function letters(text: string): number {
  return Array.from(text).length;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
