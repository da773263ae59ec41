import type { DeclaredGuest } from '../core/declared-guest.ts';
import { type StepKind, stepKinds } from '../core/step.ts';
import { rank, stricter } from './levels.ts';
import type { Policies, Rule } from './read.ts';

/** What a rule may ask of a target, as one side of a pull request declares it. */
export interface TargetFacts extends Pick<DeclaredGuest, 'cluster' | 'name' | 'tags' | 'carries'> {
  /** Of a playbook, the hosts that it would run on; absent: whatever hosts there are. */
  hosts?: readonly string[];
}

/**
 * The first rule that matches; `undefined` where none does: then nothing is applied. Where no rule names `take-note`,
 * noting what is declared of a target needs what changing the target would need, and at least one approval.
 */
export function ruleFor(policies: Policies, kind: StepKind, target: TargetFacts): Rule | undefined {
  const first = (wanted: StepKind) => policies.rules.find((rule) => matches(rule, wanted, target));
  const found = first(kind);
  if (found !== undefined || kind !== 'take-note') return found;
  const others = changing.flatMap((wanted) => first(wanted) ?? []);
  return strictestOpen(others);
}

/** Of several rules the strictest that forbids nothing, where one does not; at least one approval. */
export function strictestOpen(rules: readonly Rule[]): Rule | undefined {
  const open = rules.filter(({ level }) => level !== 'forbidden');
  const rule = strictestRule(open.length > 0 ? open : rules);
  return rule === undefined ? undefined : { ...rule, level: stricter(rule.level, 'approve') };
}

const changing = stepKinds.filter(
  (kind) =>
    ![
      ...['take-note', 'change-rules', 'create-guest', 'destroy-guest', 'change-stack', 'destroy-resource'],
      'run-playbook',
    ].includes(kind),
);

export function strictestRule(rules: readonly Rule[]): Rule | undefined {
  return rules.reduce<Rule | undefined>(
    (so, rule) => (so === undefined || rank(rule.level) > rank(so.level) ? rule : so),
    undefined,
  );
}

/** Every condition must hold; of a list, one is enough. */
function matches({ when }: Rule, kind: StepKind, target: TargetFacts): boolean {
  const { tags, names, clusters, carries, hosts } = when.target;
  return (
    when.step.includes(kind) &&
    anyOf(tags, target.tags) &&
    anyOf(names, [target.name]) &&
    anyOf(clusters, [target.cluster]) &&
    anyOf(carries, target.carries) &&
    anyOf(hosts, target.hosts ?? [])
  );
}

function anyOf(wanted: readonly string[] | undefined, has: readonly string[]): boolean {
  return wanted === undefined || wanted.some((one) => has.includes(one));
}

/** The bounds of the rule that decides about a target, in MiB and cores; none where no rule matches. */
export function boundsFor(policies: Policies, kind: StepKind, target: TargetFacts): Rule['bounds'] {
  return ruleFor(policies, kind, target)?.bounds ?? {};
}
