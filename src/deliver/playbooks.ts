import {
  allowedBy,
  leavingSilent,
  objectionsTo,
  onlyAddsHosts,
  playbooksOf,
  sayObjection,
  underReview,
} from '../ansible/index.ts';
import { boundBy, type PlaybookPlan, playbookTarget } from '../ansible/playbook-step.ts';
import { type Refusal, refusal, type Tree } from '../core/change-set.ts';
import type { AnsibleConfig, AnsibleObjection } from '../core/ansible.ts';
import type { Area } from '../core/area.ts';
import { errorCatalogue, type GitmendError, isGitmendError } from '../core/errors.ts';
import type { PlanRecord, PlaybookShown } from '../core/plan.ts';
import type { Target } from '../core/target.ts';
import type { Declared } from './declared.ts';
import type { World } from './world.ts';

/** What playbooks are checked and run with. */
export interface PlaybookBasis {
  /** `ansible/` as it was applied last: whatever runs is of this tree. */
  approved: Tree;
  /** The merged tree: inventory and variables are of this one. */
  data: Tree;
}

/** The basis of a difference; `undefined` where it has nothing to do with Ansible, or Ansible is not switched on. */
export function playbookBasis(
  applied: ReadonlyMap<Area, Tree>,
  after: Pick<Declared, 'tree'>,
): PlaybookBasis | undefined {
  const approved = applied.get('ansible');
  return approved === undefined ? undefined : { approved, data: after.tree };
}

/**
 * What runs is not run before it was merged. A pull request of it alone touches no host: the next one that changes
 * inventory or variables is checked with it. Both in one could not be checked at all.
 */
export function playbookRefusals(
  applied: ReadonlyMap<Area, Tree>,
  after: Pick<Declared, 'tree'>,
  { config }: Pick<Declared, 'config'>,
): Refusal[] {
  const basis = playbookBasis(applied, after);
  if (basis === undefined || config?.ansible === undefined) return [];
  const twins = twinPlaybooks(playbooksOf(basis.data, config.ansible));
  if (twins.length > 0) return twins;
  const { code, data } = underReview(basis.approved, basis.data);
  if (code.length === 0) return [];
  if (data.length === 0) return objectionsAhead(basis.data, config.ansible);
  const message = `${code.slice(0, 5).join(', ')}${code.length > 5 ? ` and ${code.length - 5} more` : ''} would run, and ${code.length === 1 ? 'was' : 'were'} not run here, so nobody can say what ${data[0] ?? ''} does with it`;
  return [
    refusal(
      'unsupported-change',
      message,
      'make two pull requests of it: first what runs, alone; after its merge inventory and variables are checked with it',
    ),
  ];
}

/** Steps, locks and rules know a playbook by its name, so two of one name are one too many. */
function twinPlaybooks(playbooks: readonly string[]): Refusal[] {
  const [first, ...others] = playbooks;
  if (first === undefined) return [];
  const twin = others.find((one) => playbookTarget(one) === playbookTarget(first));
  if (twin === undefined) return twinPlaybooks(others);
  const message = `${first} and ${twin} have one name, ${playbookTarget(first)}`;
  return [refusal('unsupported-change', message, 'rename one of them, in a pull request of its own')];
}

/** What would keep playbooks from ever being checked is said before they are merged: they are read here, and not run. */
function objectionsAhead(tree: Tree, setting: AnsibleConfig): Refusal[] {
  const all = playbooksOf(tree, setting).flatMap((playbook) =>
    objectionsTo({ tree, before: tree, playbook }, allowedBy(setting)),
  );
  return [...new Map(all.map((one) => [sayObjection(one), objected(one)])).values()];
}

/** What runs, and is otherwise than it was applied last: nothing of it was run for a plan. */
export function unrunFiles(basis: PlaybookBasis | undefined): string[] {
  return basis === undefined ? [] : underReview(basis.approved, basis.data).code;
}

/** The playbooks that a basis asks for, in the order in which they run; none where only what runs is changed. */
export function askedPlaybooks(basis: PlaybookBasis | undefined, { config }: Pick<Declared, 'config'>): string[] {
  if (basis === undefined || config?.ansible === undefined) return [];
  const { tree, code } = underReview(basis.approved, basis.data);
  return code.length > 0 ? [] : playbooksOf(tree, config.ansible);
}

/** The world in which steps of Ansible are previewed, observed, applied and verified on this basis. */
export function onPlaybooks(world: World, basis: PlaybookBasis | undefined): World {
  if (world.ansible === undefined || basis === undefined) return world;
  const runner = world.ansible(basis);
  return {
    ...world,
    ansible: () => runner,
    applier: (name) => (name === 'ansible' ? runner.applier : world.applier(name)),
  };
}

