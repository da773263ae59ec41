import { type Refusal, refusal } from '../core/change-set.ts';
import type { Verdict } from '../core/plan.ts';
import type { StepKind } from '../core/step.ts';
import type { DecideInput } from './decide.ts';
import { approvalsNeeded, eligibleFor, type Level, reachable, strictest } from './levels.ts';
import { isTold, narrowedBy, noTeams } from './teams.ts';
import { hiddenWords, people, rulesMayAllow } from './who.ts';

/**
 * A pull request that changes gitmend.yaml, policies or CA files: nothing else with it, and the strictest level that
 * the base's rules name and the known approvers can reach (a home of one: `approve`). Where the base has no rules yet,
 * an approver may bring the first ones; otherwise nobody ever could.
 */
export function decideRules(input: DecideInput, kinds: readonly StepKind[]): Verdict | Refusal {
  if (kinds.some((kind) => kind !== 'change-rules')) return mixed;
  const rules = input.policies?.rules ?? [];
  const own = rules.find(({ when }) => when.step.includes('change-rules'));
  if (own?.level === 'forbidden') {
    const message = `the rule "${own.name}" forbids to change the rules by a pull request`;
    return refusal(
      'forbidden',
      message,
      'whoever may write to the default branch directly must change it, and gitmend will show that as unapproved',
    );
  }
  const { author } = input;
  const { teams = noTeams } = input;
  const approvers = own?.by === undefined ? input.approvers : narrowedBy(input.approvers, own.by, teams);
  const notCounted = (own?.by ?? []).filter((entry) => !isTold(entry, teams));
  const named: Level[] = ['approve', ...rules.map(({ level }) => level)];
  const level = strictest(named.filter((one) => one !== 'forbidden' && reachable(one, approvers, author)));
  if (level === undefined) {
    const message = `the rule "${own?.name ?? ''}" lets only ${people(own?.by ?? [])} change the rules, and none of them is an approver${hiddenWords(notCounted)}`;
    return refusal('unreachable-level', message, rulesMayAllow(input.approvers, own));
  }
  return {
    level,
    rule: own === undefined ? rulesChange : `${rulesChange}: ${own.name}`,
    needs: approvalsNeeded(level),
    eligible: eligibleFor(level, approvers, author),
    ...(notCounted.length === 0 ? {} : { notCounted }),
    expiresAfter: own?.expires ?? 24 * 3600,
  };
}

/** Stands in a verdict where no single rule decides. A plan comment knows a change of the rules by it. */
export const rulesChange = 'change of the rules';

const mixed = refusal(
  'rules-with-steps',
  'this changes the rules and something that they decide about, in one',
  'the author may make two pull requests of it: the rules first',
);
