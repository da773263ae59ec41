/** One file as it shall be; `null` deletes it. Paths are relative to the repository, with `/`. */
export type Edits = ReadonlyMap<string, string | null>;

/** The text files of a commit, by path. */
export type Tree = ReadonlyMap<string, string>;

const link = '\0symbolic link to ';

/** What stands in a tree for a symbolic link: no reader takes it for a file's text, and nothing goes where it leads. */
export function linkText(to: string): string {
  return link + to;
}

export function isLink(text: string): boolean {
  return text.startsWith(link);
}

/** What a remedy proposes: edited files and the words for them. */
export interface ChangeSet {
  edits: Edits;
  /** `guests/postgres: memory 2048 → 3072 MiB` */
  commitMessage: string;
  /** `postgres: memory 2048 → 3072 MiB` */
  title: string;
}

/** A planner, a policy or a declaration that says no: a value, not an exception. */
export interface Refusal {
  refused: true;
  /** A stable word: `base-unapproved`, `unsupported-change`, `target-not-unique` … */
  reason: string;
  /** What and why, one sentence. */
  message: string;
  /** What to do about it; '' where nothing. */
  next: string;
}

export function refusal(reason: string, message: string, next = ''): Refusal {
  return { refused: true, reason, message, next };
}

export function isRefusal(value: unknown): value is Refusal {
  return typeof value === 'object' && value !== null && (value as { refused?: unknown }).refused === true;
}
