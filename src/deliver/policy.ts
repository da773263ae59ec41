import type { Refusal } from '../core/change-set.ts';
import { type DeclaredGuest, isCalled } from '../core/declared-guest.ts';
import type { Verdict } from '../core/plan.ts';
import { type Step, touchesOf } from '../core/step.ts';
import { parseStackTarget, printGuestTarget, type Target } from '../core/target.ts';
import type { PullRequest } from '../forges/forge.ts';
import { decide, type StepLess, type TargetFacts, type Teams } from '../policy/index.ts';
import { areasIn } from './areas.ts';
import type { Declared } from './declared.ts';
import type { Difference } from './difference.ts';
import { countedHosts } from './reached.ts';
import type { Truth } from './truth.ts';

/** What the rules in force say of a pull request's steps, and of what it changes without any. */
export function decideFor(
  truth: Pick<Truth, 'rules' | 'head' | 'applied' | 'areas'>,
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
  const differences = stepLess(truth, steps, difference, after);
  const asked = [...steps, ...differences];
  const targets = new Map([
    ...targetFacts(
      truth,
      after,
      asked.map(({ target }) => target),
    ),
    ...stackFacts(truth, after, steps),
    ...playbookFacts(truth, after, asked),
  ]);
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

/** What policy is told of a step that is about several things at once. */
interface PartedFacts {
  base?: TargetFacts;
  head: TargetFacts;
  parts?: TargetFacts[];
}

/**
 * A stack has no tags of its own: it has those of every guest that its step changes, and carries what they carry, so that
 * the rules of a guest count whichever way it is changed.
 */
function stackFacts(
  truth: Pick<Truth, 'rules' | 'head' | 'applied'>,
  after: Declared,
  steps: readonly Step[],
): Map<Target, PartedFacts> {
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
      // A rule about one of its guests decides about that one: what else it changes has to meet a rule of its own.
      const others = Object.keys(step.after).length > touches.guests.length ? [whole([])] : [];
      const parts = guests.flatMap(({ base, head }) => [base, head].flatMap((side) => (side ? [whole([side])] : [])));
      const [base, head] = [whole(guests.map((one) => one.base)), whole(guests.map((one) => one.head))];
      return [[step.target, { base, head, parts: [...parts, ...others] }]];
    }),
  );
}

/** What a merge changes without any step: the rules, what Ansible runs or runs with, and declarations that only catch up with what is live. */
function stepLess(
  { rules: inForce }: Pick<Truth, 'rules'>,
  steps: readonly Step[],
  difference: Difference,
  after: Declared,
): StepLess[] {
  const rules: StepLess[] =
    difference.rules.length === 0 ? [] : [{ kind: 'change-rules', target: 'rules', name: 'the rules' }];
  const touched = [...difference.fields.keys(), ...difference.added.map(printGuestTarget)];
  const quiet = touched.filter((target) => !steps.some((step) => step.target === target));
  const ansible = areasIn(inForce).includes('ansible') && difference.areas.ansible.length > 0;
  const ran = steps.some(({ kind }) => kind === 'run-playbook');
  const area: StepLess[] = ansible && !ran ? [{ kind: 'run-playbook', target: 'ansible', name: 'ansible/' }] : [];
  return [
    ...rules,
    ...area,
    ...quiet.map((target) => ({ kind: 'take-note' as const, target, name: after.guests.get(target)?.name ?? target })),
  ];
}

/**
 * A playbook is known by its name and its hosts, and by what the guests are that answer there: tags and what is carried, of
 * both sides. Where nothing runs, or a host is one that nobody approved, there are no hosts, and every rule about playbooks
 * counts.
 */
function playbookFacts(
  truth: Pick<Truth, 'head' | 'applied' | 'areas'>,
  after: Declared,
  asked: readonly (Step | StepLess)[],
): [Target, PartedFacts][] {
  const applieds = Object.values(truth.applied.targets).map(({ declaration }) => declaration);
  const guests = [...after.guests.values(), ...truth.head.guests.values(), ...applieds];
  return asked.flatMap((one): [Target, PartedFacts][] => {
    if (one.kind !== 'run-playbook') return [];
    const action = 'action' in one && one.action.kind === 'run-playbook' ? one.action : undefined;
    const factsOn = (some: readonly string[]): TargetFacts => {
      const own = guests.filter(({ name }) => some.some((host) => isCalled(name, host)));
      const of = (list: (guest: DeclaredGuest) => readonly string[]) => [...new Set(own.flatMap(list))];
      return { cluster: '', name: one.name, tags: of(({ tags }) => tags), carries: of(({ carries }) => carries) };
    };
    if (action === undefined) return [[one.target, { head: factsOn([]) }]];
    const counted = countedHosts(truth, after, action);
    const names = [...new Set(counted.flatMap((host) => host.names))];
    // A rule about one host decides about that host: it must not let the others through.
    const parts = names.map((name) => ({ ...factsOn([name]), hosts: [name] }));
    const anybody = counted.some(({ unsure }) => unsure) ? [factsOn(names)] : [];
    return [[one.target, { head: { ...factsOn(names), hosts: names }, parts: [...parts, ...anybody] }]];
  });
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
