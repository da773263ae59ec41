/** How much approval a step needs: `auto`, `notify`, `approve`, `approve-2` …, `forbidden`. */
export type Level = 'auto' | 'notify' | 'approve' | `approve-${number}` | 'forbidden';

const levelPattern = /^(auto|notify|approve|approve-[1-9]|forbidden)$/;

export function isLevel(text: string): text is Level {
  return levelPattern.test(text);
}

/**
 * Where a level stands: auto < notify < approve < approve-1 < approve-2 … < forbidden. `approve-1` is one person who is
 * not the author, so it is stricter than `approve`.
 */
export function rank(level: Level): number {
  if (level === 'forbidden') return Infinity;
  const people = peopleOf(level);
  return people === undefined ? ['auto', 'notify', 'approve'].indexOf(level) : 2 + people;
}

export function stricter(a: Level, b: Level): Level {
  return rank(b) > rank(a) ? b : a;
}

export function strictest(levels: readonly Level[]): Level | undefined {
  return levels.reduce<Level | undefined>((so, level) => (so === undefined ? level : stricter(so, level)), undefined);
}

/** How many approvals a level needs, merging counted as one. `forbidden` can never have enough. */
export function approvalsNeeded(level: Level): number {
  if (level === 'forbidden') return Infinity;
  return peopleOf(level) ?? (level === 'approve' ? 1 : 0);
}

/** `approve-n` counts n different people who are not the author; the other levels do not ask who wrote it. */
export function countsAuthor(level: string): boolean {
  return peopleOf(level) === undefined;
}

/**
 * Whether these people can reach the level. How many are in a team no forge says by the way, so a team is taken for as
 * many as are asked for; where it has fewer, the approval is not given in time.
 */
export function reachable(level: Level, approvers: readonly string[], author?: string): boolean {
  if (level !== 'forbidden' && approvers.some(isTeam)) return true;
  return eligibleFor(level, approvers, author).length >= Math.max(approvalsNeeded(level), 1);
}

/** Who of these people counts for the level. */
export function eligibleFor(level: Level, approvers: readonly string[], author?: string): string[] {
  return differentPeople(approvers).filter((account) => countsAuthor(level) || !sameAccount(account, author ?? ''));
}

/** Whether an entry of `approvers:` or `by:` is a team (`team:owner/name`) and no account. */
export function isTeam(entry: string): boolean {
  return entry.startsWith('team:');
}

/** Forges fold the case of account names, so `Ann` and `ann` are one person. */
export function sameAccount(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}

function differentPeople(accounts: readonly string[]): string[] {
  return accounts.filter((account, at) => accounts.findIndex((other) => sameAccount(other, account)) === at);
}

function peopleOf(level: string): number | undefined {
  return level.startsWith('approve-') ? Number(level.slice('approve-'.length)) : undefined;
}
