import { isRefusal, type Refusal, refusal } from '../core/change-set.ts';
import type { Verdict } from '../core/plan.ts';
import type { Step, StepKind } from '../core/step.ts';
import type { Target } from '../core/target.ts';
import { decideRules } from './change-rules.ts';
import { approvalsNeeded, eligibleFor, type Level, reachable } from './levels.ts';
import { missingKinds } from './missing.ts';
import { ruleFor, strictestOpen, strictestRule, type TargetFacts } from './match.ts';
import type { Policies, Rule } from './read.ts';
import { isTold, narrowedBy, noTeams, type Teams } from './teams.ts';
import { hiddenWords, people, rulesMayAllow } from './who.ts';
import { boundTimes, type History } from './heal-limits.ts';

/** A difference that policy decides about and that no applier acts on: the rules, a declaration that catches up. */
export interface StepLess {
  kind: StepKind;
  target: Target;
  name: string;
}

interface Sides {
  base?: TargetFacts | undefined;
  head?: TargetFacts | undefined;
  /** Of a step that is about several at once, each by itself: each host of a playbook, each guest of a stack. */
  parts?: readonly TargetFacts[] | undefined;
}

interface Asked {
  steps: readonly Step[];
  differences?: readonly StepLess[];
  /** Each target as the base and as the head declare it: tags and `carries` count from both, the stricter wins. */
  targets: ReadonlyMap<Target, Sides>;
  /** Of the base, never of the tree under review; `undefined` where none are in force. */
  policies: Policies | undefined;
  /** Forge accounts and teams of the base's gitmend.yaml. */
  approvers: readonly string[];
  /** What the forge tells of the teams that the rules name; absent: nothing, so nobody counts by one. */
  teams?: Teams;
  /** Who opened the pull request: does not count where n different people are asked. */
  author?: string;
  /** Milliseconds since the epoch. */
  now: number;
}

/**
 * `heal`: a new proposal that heal is about to open; only these are bound by windows, freezes, cooldowns and budgets.
 * Whatever is already a pull request is `person`, `revert` or `way-out`.
 */
export type DecideInput = Asked &
  (
    | { origin: 'heal'; history: History; limits?: { openPullRequests: number; perHour: number } }
    | { origin: 'person' | 'revert' | 'way-out' }
  );

/**
 * What the rules of the base say of these steps: the level they need, or why not and who may allow it. Of several kinds
 * and targets the strictest wins, and an approval must satisfy every rule that decided.
 */
export function decide(whole: DecideInput): Verdict | Refusal {
  const { teams = noTeams } = whole;
  const hidden = whole.approvers.filter((entry) => !isTold(entry, teams));
  const input = { ...whole, approvers: whole.approvers.filter((entry) => isTold(entry, teams)) };
  const decided = decideAmong(input, hidden);
  return isRefusal(decided) || hidden.length === 0
    ? decided
    : { ...decided, notCounted: [...new Set([...hidden, ...(decided.notCounted ?? [])])] };
}

/** By the approvers who can count; `hidden`: the teams that cannot, for the words. */
function decideAmong(input: DecideInput, hidden: readonly string[]): Verdict | Refusal {
  const asked = [...input.steps, ...(input.differences ?? [])];
  if (asked.length === 0) return verdict('approve', undefined, input.approvers, day);
  if (input.approvers.length === 0) return hidden.length === 0 ? noApprover : onlyHidden(hidden);
  if (asked.some(({ kind }) => kind === 'change-rules'))
    return decideRules(
      input,
      asked.map(({ kind }) => kind),
    );
  const { policies } = input;
  if (policies === undefined || policies.rules.length === 0) return noPolicy(input.approvers);
  const decided = asked.map((one) => rulesFor(one, policies, input));
  const refused = decided.find(isRefusal);
  if (refused !== undefined) return refused;
  const rules = decided.flatMap((one) => (isRefusal(one) ? [] : one));
  return reached(rules, input) ?? boundTimes(input, policies, rules) ?? summed(rules, input);
}

const day = 24 * 3600;

/** The rules of both sides of one step, or why it is refused whoever approves. */
function rulesFor(one: Step | StepLess, policies: Policies, input: DecideInput): Rule[] | Refusal {
  const { base, head, parts = [] } = input.targets.get(one.target) ?? {};
  const sides = [base, head, ...parts].filter((side) => side !== undefined);
  if (sides.length === 0) return undeclared(one, input.approvers);
  const rules: Rule[] = [];
  for (const side of sides) {
    const hostless = one.kind === 'run-playbook' && side.hosts === undefined;
    const rule = hostless ? ruleForAnyHost(policies, input) : ruleFor(policies, one.kind, side);
    if (rule === undefined) return noRule(one, policies, input.approvers);
    const refused = refusedBy(rule, one, side, input.approvers);
    if (refused !== undefined) return refused;
    rules.push(rule);
  }
  return rules;
}

/**
 * What playbooks run, and what they run with, where no host can be named: as for the rules themselves, the strictest level
 * that a rule about playbooks names and the known people can reach.
 */
function ruleForAnyHost({ rules }: Policies, { approvers, author, teams = noTeams }: DecideInput): Rule | undefined {
  const named = rules.filter(({ when }) => when.step.includes('run-playbook'));
  const reach = ({ level, by }: Rule) =>
    reachable(level, by === undefined ? approvers : narrowedBy([...approvers], by, teams), author);
  const within = named.filter((rule) => rule.level !== 'forbidden' && reach(rule));
  return strictestOpen(within.length > 0 ? within : named);
}

