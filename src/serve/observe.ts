import { isoTime } from '../core/clock.ts';
import { codedError, errorCatalogue } from '../core/errors.ts';
import { divergences } from '../deliver/divergence.ts';
import { standingDrifts } from '../deliver/drift-standing.ts';
import { readPlans } from '../deliver/plans.ts';
import type { ShownLately } from '../deliver/shown-lately.ts';
import { readTruth, type Truth } from '../deliver/truth.ts';
import type { Ground } from '../deliver/world.ts';
import type { PullRequest } from '../forges/forge.ts';
import { lookedAt, planningPass, type PlanningPass } from '../pipeline/deliver.ts';
import type { Store } from '../store/index.ts';
import type { DeadLetter, OpenPullRequest, Picture, Problem } from '../web/view/picture.ts';

/** Most closed and merged pull requests that a page can name. */
const mostPast = 200;

/**
 * Plans what is open (where CI does not), and takes the picture that the pages are made from. `last` is the one before;
 * `only` the numbers of the pull requests that changed since, where nothing moved that concerns the others; `lately` what a
 * pass over all need not read once more.
 */
export async function observe(
  ground: Ground,
  store: Pick<Store, 'inbox'>,
  last: Picture,
  only?: readonly number[],
  lately?: ShownLately,
): Promise<Picture> {
  const changed = last.truth === undefined ? undefined : only;
  const { truth, looked, shown } = await planned(ground, last.truth, changed, lately);
  const common = { at: isoTime(ground.clock.now()), truth, seen: last.seen };
  const all = changed === undefined ? await ground.forge.pullRequests({ state: 'all' }) : looked;
  const open: OpenPullRequest[] = [];
  for (const pr of all.filter(({ state }) => state === 'open')) open.push(await openOne(ground, pr, shown));
  const ended = all.filter(({ state }) => state !== 'open');
  const others = <T>(some: readonly T[], pr: (one: T) => PullRequest) =>
    changed === undefined ? [] : some.filter((one) => !looked.some(({ number }) => number === pr(one).number));
  const world = { ...ground, ...ground.engines(truth.rules) };
  return {
    ...common,
    open: [...others(last.open, ({ pr }) => pr), ...open].sort((a, b) => a.pr.number - b.pr.number),
    past: [...others(last.past, (pr) => pr), ...ended].sort(latestFirst).slice(0, mostPast),
    // The live side is looked at with every pull request, not with each.
    divergences: changed === undefined ? await divergences(world, truth) : last.divergences,
    drifts: await standingDrifts(ground, truth),
    ...(await boxes(store)),
  };
}

/** With `runner: ci` the plans are CI's: here they are only shown. What the rules say is read before anything is planned. */
async function planned(
  ground: Ground,
  last: Truth | undefined,
  only?: readonly number[],
  lately?: ShownLately,
): Promise<PlanningPass> {
  const { rules } = last ?? (await readTruth(ground));
  if (rules.config?.runner !== 'ci') return planningPass(ground, only, false, lately);
  return {
    truth: await readTruth(ground),
    looked: only === undefined ? [] : await lookedAt(ground.forge, only),
    shown: [],
  };
}

async function openOne(ground: Ground, pr: PullRequest, shown: PlanningPass['shown']): Promise<OpenPullRequest> {
  const result = shown.find(({ number }) => number === pr.number)?.result;
  if (result?.state === 'shown') return { pr, plan: result.record, waiting: undefined };
  const plan = (await readPlans(ground.repo, pr.number)).at(-1)?.record;
  return { pr, plan, waiting: waitingIn(result) };
}

function waitingIn(result: PlanningPass['shown'][number]['result'] | undefined): string | undefined {
  if (result?.state === 'failed') return `${result.code}: ${result.message}`;
  return result?.state === 'waiting' ? result.why : undefined;
}

/** What the store holds that nobody has looked at. */
export async function boxes({ inbox }: Pick<Store, 'inbox'>): Promise<{ waiting: number; dead: DeadLetter[] }> {
  const { waiting, taken } = await inbox.open();
  const dead = await inbox.dead(20);
  return {
    waiting: waiting + taken,
    dead: dead.map(({ seq, door, why, diedAt }) => ({ seq, door, why, at: isoTime(diedAt) })),
  };
}

/** What a failed pass says on the page and in the log. */
export function problemOf(error: unknown, now: number): Problem {
  const coded = codedError(error);
  return {
    code: coded.code,
    message: coded.message,
    next: errorCatalogue[coded.code].next,
    at: isoTime(now),
    since: isoTime(now),
  };
}

/** How many runs ended in each way, from the records. */
export function runsByOutcome({ records }: Pick<Truth, 'records'>): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { record } of records) {
    if (record.steps !== undefined || record.plan !== undefined)
      counts.set(record.outcome, (counts.get(record.outcome) ?? 0) + 1);
  }
  return counts;
}

function latestFirst(a: PullRequest, b: PullRequest): number {
  return (
    (b.mergedAt ?? b.closedAt ?? b.updatedAt).localeCompare(a.mergedAt ?? a.closedAt ?? a.updatedAt) ||
    b.number - a.number
  );
}
