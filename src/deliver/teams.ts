import type { Config } from '../core/config.ts';
import type { Forge } from '../forges/forge.ts';
import { covers, isTeam, noTeams, sameAccount, type Teams, teamsIn } from '../policy/index.ts';
import type { Declared } from './declared.ts';

type Asked = Pick<Forge, 'inTeam' | 'self'>;
type Rules = Pick<Declared, 'policies'> & { config: Pick<Config, 'approvers'> | undefined };

/**
 * Looks up, of every team that the rules name as approvers, which of these people and of the accounts that the rules name
 * are in it. A team of which the forge does not tell is left out, so nobody counts by it; gitmend's own account counts by
 * none. Asks nothing where no team is named. Throws FORGE_FAILED: not to be told now is not to be told no.
 */
export async function teamsOf(forge: Asked, { config, policies }: Rules, people: readonly string[]): Promise<Teams> {
  const entries = [...(config?.approvers ?? []), ...(policies?.rules ?? []).flatMap(({ by = [] }) => by)];
  const named = teamsIn(entries);
  if (named.length === 0) return noTeams;
  const all = [...entries.filter((entry) => !isTeam(entry)), ...people].map((account) => account.toLowerCase());
  const accounts = [...new Set(all)].filter((account) => account !== '' && !sameAccount(account, forge.self));
  const teams = new Map<string, ReadonlySet<string>>();
  for (const team of named) {
    // Whether it is told at all: the answer about any account says so.
    if ((await forge.inTeam(team, forge.self)) === undefined) continue;
    const answers = await Promise.all(accounts.map((account) => forge.inTeam(team, account)));
    teams.set(team.toLowerCase(), new Set(accounts.filter((_, at) => answers[at] === true)));
  }
  return teams;
}

/** The approvers that the rules name, and this account by its own name where it is one by a team. */
export async function approversWith(forge: Asked, rules: Rules, account: string): Promise<string[]> {
  const approvers = rules.config?.approvers ?? [];
  const teams = await teamsOf(forge, rules, [account]);
  const byTeam = approvers.some((entry) => isTeam(entry) && covers(entry, account, teams));
  return byTeam ? [...approvers, account] : approvers;
}
