import type { Rule } from './read.ts';

/** `ann`, `ann or ben`, `ann, ben or cid`; long lists are counted. */
export function people(accounts: readonly string[]): string {
  if (accounts.length === 0) return 'nobody';
  const shown = accounts.slice(0, 4);
  const rest = accounts.length - shown.length;
  const words = rest > 0 ? [...shown, `${rest} more`] : shown;
  return words.length === 1 ? words.join('') : `${words.slice(0, -1).join(', ')} or ${words.at(-1) ?? ''}`;
}

/** The end of a refusal that would not be one if the forge told of these teams; '' where there are none. */
export function hiddenWords(teams: readonly string[]): string {
  return teams.length === 0 ? '' : `; the forge does not tell gitmend who is in ${people(teams)}`;
}

/** Who may change the rules so that they allow it. */
export function rulesMayAllow(approvers: readonly string[], rule?: Rule): string {
  const where = rule === undefined ? 'adds a rule to policies/' : `changes the rule "${rule.name}" in ${rule.file}`;
  return `${people(approvers)} may allow it with a pull request that ${where}`;
}
