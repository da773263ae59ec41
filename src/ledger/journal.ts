import type { JournalEntry } from '../core/run.ts';
import { parseJournalEntry, printJournalEntry } from '../records/journal.ts';
import { emptyTree, type Repository } from '../git/repository.ts';

/** The journal of one run as it stands in git. */
export interface Journal {
  run: string;
  tip: string;
  entries: JournalEntry[];
  /** Why it cannot be trusted at all; then `entries` holds what could be read. */
  fault?: string;
}

const prefix = 'refs/gitmend/runs/';

/** Every journal there is: runs that were begun and have no record yet. */
export async function readJournals(repo: Repository): Promise<Journal[]> {
  const journals: Journal[] = [];
  for (const [ref, tip] of await repo.refs(prefix))
    journals.push(await readJournal(repo, ref.slice(prefix.length), tip));
  return journals;
}

/** The tip of one run's journal in the mirror; `undefined` where it has none. */
export function journalTip(repo: Repository, run: string): Promise<string | undefined> {
  return repo.tip(prefix + run);
}

/** Starts a journal, demanding that there is none: of two runners one gets `undefined`. */
export async function beginJournal(
  repo: Repository,
  entry: JournalEntry & { kind: 'begun' },
  at: number,
): Promise<Journal | undefined> {
  const tip = await entryCommit(repo, entry, [], at);
  const begun = await repo.push([{ ref: prefix + entry.run, from: null, to: tip }]);
  return begun ? { run: entry.run, tip, entries: [entry] } : undefined;
}

/** Adds one transition, demanding that nobody else wrote; `undefined` when somebody did. Durable when it returns. */
export async function appendJournal(
  repo: Repository,
  journal: Journal,
  entry: JournalEntry,
  at: number,
): Promise<Journal | undefined> {
  const tip = await entryCommit(repo, entry, [journal.tip], at);
  const pushed = await repo.push([{ ref: prefix + journal.run, from: journal.tip, to: tip }]);
  return pushed ? { ...journal, tip, entries: [...journal.entries, entry] } : undefined;
}

/** The update that ends a journal, pushed together with its record. */
export function journalGone(journal: Journal): { ref: string; from: string; to: null } {
  return { ref: prefix + journal.run, from: journal.tip, to: null };
}

async function entryCommit(repo: Repository, entry: JournalEntry, parents: string[], at: number): Promise<string> {
  return repo.commit({ tree: emptyTree, parents, message: printJournalEntry(entry), at });
}

async function readJournal(repo: Repository, run: string, tip: string): Promise<Journal> {
  const entries: JournalEntry[] = [];
  let fault: string | undefined;
  for (const commit of await repo.firstParents(undefined, tip)) {
    const read = parseJournalEntry(await repo.message(commit));
    if ('fault' in read) fault ??= `${commit.slice(0, 7)}: ${read.fault}`;
    else entries.push(read.entry);
  }
  const first = entries[0];
  if (first?.kind !== 'begun' || first.run !== run) fault ??= 'it does not begin with the run that its ref names';
  return { run, tip, entries, ...(fault === undefined ? {} : { fault }) };
}
