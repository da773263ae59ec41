import { isTeam, sameAccount } from './levels.ts';

/**
 * Who is in which team, as the forge told it of the accounts that were asked about; team and account in small letters. A
 * team that is not in it is one of which the forge does not tell: nobody counts by it.
 */
export type Teams = ReadonlyMap<string, ReadonlySet<string>>;

export const noTeams: Teams = new Map();

const mark = 'team:';
/** A member of each of these. */
const and = ' & ';

/** `owner/name` of every team that these entries name, each once. */
export function teamsIn(entries: readonly string[]): string[] {
  const named = entries.filter(isTeam).flatMap((entry) => entry.split(and).map((one) => one.slice(mark.length)));
  return named.filter((team, at) => named.findIndex((other) => sameAccount(other, team)) === at);
}

/** Whether the forge tells of every team that an entry names; an account needs none. */
export function isTold(entry: string, teams: Teams): boolean {
  return teamsIn([entry]).every((team) => teams.has(team.toLowerCase()));
}

/** Whether an account is the one that an entry names, or in the team; of several teams in each. */
export function covers(entry: string, account: string, teams: Teams): boolean {
  if (!isTeam(entry)) return sameAccount(entry, account);
  return teamsIn([entry]).every((team) => teams.get(team.toLowerCase())?.has(account.toLowerCase()) === true);
}

/**
 * What is left of entries when a rule narrows them with `by:`. An account stays that is named there or is in a team that
 * is; two teams leave whoever is in both (`team:ops/all & team:ops/dba`).
 */
export function narrowedBy(entries: readonly string[], by: readonly string[], teams: Teams): string[] {
  const pairs = entries.flatMap((entry) => by.flatMap((other) => meeting(entry, other, teams) ?? []));
  return pairs.filter((one, at) => pairs.findIndex((other) => sameAccount(other, one)) === at);
}

function meeting(entry: string, other: string, teams: Teams): string | undefined {
  if (!isTold(entry, teams) || !isTold(other, teams)) return undefined;
  if (!isTeam(entry)) return covers(other, entry, teams) ? entry : undefined;
  if (!isTeam(other)) return covers(entry, other, teams) ? other : undefined;
  return teamsIn([entry, other])
    .map((team) => mark + team)
    .join(and);
}

/**
 * Which of these people count: each once, the accounts of the list in its own spelling and order, then members of its
 * teams. `author`: who does not count by a team; as an account the list leaves them out itself.
 */
export function countedPeople(
  eligible: readonly string[],
  people: readonly string[],
  teams: Teams,
  author?: string,
): string[] {
  const named = eligible.filter((entry) => !isTeam(entry) && people.some((one) => sameAccount(one, entry)));
  const groups = eligible.filter(isTeam);
  const members = people.filter(
    (one, at) =>
      !sameAccount(one, author ?? '') &&
      !named.some((entry) => sameAccount(entry, one)) &&
      people.findIndex((other) => sameAccount(other, one)) === at &&
      groups.some((entry) => covers(entry, one, teams)),
  );
  return [...named, ...members];
}