/**
 * Has each of these playbooks checked. Throws an ANSIBLE_ error where one cannot be. Where hosts are added and nothing else,
 * one that does not answer is left out; and one that was left out of the plan that was `shown` stays so, although it answers now.
 */
export async function playbookPlans(
  { ansible }: Pick<World, 'ansible'>,
  basis: PlaybookBasis | undefined,
  asked: readonly string[],
  shown: readonly PlaybookShown[] = [],
): Promise<Map<Target, PlaybookPlan>> {
  const plans = new Map<Target, PlaybookPlan>();
  if (basis === undefined || ansible === undefined) return plans;
  const { check } = ansible(basis);
  const tolerant = onlyAddsHosts(basis.approved, basis.data);
  for (const playbook of asked) {
    const [target, plan] = [playbookTarget(playbook), await check(playbook)];
    const left = shown.find((one) => one.target === target)?.plan.silent;
    plans.set(target, { state: 'planned', plan: tolerant ? leavingSilent(plan, left) : plan });
  }
  return plans;
}

/**
 * The same for a pull request that is being planned: what keeps Ansible from its check refuses it by name, with the next
 * command, until it is planned again.
 */
export async function playbookPlansOrWhy(
  world: Pick<World, 'ansible'>,
  basis: PlaybookBasis | undefined,
  asked: readonly string[],
): Promise<Map<Target, PlaybookPlan>> {
  const plans = new Map<Target, PlaybookPlan>();
  for (const playbook of asked) {
    try {
      for (const [target, plan] of await playbookPlans(world, basis, [playbook])) plans.set(target, plan);
    } catch (error) {
      if (!isAnsibleError(error)) throw error;
      plans.set(playbookTarget(playbook), { state: 'refused', refusals: refusalsOf(error) });
    }
  }
  return plans;
}

/** Each thing that a playbook must not hold by itself; anything else is one refusal. */
function refusalsOf({ code, message, details }: GitmendError): Refusal[] {
  const objections = (details['objections'] ?? []) as readonly AnsibleObjection[];
  if (objections.length > 0) return objections.map(objected);
  return [refusal(code.toLowerCase().replaceAll('_', '-'), message, errorCatalogue[code].next)];
}

function objected({ file, line, name, why, next }: AnsibleObjection): Refusal {
  const place = line === 0 ? file : `${file}:${line}`;
  return refusal('ansible-refused', `${place}: ${name === '' || why.includes(name) ? '' : `‘${name}’: `}${why}`, next);
}

/** ENV_MISSING: the variable of a key or of a password, which nothing else needs. */
function isAnsibleError(error: unknown): error is GitmendError {
  return isGitmendError(error) && /^(?:ANSIBLE_|ENV_MISSING$)/.test(error.code);
}

/** What check mode says, for the comment: also of what is refused, because then it says why. */
export function shownPlaybooks(plans: ReadonlyMap<Target, PlaybookPlan>): Pick<PlanRecord, 'ansible'> {
  const shown = [...plans].flatMap(([target, planned]): PlaybookShown[] =>
    planned.state === 'planned' ? [{ target, plan: planned.plan }] : [],
  );
  return shown.length === 0 ? {} : { ansible: shown };
}

/** Which playbook is not what it was in the plan: what it stands on by name, or what it would do now. */
export function stalePlaybook(plan: PlanRecord, now: ReadonlyMap<Target, PlaybookPlan>): string | undefined {
  for (const { target, plan: was } of plan.ansible ?? []) {
    const is = now.get(target);
    if (is?.state !== 'planned') continue;
    if (is.plan.core !== was.core)
      return `ansible-core is ${is.plan.core} here, and the plan of ${was.playbook} was made with ${was.core}`;
    if (is.plan.stale !== was.stale)
      return `${was.playbook} does not stand on what it was planned with: a collection, or the groups or the address of a host in the inventory, changed since`;
    const words = nowWords(is.plan, was);
    if (words !== '') return `${was.playbook} would now do something else than was shown: ${words}`;
  }
  return undefined;
}

/** On which hosts, and what; '' where it is the same on all. */
function nowWords(now: PlaybookShown['plan'], was: PlaybookShown['plan']): string {
  const hosts = [...new Set([...was.hosts, ...now.hosts].map(({ host }) => host))].sort();
  const changed = hosts.filter((host) => boundBy(now, [host]) !== boundBy(was, [host]));
  const each = changed.slice(0, 5).map((host) => {
    const tasks = now.hosts.find((one) => one.host === host)?.changes.map(({ task }) => task) ?? [];
    return `on ${host} ${tasks.length === 0 ? 'nothing changes any more' : `it changes ${tasks.slice(0, 5).join(', ')}`}`;
  });
  return each.join('; ') + (changed.length > 5 ? ` and ${changed.length - 5} more hosts` : '');
}
