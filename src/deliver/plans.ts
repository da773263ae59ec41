import type { PlanRecord } from '../core/plan.ts';
import { actionsDigest } from '../core/step.ts';
import type { Repository } from '../git/repository.ts';
import { printWholePlan } from '../records/plan-comment.ts';
import { parsePlanRecord, printPlanRecord } from '../records/plan-record.ts';

/** One plan as it lies on refs/gitmend/plans/<pull request>; `record` is missing where it cannot be trusted at all. */
export interface StoredPlan {
  commit: string;
  record?: PlanRecord;
  fault?: string;
}

const prefix = 'refs/gitmend/plans/';
const planRef = (pullRequest: number) => `${prefix}${pullRequest}`;

/** Every plan that a pull request has had, oldest first. */
export async function readPlans(repo: Repository, pullRequest: number): Promise<StoredPlan[]> {
  const tip = await repo.tip(planRef(pullRequest));
  if (tip === undefined) return [];
  const plans: StoredPlan[] = [];
  for (const commit of await repo.firstParents(undefined, tip)) {
    const read = parsePlanRecord((await repo.tree(commit)).get('plan.json') ?? '');
    plans.push({ commit, ...judged(read, pullRequest) });
  }
  return plans;
}

/** A record that contradicts itself is a fault: its digest must be that of its own steps. */
function judged(
  read: ReturnType<typeof parsePlanRecord>,
  pullRequest: number,
): { record?: PlanRecord; fault?: string } {
  if (!read.ok) return { fault: read.faults[0]?.problem ?? 'not a plan' };
  if (read.value.pullRequest !== pullRequest) return { fault: `it is the plan of #${read.value.pullRequest}` };
  if (actionsDigest(read.value.steps) !== read.value.actions)
    return { fault: 'its actions digest is not that of its steps' };
  return { record: read.value };
}

/** Adds a plan to the chain, demanding that nobody else did. `false` when somebody did. */
export async function pushPlan(repo: Repository, record: PlanRecord, at: number): Promise<boolean> {
  const ref = planRef(record.pullRequest);
  const tip = await repo.tip(ref);
  const edits = new Map([
    ['plan.json', printPlanRecord(record)],
    // The whole text, where the comment had to be cut to what the forge takes.
    ['comment.md', printWholePlan(record)],
  ]);
  const tree = await repo.writeTree(undefined, edits);
  const message = `plan of #${record.pullRequest} at ${record.head.slice(0, 7)}\n`;
  const commit = await repo.commit({ tree, parents: tip === undefined ? [] : [tip], message, at });
  return repo.push([{ ref, from: tip ?? null, to: commit }]);
}

/** Numbers of the pull requests that have a plan now. */
export async function plannedNumbers(repo: Repository): Promise<number[]> {
  const names = [...(await repo.refs(prefix)).keys()].map((ref) => ref.slice(prefix.length));
  return names.filter((name) => /^[1-9]\d{0,8}$/.test(name)).map(Number);
}

/** The update that forgets a pull request's plans, once they are folded into a record. */
export async function plansGone(
  repo: Repository,
  pullRequest: number,
): Promise<{ ref: string; from: string; to: null }[]> {
  const tip = await repo.tip(planRef(pullRequest));
  return tip === undefined ? [] : [{ ref: planRef(pullRequest), from: tip, to: null }];
}
