import type { Refusal } from '../core/change-set.ts';
import type { DeclaredGuest } from '../core/declared-guest.ts';
import type { Verdict } from '../core/plan.ts';
import { type Step, touchesOf } from '../core/step.ts';
import { parseStackTarget, printGuestTarget, type Target } from '../core/target.ts';
import type { PullRequest } from '../forges/forge.ts';
import { decide, type StepLess, type TargetFacts, type Teams } from '../policy/index.ts';
import type { Declared } from './declared.ts';
import type { Difference } from './difference.ts';
import type { Truth } from './truth.ts';

/** What the rules in force say of a pull request's steps, and of what it changes without any. */
export function decideFor(
  truth: Pick<Truth, 'rules' | 'head' | 'applied'>,
  {
    steps,
    difference,
    after,
    pr,
    teams,
    now,
  }: {
    steps: readonly Step[];
    difference: Difference;
    after: Declared;
    pr: PullRequest | undefined;
    teams: Teams;
    now: number;
  },
): Verdict | Refusal {
  const differences = stepLess(steps, difference, after);
  const asked = [...steps, ...differences].map(({ target }) => target);
  const targets = new Map([...targetFacts(truth, after, asked), ...stackFacts(truth, after, steps)]);
  return decide({
    origin: 'person',
    steps,
    differences,
    targets,
    policies: truth.rules.policies,
    approvers: truth.rules.config?.approvers ?? [],
    teams,
    ...(pr === undefined ? {} : { author: pr.author }),
    now,
  });
}

/**
 * Tags and what is carried, of both sides: the stricter wins. The base's are those that were applied last, so that a tag
 * which somebody took away past everybody's approval still counts; of what was never applied those of `head`.
 */
export function targetFacts(
  { head, applied }: Pick<Truth, 'head' | 'applied'>,
  after: Declared,
  targets: readonly Target[],
): Map<Target, { base?: TargetFacts; head?: TargetFacts }> {
  const base = (target: Target) => applied.targets[target]?.declaration ?? head.guests.get(target);
  return new Map(targets.map((target) => [target, sides(base(target), after.guests.get(target))] as const));
}

/**
 * A stack has no tags of its own: it has those of every guest that its step changes, and carries what they carry, so that
 * the rules of a guest count whichever way it is changed.
 */
function stackFacts(
  truth: Pick<Truth, 'rules' | 'head' | 'applied'>,
  after: Declared,
  steps: readonly Step[],
): Map<Target, { base?: TargetFacts; head?: TargetFacts }> {
  const cluster = truth.rules.config?.clusters[0]?.name ?? '';
  return new Map(
    steps.flatMap((step) => {
      const [name, touches] = [parseStackTarget(step.target), touchesOf(step)];
      if (name === undefined || touches === undefined) return [];
      const guests = [...targetFacts(truth, after, touches.guests).values()];
      const whole = (sides: (TargetFacts | undefined)[]): TargetFacts => ({
        ...{ name, cluster },
        tags: [...new Set(sides.flatMap((side) => side?.tags ?? []))],
        carries: [...new Set(sides.flatMap((side) => side?.carries ?? []))],
      });
      return [
        [step.target, { base: whole(guests.map(({ base }) => base)), head: whole(guests.map(({ head }) => head)) }],
      ];
    }),
  );
}

/** What a merge changes without any step: the rules, and declarations that only catch up with what is live. */
function stepLess(steps: readonly Step[], difference: Difference, after: Declared): StepLess[] {
  const rules: StepLess[] =
    difference.rules.length === 0 ? [] : [{ kind: 'change-rules', target: 'rules', name: 'the rules' }];
  const touched = [...difference.fields.keys(), ...difference.added.map(printGuestTarget)];
  const quiet = touched.filter((target) => !steps.some((step) => step.target === target));
  return [
    ...rules,
    ...quiet.map((target) => ({ kind: 'take-note' as const, target, name: after.guests.get(target)?.name ?? target })),
  ];
}

function sides(
  base: DeclaredGuest | undefined,
  head: DeclaredGuest | undefined,
): { base?: TargetFacts; head?: TargetFacts } {
  return {
    ...(base === undefined ? {} : { base: factsOf(base) }),
    ...(head === undefined ? {} : { head: factsOf(head) }),
  };
}

function factsOf({ name, cluster, tags, carries }: DeclaredGuest): TargetFacts {
  return { name, cluster, tags, carries };
}
