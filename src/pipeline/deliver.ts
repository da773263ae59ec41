import { GitmendError, isGitmendError } from '../core/errors.ts';
import type { Ground, World } from '../deliver/world.ts';
import { readTruth, type Truth } from '../deliver/truth.ts';
import { turnRuns } from '../deliver/runs.ts';
import { finishEnded } from '../deliver/ending.ts';
import { mergeAutomatic } from '../deliver/automatic.ts';
import { forgetOldPlans } from '../deliver/old-plans.ts';
import { plannedNumbers } from '../deliver/plans.ts';
import { offerWaysOut } from '../deliver/ways-out.ts';
import { showPlan, type Shown } from '../deliver/show.ts';
import { watchVerified } from '../deliver/watch.ts';

/** What one planning pass did: per open pull request. */
export interface PlanningPass {
  truth: Truth;
  shown: { number: number; result: Shown }[];
}

/**
 * Plans every open pull request (or those named) from the truth, and merges what policy lets gitmend merge itself.
 * `anew` reads everything again even where the plan is the same.
 */
export async function planningPass(ground: Ground, only?: readonly number[], anew = false): Promise<PlanningPass> {
  const truth = await readTruth(ground);
  const world = { ...ground, ...ground.engines(truth.rules) };
  const shown: PlanningPass['shown'] = [];
  for (const pr of await ground.forge.pullRequests({ state: 'open' })) {
    if (only !== undefined && !only.includes(pr.number)) continue;
    const result = await showPlan(world, truth, pr, anew);
    shown.push({ number: pr.number, result });
    await mergeAutomatic(world, pr, result);
  }
  return { truth, shown };
}

/** What one runner pass left: whether something waits, and until when. */
export interface RunnerPass {
  truth: Truth;
  /** What happened in this pass, one line each. */
  events: string[];
  /** Milliseconds since the epoch of the next look; `undefined` when nothing is being verified. */
  next: number | undefined;
  /** Why something waits, for status and log. */
  waiting: string[];
}

/**
 * What the runner proposed itself (ways out, ways back) is planned here and now: without its plan a merge approves
 * nothing, and a person may be quicker than the next planning pass.
 */
async function planOwn(world: World, truth: Truth): Promise<void> {
  const planned = new Set(await plannedNumbers(world.repo));
  for (const pr of await world.forge.pullRequests({ state: 'open' })) {
    if (pr.author !== world.forge.self || planned.has(pr.number)) continue;
    try {
      await showPlan(world, truth, pr);
    } catch (error) {
      if (!isGitmendError(error)) throw error;
      world.log('planning-failed', { pullRequest: pr.number, code: error.code, message: error.message });
    }
  }
}

/** Each turn applies or ends one run; more than this in one pass means that something never ends. */
const mostTurns = 2000;

/** Applies what was approved, verifies what was applied, offers ways out of what was stopped. Again, it changes nothing. */
export async function runnerPass(ground: Ground): Promise<RunnerPass> {
  const events: string[] = [];
  for (let turns = 0; turns < mostTurns; turns += 1) {
    const truth = await readTruth(ground);
    const world = { ...ground, ...ground.engines(truth.rules) };
    events.push(...truth.findings.map(({ finding, message }) => `${finding}: ${message}`));
    await finishEnded(world, truth.journals, truth.records);
    const turn = await turnRuns(world, truth);
    events.push(...turn.events);
    if (turn.changed) continue;
    events.push(...(await watchVerified(world, truth)), ...(await offerWaysOut(world, truth)));
    await planOwn(world, truth);
    await forgetOldPlans(world);
    return { truth, events, next: turn.next, waiting: turn.waiting };
  }
  throw new GitmendError(
    'INTERNAL',
    `a pass of the runner changed something ${mostTurns} times and came to no end: ${events.at(-1) ?? ''}`,
  );
}