function refusedBy(
  rule: Rule,
  one: Step | StepLess,
  side: TargetFacts,
  approvers: readonly string[],
): Refusal | undefined {
  if (rule.level === 'forbidden') {
    return refusal(
      'forbidden',
      `the rule "${rule.name}" forbids ${one.kind} of ${one.name}`,
      rulesMayAllow(approvers, rule),
    );
  }
  const named = rule.when.target.carries ?? [];
  const carried = stops(one) ? side.carries.filter((role) => !named.includes(role)) : [];
  if (carried.length > 0) {
    const message = `${one.name} carries ${carried.join(' and ')}, and this stops it for a while`;
    return refusal(
      'carries',
      message,
      `${rulesMayAllow(approvers, rule)}: a rule for it must name carries: [${side.carries.join(', ')}]`,
    );
  }
  return 'after' in one ? outOfBounds(rule, one, approvers) : undefined;
}

function stops(one: Step | StepLess): boolean {
  const restarts = ['restart-lxc', 'restart-vm', 'stop-guest'].includes(one.kind);
  return restarts || ('reboots' in one && (one.reboots || one.destroys));
}

function outOfBounds(rule: Rule, step: Step, approvers: readonly string[]): Refusal | undefined {
  for (const { field, after, unit } of step.changes) {
    const { min = 0, max = Infinity } = rule.bounds[field as keyof Rule['bounds']] ?? {};
    if (typeof after !== 'number' || (after >= min && after <= max)) continue;
    const side = after < min ? `less than ${min}` : `more than ${max}`;
    const message = `${field} ${after}${unit === '' ? '' : ` ${unit}`} of ${step.name} is ${side}, a bound of the rule "${rule.name}"`;
    return refusal('out-of-bounds', message, rulesMayAllow(approvers, rule));
  }
  return undefined;
}

/** Whether the known people can reach the strictest level at all; waiting for someone who is not there helps nobody. */
function reached(rules: readonly Rule[], { approvers, author, teams = noTeams }: DecideInput): Refusal | undefined {
  const rule = strictestRule(rules);
  const eligible = narrowed(rules, approvers, teams);
  if (rule === undefined || reachable(rule.level, eligible, author)) return undefined;
  const can = eligibleFor(rule.level, eligible, author);
  const message = `the rule "${rule.name}" asks for ${rule.level}, and ${can.length === 0 ? 'nobody' : `only ${people(can)}`} can give it${author === undefined ? '' : ` (the author ${author} does not count among several)`}${hiddenWords(hiddenIn(rules, teams))}`;
  return refusal(
    'unreachable-level',
    message,
    `${rulesMayAllow(approvers, rule)}, or more accounts among the approvers`,
  );
}

function summed(rules: readonly Rule[], { approvers, author, teams = noTeams }: DecideInput): Verdict {
  const rule = strictestRule(rules);
  const expires = Math.min(...rules.map((one) => one.expires));
  const notCounted = hiddenIn(rules, teams);
  return {
    ...verdict(rule?.level ?? 'approve', rule, narrowed(rules, approvers, teams), expires, author),
    ...(notCounted.length === 0 ? {} : { notCounted }),
  };
}

/** Who is left when every rule that decided has narrowed the approvers. */
function narrowed(rules: readonly Rule[], approvers: readonly string[], teams: Teams): string[] {
  return rules.reduce<string[]>(
    (left, { by }) => (by === undefined ? left : narrowedBy(left, by, teams)),
    [...approvers],
  );
}

/** Teams that these rules narrow to and of which the forge does not tell. */
function hiddenIn(rules: readonly Rule[], teams: Teams): string[] {
  return [...new Set(rules.flatMap(({ by = [] }) => by.filter((entry) => !isTold(entry, teams))))];
}

function verdict(
  level: Level,
  rule: Rule | undefined,
  approvers: readonly string[],
  expiresAfter: number,
  author?: string,
): Verdict {
  return {
    level,
    rule: rule?.name ?? '',
    needs: approvalsNeeded(level),
    eligible: eligibleFor(level, approvers, author),
    expiresAfter,
  };
}

const noApprover = refusal(
  'no-approver',
  'gitmend.yaml names no approver, so nobody can approve this',
  'whoever may write to the default branch can name accounts as approvers in gitmend.yaml',
);

function onlyHidden(hidden: readonly string[]): Refusal {
  const message = `gitmend.yaml names no approver but ${people(hidden)}, and the forge does not tell gitmend who is in it`;
  return refusal(
    'no-approver',
    message,
    'let gitmend’s account read the team (docs/forges.md says how), or name accounts as approvers in gitmend.yaml',
  );
}

function noPolicy(approvers: readonly string[]): Refusal {
  const next = `${people(approvers)} may allow it: a pull request that adds policies/ (the default ones are in the template)`;
  return refusal('no-policy', 'no policies are in force, so nothing is applied', next);
}

function noRule(one: Step | StepLess, policies: Policies, approvers: readonly string[]): Refusal {
  const message = `no rule in policies/ decides about ${one.kind} of ${one.name}`;
  const may = rulesMayAllow(approvers);
  // Rules that name the kind for other targets are thought about; those that never heard of it are older than it.
  return refusal(
    'no-rule',
    message,
    missingKinds(policies).includes(one.kind) ? `${may}: gitmend policies opens it` : may,
  );
}

function undeclared(one: Step | StepLess, approvers: readonly string[]): Refusal {
  return refusal(
    'target-undeclared',
    `${one.target} is declared nowhere, so no rule can decide about it`,
    `${people(approvers)} may declare it in guests/ first`,
  );
}
