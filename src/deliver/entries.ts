import type { JournalEntry } from '../core/run.ts';
import type { Journal } from '../ledger/journal.ts';

/** The entries of one kind. */
export function entriesOf<K extends JournalEntry['kind']>(journal: Journal, kind: K): (JournalEntry & { kind: K })[] {
  return journal.entries.filter((entry): entry is JournalEntry & { kind: K } => entry.kind === kind);
}
