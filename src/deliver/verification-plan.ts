import { isoTime } from '../core/clock.ts';
import type { Config } from '../core/config.ts';
import type { FactName } from '../core/fact.ts';
import type { VerificationPlan } from '../core/plan.ts';
import type { Step } from '../core/step.ts';
import { parseGuestTarget } from '../core/target.ts';
import { predicateOf } from '../planners/index.ts';
import type { PullRequestMarker } from '../records/pull-request.ts';
import { type Figures, figuresOf } from './looks.ts';
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
  const expected = Object.assign({}, ...steps.map(({ after }) => after)) as Step['after'];
  const signal = declared?.signal;
  return {
    window: steps.length === 0 ? 0 : (config.verify.window ?? verificationDefaults.window),
    watch: config.verify.watch ?? verificationDefaults.watch,
    predicate,
    words: predicateOf(predicate).words(expected, signal !== undefined && config.alertmanager !== undefined),
    ...(predicate === 'default' || steps.length === 0 ? {} : await seenNow(world, predicate, steps)),
    ...(signal === undefined ? {} : { signal }),
  };
}

/**
 * What can be seen of the targets now: a fact that goes silent during the verification is missing, not unobserved; and
 * the predicate's figures before anything was changed.
 */
async function seenNow(
  world: World,
  predicate: string,
  steps: readonly Step[],
): Promise<Pick<VerificationPlan, 'answered' | 'before'>> {
  const names = new Set<string>();
  const figures: Figures[] = [];
  const targets = [...new Set(steps.map((step) => step.target))];
  for (const target of targets) {
    const identity = parseGuestTarget(target);
    if (identity === undefined) continue;
    const at = isoTime(world.clock.now());
    const { live, facts } = await world.look(identity);
    for (const name of Object.keys(facts)) names.add(name);
    const expected = { ...live.running };
    figures.push({
      target,
      observed: predicateOf(predicate).look({ live, facts, expected, appliedAt: at, at }).observed,
    });
  }
  return { answered: [...names].sort() as FactName[], before: figuresOf(figures) };
}
