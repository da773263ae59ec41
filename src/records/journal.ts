import { z } from 'zod';
import { canonical } from '../core/json.ts';
import type { JournalEntry } from '../core/run.ts';
import { count, digest, outcome, readJson, time, values } from './schemas.ts';

/** One transition as a commit message: a line that people read in `git log`, then canonical JSON. */
export function printJournalEntry(entry: JournalEntry): string {
  return `${subject(entry)}\n\n${canonical(entry)}\n`;
}

/** Reads a transition back. Anybody who may push can write one, so a fault is an answer, never an exception. */
export function parseJournalEntry(message: string): { entry: JournalEntry } | { fault: string } {
  const body = message.slice(message.indexOf('\n\n') + 2).trimEnd();
  const read = readJson(body, journalEntry);
  if ('problems' in read) return { fault: `it ${read.problems.join('; ')}` };
  return printJournalEntry(read.value).trimEnd() === message.trimEnd()
    ? { entry: read.value }
    : { fault: 'it is not as gitmend writes it' };
}

function subject(entry: JournalEntry): string {
  switch (entry.kind) {
    case 'begun':
      return `begun: run ${entry.run.slice(0, 7)} of #${entry.pullRequest}`;
    case 'intended':
    case 'withdrawn':
    case 'applied':
      return `${entry.kind}: step ${entry.index + 1}`;
    case 'look':
      return `look: ${entry.state}`;
    case 'ended':
      return `ended: ${entry.outcome}`;
    case 'verifying':
      return `verifying: until ${entry.until}`;
  }
}

const holder = z.strictObject({
  nonce: z.string(),
  run: z.string(),
  host: z.string(),
  machine: z.string(),
  boot: z.string(),
  pidNamespace: z.string(),
  pid: count,
  started: z.string(),
  ci: z.strictObject({ server: z.string(), repository: z.string(), run: z.string(), attempt: count }).exactOptional(),
  at: time,
});

const journalEntry: z.ZodType<JournalEntry> = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('begun'),
    run: z.string(),
    merge: z.string(),
    pullRequest: count,
    actions: digest,
    writer: holder,
    alert: z.literal('resolved').exactOptional(),
    at: time,
  }),
  z.strictObject({ kind: z.literal('intended'), index: count, at: time }),
  z.strictObject({ kind: z.literal('withdrawn'), index: count, why: z.string(), at: time }),
  z.strictObject({ kind: z.literal('applied'), index: count, effect: z.string(), took: z.number().min(0), at: time }),
  z.strictObject({
    kind: z.literal('verifying'),
    from: time,
    until: time,
    notes: z.array(z.string().max(400)).max(40).exactOptional(),
    at: time,
  }),
  z.strictObject({
    kind: z.literal('look'),
    state: z.enum(['holds', 'fails', 'cannot-tell']),
    why: z.string(),
    observed: values,
    notObserved: z.array(z.string()).exactOptional(),
    at: time,
  }),
  z.strictObject({ kind: z.literal('ended'), outcome, reason: z.string(), message: z.string(), at: time }),
]);
