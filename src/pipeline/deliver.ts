import { type ErrorCode, GitmendError, isGitmendError } from '../core/errors.ts';
import type { Ground, World } from '../deliver/world.ts';
import { readTruth, type Truth } from '../deliver/truth.ts';
import type { Failures } from '../deliver/held.ts';
import { turnRuns } from '../deliver/runs.ts';
import { finishEnded } from '../deliver/ending.ts';
import { mergeAutomatic } from '../deliver/automatic.ts';
import { forgetOldPlans } from '../deliver/old-plans.ts';
import { plannedNumbers } from '../deliver/plans.ts';
import { offerWaysOut } from '../deliver/ways-out.ts';
import { type NotShown, showPlan, type Shown } from '../deliver/show.ts';
import type { ShownLately } from '../deliver/shown-lately.ts';
import { watchVerified } from '../deliver/watch.ts';
import type { PullRequest } from '../forges/forge.ts';
import { cutText } from '../records/cut.ts';

/** What one planning pass did: per open pull request. */
export interface PlanningPass {
  truth: Truth;
  /** What was looked at, as the forge has it now: also those of the named ones that are not open any more. */
  looked: readonly PullRequest[];
  /** `unmerged`: why a person has to merge what policy leaves to gitmend. */
  shown: { number: number; result: Shown | NotShown; unmerged?: string }[];
}

/**
 * Plans every open pull request (or those named) from the truth, and merges what policy lets gitmend merge itself.
 * `anew` reads everything again even where the plan is the same, of all or of those in it; `lately` is what a pass over all
 * need not read once more.
 */
export async function planningPass(
  ground: Ground,
  only?: readonly number[],
  anew: boolean | ReadonlySet<number> = false,
  lately?: ShownLately,
): Promise<PlanningPass> {
  const truth = await readTruth(ground);
  const world = { ...ground, ...ground.engines(truth.rules) };
  const shown: PlanningPass['shown'] = [];
  const looked = await lookedAt(ground.forge, only);
  const granted = only === undefined ? lately : undefined;
  granted?.begin(looked);
  for (const pr of looked.filter(({ state }) => state === 'open')) {
    const one = await byItself(world, pr, async () => {
      const again = typeof anew === 'boolean' ? anew : anew.has(pr.number);
      const result = await showPlan(world, truth, pr, again, granted);
      const unmerged = await mergeAutomatic(world, pr, result);
      return { result, ...(unmerged === undefined ? {} : { unmerged }) };
    });
    shown.push({ number: pr.number, ...one });
  }
  return { truth, looked, shown };
}

/** More than these by their numbers, and one list of all is less to ask for. */
const fewNumbers = 20;

/** Every open pull request, or those named: a forge with thousands of them is not asked for all because of one. */
export async function lookedAt(forge: Ground['forge'], only: readonly number[] | undefined): Promise<PullRequest[]> {
  if (only === undefined) return forge.pullRequests({ state: 'open' });
  if (only.length > fewNumbers)
    return (await forge.pullRequests({ state: 'open' })).filter(({ number }) => only.includes(number));
  const found = await Promise.all(only.map((number) => forge.pullRequest(number).catch(noneThere)));
  return found.filter((pr) => pr !== undefined);
}

/** A number may be that of an issue, or of nothing. */
function noneThere(error: unknown): undefined {
  if (!isGitmendError(error, 'FORGE_REFUSED')) throw error;
}

/** What is amiss with everything, and not with one pull request: then the pass ends. */
const ofEverything: readonly ErrorCode[] = [
  ...(['GIT_FAILED', 'GIT_MISSING', 'GIT_TOO_OLD', 'CONFIG_INVALID', 'CONFIG_NOT_FOUND'] as const),
  ...(['RULES_MISSING', 'RECORDS_TAMPERED', 'INTERNAL'] as const),
];

type ShownOne = Omit<PlanningPass['shown'][number], 'number'>;

/** Does it for one pull request. Where that fails it is said there, and the others are planned all the same. */
async function byItself(world: World, pr: PullRequest, work: () => Promise<ShownOne>): Promise<ShownOne> {
  try {
    return await work();
  } catch (error) {
    if (!isGitmendError(error) || ofEverything.includes(error.code)) throw error;
    const { code, message } = error;
    world.log('planning-failed', { pullRequest: pr.number, code, message });
    await sayFailed(world, pr, error);
    return { result: { state: 'failed', code, message } };
  }
}

/** A forge that refuses this too has at least been asked; one that does not answer fails everything. */
async function sayFailed({ forge }: World, pr: PullRequest, failure: GitmendError): Promise<void> {
  const description = cutText(`${failure.code}: ${failure.message}`, 140);
  try {
    await forge.ensureStatus(pr.head, { context: 'gitmend/plan', state: 'error', description });
  } catch (error) {
    if (!isGitmendError(error, 'FORGE_REFUSED')) throw failure;
  }
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
  /**
   * What failed and held up nothing else: for its own targets (part of `waiting`, too), or a way out that the forge refused
   * to open. The next pass tries it again.
   */
  failed: GitmendError[];
}

/**
 * What the runner proposed itself (ways out, ways back) is planned here and now: without its plan a merge approves
 * nothing, and a person may be quicker than the next planning pass.
 */
async function planOwn(world: World, truth: Truth): Promise<void> {
  const planned = new Set(await plannedNumbers(world.repo));
  for (const pr of await world.forge.pullRequests({ state: 'open' })) {
    if (pr.author !== world.forge.self || planned.has(pr.number)) continue;
    await byItself(world, pr, async () => ({ result: await showPlan(world, truth, pr) }));
  }
}

/** Each turn applies or ends one run; more than this in one pass means that something never ends. */
const mostTurns = 2000;

/** Applies what was approved, verifies what was applied, offers ways out of what was stopped. Again, it changes nothing. */
export async function runnerPass(ground: Ground): Promise<RunnerPass> {
  const events: string[] = [];
  const failures: Failures = new Map();
  for (let turns = 0; turns < mostTurns; turns += 1) {
    const truth = await readTruth(ground);
    const world = { ...ground, ...ground.engines(truth.rules) };
    events.push(...truth.findings.map(({ finding, message }) => `${finding}: ${message}`));
    await finishEnded(world, truth.journals, truth.records);
    const turn = await turnRuns(world, truth, failures);
    events.push(...turn.events);
    if (turn.changed) continue;
    events.push(...(await watchVerified(world, truth)));
    const ways = await offerWaysOut(world, truth);
    events.push(...ways.events);
    await planOwn(world, truth);
    await forgetOldPlans(world);
    const failed = [...[...failures.values()].map(({ error }) => error), ...ways.failed];
    return { truth, events, next: turn.next, waiting: turn.waiting, failed };
  }
  throw new GitmendError(
    'INTERNAL',
    `a pass of the runner changed something ${mostTurns} times and came to no end: ${events.at(-1) ?? ''}`,
  );
}
