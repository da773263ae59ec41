import type { Config } from '../core/config.ts';
import { teamsOf } from '../deliver/teams.ts';
import type { Exposure, Forge } from '../forges/forge.ts';
import { covers, noTeams, type Teams, teamsIn } from '../policy/index.ts';
import { hiddenWords } from '../policy/who.ts';

/** The word with which an owner takes the risk, under `accepts:` in gitmend.yaml. */
export const acceptance = 'pushers-can-read-write-secret';

/**
 * What the forge tells. `guarded`: the default branch takes no push that nobody else has approved. `teams`: who of those that
 * can push is in the teams that are approvers.
 */
export type Told = Exposure & { guarded?: boolean; teams?: Teams };

type Rules = Pick<Config, 'approvers' | 'accepts'>;
type Asked = Pick<Forge, 'ci' | 'inTeam' | 'self'> & { protection?: () => Promise<{ requiredApprovals: number }> };

/** Asks the forge. A required status guards nothing: whoever may push may set it on a commit of theirs. */
export async function exposureOf(forge: Asked, config: Rules): Promise<Told | undefined> {
  const told = await forge.ci?.exposure?.();
  if (told === undefined) return undefined;
  const teams = await teamsOf(forge, { config, policies: undefined }, told.pushers ?? []);
  const known = { ...told, ...(teams.size === 0 ? {} : { teams }) };
  if (!told.bound) return known;
  const demands = await forge.protection?.();
  return { ...known, guarded: (demands?.requiredApprovals ?? 0) > 0 };
}

export type ExposureVerdict = { ok: true; why: string } | { ok: false; why: string; mend: string };

/**
 * Whether a write credential may lie in CI: it is given to the default branch's jobs alone, and that branch takes nothing
 * without an approval (else whoever may push puts a workflow of theirs there); or everyone who can push is an approver, who
 * may merge anyway. What the forge does not tell refuses, unless the rules in force accept it by name. `own`: accounts of
 * gitmend itself.
 */
export function judgeExposure(
  told: Told | undefined,
  { approvers, accepts }: Rules,
  own: readonly (string | undefined)[],
): ExposureVerdict {
  if (told?.bound === true && told.guarded === true) return { ok: true, why: boundWords };
  const may = [...approvers, ...own].flatMap((name) => name ?? []);
  const { pushers = [], teams = noTeams } = told ?? {};
  const more = pushers.filter((name) => !may.some((entry) => covers(entry, name, teams)));
  // Somebody must be able to push: a list of nobody is one that this account was not told.
  if (pushers.length > 0 && more.length === 0) return { ok: true, why: 'everyone who can push may also merge' };
  if (accepts?.includes(acceptance) === true) return { ok: true, why: `gitmend.yaml accepts it: ${acceptance}` };
  const hidden = hiddenWords(teamsIn(approvers).filter((team) => !teams.has(team.toLowerCase())));
  const open = told?.bound === true ? `${unguarded}; ` : '';
  return { ok: false, why: open + (pushers.length === 0 ? notTold : whyNot(more) + hidden), mend };
}

const unguarded = 'the environment gitmend is bound to the default branch, and that takes a push without an approval';

/** The environment exists and has that rule; where else the secret lies, no forge says. */
const boundWords =
  'the environment gitmend is bound to the default branch, which takes nothing without an approval; keep the write secret there and not in the repository';
const notTold = 'the forge does not tell this account who can push, nor whether the secret is bound';

function whyNot(more: readonly string[]): string {
  const names = more.slice(0, 5).join(', ') + (more.length > 5 ? ` and ${more.length - 5} more` : '');
  const [can, is] = more.length === 1 ? ['can', 'is no approver'] : ['can', 'are no approvers'];
  return `${names} ${can} push a workflow that reads the write secret, and ${is} in gitmend.yaml`;
}

const mend = `bind the secret to a default branch that demands an approval, take write access away, make them approvers, or accept it: accepts: [${acceptance}]`;
