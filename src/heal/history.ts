import type { Target } from '../core/target.ts';
import type { Truth } from '../deliver/truth.ts';
import { readPlans } from '../deliver/plans.ts';
import type { World } from '../deliver/world.ts';
import type { PullRequest } from '../forges/forge.ts';
import { parsePullRequest } from '../records/pull-request.ts';
import type { History } from '../policy/index.ts';

/** What has happened lately, from the records and the forge: what budgets, cooldowns and the circuit breaker count. */
export async function historyOf(world: World, truth: Truth, except: PullRequest | undefined): Promise<History> {
  const own = (await healsPullRequests(world)).filter(({ number }) => number !== except?.number);
  const hour = world.clock.now() - 3_600_000;
  const lastAppliedAt = new Map<Target, string>();
  for (const { record } of truth.records)
    for (const step of record.steps ?? []) lastAppliedAt.set(step.target, step.at);
  const failed = truth.records.filter(
    ({ record }) =>
      record.remedy !== undefined &&
      (['not-verified', 'regressed'].includes(record.outcome) || record.word?.says === 'failed'),
  );
  return {
    lastAppliedAt,
    openPullRequests: own.filter(({ state }) => state === 'open').length,
    openedLastHour: own.filter(({ createdAt }) => Date.parse(createdAt) > hour).length,
    failedFixes: failed.map(({ record }) => ({ target: record.target ?? '', at: record.at })),
  };
}

/** Bytes of memory that open proposals already promise to other guests of one node. */
export async function promisedOn(world: World, node: string, except: Target): Promise<number> {
  let bytes = 0;
  for (const { number } of (await healsPullRequests(world)).filter(({ state }) => state === 'open')) {
    const plan = (await readPlans(world.repo, number)).at(-1)?.record;
    for (const { where, before, after, target } of plan?.steps ?? []) {
      const growth = Number(after['memory'] ?? 0) - Number(before['memory'] ?? 0);
      if (where.endsWith(` on ${node}`) && target !== except && growth > 0) bytes += growth * 2 ** 20;
    }
  }
  return bytes;
}

/** Pull requests that a diagnosis opened: ways out and reverts do not count. */
async function healsPullRequests(world: World): Promise<PullRequest[]> {
  const all = await world.forge.pullRequests({ state: 'all' });
  return all.filter((pr) => pr.author === world.forge.self && parsePullRequest(pr.body)?.kind === 'heal');
}
