import { isoTime } from '../core/clock.ts';
import type { Config } from '../core/config.ts';
import type { FactName } from '../core/fact.ts';
import type { VerificationPlan } from '../core/plan.ts';
import type { LiveGuest } from '../core/guest.ts';
import type { Step } from '../core/step.ts';
import { parseGuestTarget, parseStackTarget, type Target } from '../core/target.ts';
import { predicateOf } from '../planners/index.ts';
import type { PullRequestMarker } from '../records/pull-request.ts';
import { listed } from '../texts/words.ts';
import { type Figures, figuresOf } from './looks.ts';
import { type Unseen, unseenOf } from './not-observed.ts';
import type { World } from './world.ts';

/** Seconds. signals.md 2.6: ten minutes for the verdict, a day of watch for memory and CPU. */
const verificationDefaults = { window: 600, watch: 24 * 3600 };

/** What the verification of a plan will look for, and what can be seen of it now. */
export async function verificationOf(
  world: World,
  config: Config,
  declared: PullRequestMarker | undefined,
  steps: readonly Step[],
): Promise<VerificationPlan> {
  const predicate = declared?.remedy ?? 'default';
  const onGuests = steps.filter(
    ({ kind, target }) => kind !== 'run-playbook' && parseStackTarget(target) === undefined,
  );
  const expected = Object.assign({}, ...onGuests.map(({ after }) => after)) as Step['after'];
  const signal = declared?.signal;
  const asked = signal !== undefined && config.alertmanager !== undefined;
  const seen = predicate === 'default' || onGuests.length === 0 ? {} : await seenNow(world, predicate, onGuests);
  const mayRest = onGuests.length > 0 && onGuests.every((step) => step.mayRest === true);
  const guests =
    onGuests.length > 0 && onGuests.every(({ destroys }) => destroys)
      ? 'it stays gone'
      : predicateOf(predicate).words(expected, { alert: asked, notObserved: seen.notObserved ?? [], mayRest });
  const isOnStacks = steps.some(({ target }) => parseStackTarget(target) !== undefined);
  return {
    // A second check says what there is to say of hosts: nothing is waited for.
    window: onGuests.length === 0 && !isOnStacks ? 0 : (config.verify.window ?? verificationDefaults.window),
    watch: config.verify.watch ?? verificationDefaults.watch,
    predicate,
    words: [
      ...(onGuests.length > 0 || steps.length === 0 ? [guests] : []),
      ...(isOnStacks ? ['Terraform plans no change at these addresses'] : []),
      ...checkWords(steps),
    ].join(', and '),
    ...seen,
    ...(signal === undefined ? {} : { signal, ...(asked ? {} : { alert: 'not-asked' as const }) }),
  };
}

function checkWords(steps: readonly Step[]): string[] {
  const names = steps.filter(({ kind }) => kind === 'run-playbook').map(({ name }) => name);
  return names.length === 0 ? [] : [`a second check of ${listed(names)} changes nothing`];
}

/**
 * What can be seen of the targets now: a fact that goes silent during the verification is missing, not unobserved; and
 * the predicate's figures before anything was changed.
 */
async function seenNow(
  world: World,
  predicate: string,
  steps: readonly Step[],
): Promise<Pick<VerificationPlan, 'answered' | 'before' | 'notObserved'>> {
  const names = new Set<string>();
  const figures: Figures[] = [];
  const unseen: Unseen[] = [];
  // Of a guest that is not there yet nothing can be seen.
  const targets = [...new Set(steps.flatMap((step) => (step.kind === 'create-guest' ? [] : [step.target])))];
  for (const target of targets) {
    const identity = parseGuestTarget(target);
    if (identity === undefined) continue;
    const at = isoTime(world.clock.now());
    const { live, facts } = await world.look(identity);
    const answered = Object.keys(facts) as FactName[];
    for (const name of answered) names.add(name);
    const input = { live, facts, expected: runningOf(live, stepsOf(steps, target)), appliedAt: at, at };
    const judge = predicateOf(predicate);
    figures.push({ target, observed: judge.look(input).observed });
    // A figure that answers, and only has no value newer than this moment yet, is one that will be seen.
    unseen.push({ name: live.name, notObserved: judge.look({ ...input, answered }).notObserved });
  }
  const notObserved = unseenOf(unseen);
  return {
    answered: [...names].sort() as FactName[],
    before: figuresOf(figures),
    ...(notObserved.length === 0 ? {} : { notObserved }),
  };
}

function stepsOf(steps: readonly Step[], target: Target): Step[] {
  return steps.filter((step) => step.target === target);
}

/** What is live of the fields that these steps change: what they do not touch is not judged. */
function runningOf({ running }: LiveGuest, steps: readonly Step[]): Step['after'] {
  const fields = new Set(steps.flatMap(({ after }) => Object.keys(after)));
  return Object.fromEntries(Object.entries(running).filter(([field]) => fields.has(field)));
}
