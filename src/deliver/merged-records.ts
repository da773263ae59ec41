import { GitmendError } from '../core/errors.ts';
import type { RunRecord } from '../core/run.ts';
import { type AppliedChange, areaBefore, rulesBefore } from '../ledger/applied.ts';
import type { StoredRecord } from '../ledger/records.ts';
import { covers } from '../policy/index.ts';
import { areasIn, areasMoved, unapprovedAreas } from './areas.ts';
import { differenceOf } from './difference.ts';
import { teamsOf } from './teams.ts';
import { mergeLength } from './units.ts';
import type { Ground } from './world.ts';

/**
 * Whoever may push can append a record. What one puts in force is therefore believed only of a merge that the forge
 * knows, on the default branch, by somebody whose approval counted under the rules before it: rules that nobody approved
 * cannot come in by a record that says they were. Looks at those that this machine has not seen (`known`: their paths);
 * signatures say more and replace it. Throws RECORDS_TAMPERED.
 */
export async function demandMerged(
  world: Ground,
  records: readonly StoredRecord[],
  known: ReadonlySet<string>,
): Promise<void> {
  const fresh = records.filter(({ path, record }) => record.applied !== undefined && !known.has(path));
  if (fresh.every(({ record }) => record === records[0]?.record && record.outcome === 'adopted')) return;
  const head = await world.repo.tip(`refs/heads/${world.forge.defaultBranch}`);
  const order = head === undefined ? [] : await world.repo.firstParents(undefined, head);
  const changes = records.flatMap(({ record }) => record.applied ?? []);
  for (const { path, record } of fresh) {
    const fault =
      (await faultOf(world, record, record === records[0]?.record, (merge) => rulesBefore(changes, order, merge))) ??
      (await areaFault(world, record, changes, order));
    if (fault !== undefined) throw new GitmendError('RECORDS_TAMPERED', `${path} ${fault}`);
  }
}

async function faultOf(
  world: Ground,
  { outcome, applied, pullRequest }: RunRecord,
  first: boolean,
  before: (merge: string) => string | undefined,
): Promise<string | undefined> {
  if (applied === undefined) return undefined;
  if (outcome === 'adopted') return first ? undefined : 'adopts the repository again, which happens once';
  const merge = applied.merge.slice(0, 7);
  const rules = before(applied.merge);
  if (rules === undefined) return `says that ${merge} was applied, which is not on the default branch`;
  const pr = await world.forge.pullRequestOfMerge(applied.merge);
  if (pr?.state !== 'merged' || pr.number !== pullRequest?.number)
    return `says that ${merge} was applied, and no pull request of that number brought it`;
  const mergedBy = pr.mergedBy ?? '';
  // What policy leaves to gitmend itself is never the rules.
  const itself = applied.rules !== true && mergedBy === world.forge.self;
  if (itself) return undefined;
  const declared = await world.declaredAt(rules);
  const teams = await teamsOf(world.forge, declared, [mergedBy]);
  if (declared.config?.approvers.some((entry) => covers(entry, mergedBy, teams)) === true) return undefined;
  return `says that #${pr.number} was applied, which ${mergedBy} merged, whose approval did not count`;
}

/**
 * A record moves an area only by a merge that changed it, or switched it on, and that left nothing standing in it which
 * nobody approved: else a merge of something else would bring in what was pushed before it.
 */
async function areaFault(
  world: Ground,
  { applied, outcome }: RunRecord,
  changes: readonly AppliedChange[],
  order: readonly string[],
): Promise<string | undefined> {
  if (applied?.areas === undefined || outcome === 'adopted') return undefined;
  const { merge } = applied;
  const pr = await world.forge.pullRequestOfMerge(merge);
  const at = order.indexOf(merge);
  const length = pr === undefined ? undefined : await mergeLength(world, pr, order, at, '');
  const before = await world.declaredAt(order[at - (length ?? 1)] ?? merge);
  const after = await world.declaredAt(merge);
  const difference = differenceOf(before, after);
  const rules = await world.declaredAt(rulesBefore(changes, order, merge) ?? merge);
  const moved = areasMoved(difference, { rules, after });
  for (const area of applied.areas) {
    if (!moved.includes(area)) return `says that ${merge.slice(0, 7)} moved ${area}/, which it did not change`;
    if (difference.areas[area].length === 0 || !areasIn(rules).includes(area)) continue;
    const { tree } = await world.declaredAt(areaBefore(changes, order, merge, area) ?? merge);
    const [unsettled] = unapprovedAreas({ before, after }, new Map([[area, tree]]));
    if (unsettled !== undefined) return `says that ${merge.slice(0, 7)} was applied, and ${unsettled.message}`;
  }
  return undefined;
}
