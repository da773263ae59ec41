import { waysIn } from '../ansible/addresses.ts';
import type { Edits, Tree } from '../core/change-set.ts';
import { type GitmendError, isGitmendError } from '../core/errors.ts';
import { branchOf, fingerprintOf } from '../core/fingerprint.ts';
import type { PlanRecord } from '../core/plan.ts';
import type { RunRecord } from '../core/run.ts';
import { isPartlyUnseen } from '../core/step.ts';
import { type AreaBack, printAreaBack, staysWords } from '../records/area-way-out.ts';
import { areaPaths } from './areas.ts';
import { lastChange } from './last-change.ts';
import { openOwn, type OwnPullRequest } from './own-pull-request.ts';
import type { JudgedUnit, Truth } from './truth.ts';
import type { World } from './world.ts';

/** The way out of an area that is not applied as the default branch has it; there is one at most. */
export interface AreaWayOut {
  /** Of the pull request that is wanted, opened now or not. */
  fingerprint: string;
  record?: RunRecord;
  pullRequest?: number;
  failed?: GitmendError;
}

const print = (kind: AreaBack['kind']): string => fingerprintOf(kind, 'ansible', 'files');

/**
 * Where a run of Ansible stopped on its way, or somebody pushed past everybody, `ansible/` of the default branch is ahead of
 * what was applied, and refuses whatever builds on it: the pull request that brings its files back. `undefined` where
 * nothing is ahead, or an approved merge of it is still to be applied.
 */
export async function offerAreaBack(world: World, truth: Truth): Promise<AreaWayOut | undefined> {
  const applied = truth.areas.get('ansible')?.tree;
  const pending = truth.units.some(({ approval, areas }) => approval.approved && areas.includes('ansible'));
  if (applied === undefined || pending) return undefined;
  const paths = areaPaths('ansible', truth.head.tree, applied);
  if (paths.length === 0) return undefined;
  const files = filesOf(paths, applied);
  const cause = await causeOf(world, truth, applied, paths);
  const stays = cause.untouched ? [] : staysOf(undefined, truth.head.tree, applied);
  const wanted = ownOf({ kind: 'undo', fingerprint: print('undo'), ...cause, files, stays });
  const record = cause.record === undefined ? {} : { record: cause.record };
  try {
    const opened = await openOwn(world, wanted);
    if (opened !== undefined) world.log('way-out', { kind: 'undo', target: 'ansible', pullRequest: opened.number });
    return { fingerprint: print('undo'), ...record, ...(opened === undefined ? {} : { pullRequest: opened.number }) };
  } catch (error) {
    if (!isGitmendError(error, 'FORGE_REFUSED')) throw error;
    return { fingerprint: print('undo'), ...record, failed: error };
  }
}

/** The revert of a merge whose playbooks ran and whose hosts are not as they shall be; why there is none, as a sentence. */
export async function areaRevert(
  world: World,
  unit: JudgedUnit,
  plan: PlanRecord,
  why: string,
): Promise<OwnPullRequest | { not: string }> {
  const tip = (await world.repo.tip(`refs/heads/${world.forge.defaultBranch}`)) ?? unit.to;
  const [from, to, head] = await Promise.all([unit.from, unit.to, tip].map((commit) => world.repo.tree(commit)));
  const paths = unit.difference.areas.ansible;
  const edited = paths.find((path) => head?.get(path) !== to?.get(path));
  if (edited !== undefined) return { not: `${edited} was edited since` };
  const before = from ?? new Map<string, string>();
  return ownOf({
    ...{
      kind: 'revert',
      fingerprint: print('revert'),
      cause: { pullRequest: plan.pullRequest },
      why,
      untouched: false,
    },
    files: filesOf(paths, before),
    stays: staysOf(plan.steps, to ?? before, before),
  });
}

function filesOf(paths: readonly string[], tree: Tree): Map<string, string | null> {
  return new Map(paths.map((path) => [path, tree.get(path) ?? null]));
}

function ownOf(way: AreaBack): OwnPullRequest {
  const { kind, fingerprint } = way;
  const edits: Edits = way.files;
  return {
    branch: branchOf(kind, 'ansible', fingerprint),
    ...printAreaBack(way),
    labels: ['gitmend', kind],
    edits,
    fingerprint,
  };
}

interface Cause extends Pick<AreaBack, 'cause' | 'why' | 'untouched'> {
  record?: RunRecord;
}

/** The merge that was not approved, else the run that stopped, else the last push. */
async function causeOf(world: World, truth: Truth, applied: Tree, paths: readonly string[]): Promise<Cause> {
  const unit = truth.units.findLast(({ areas }) => areas.includes('ansible'));
  if (unit !== undefined) {
    const cause = unit.pullRequest === undefined ? { commit: unit.to } : { pullRequest: unit.pullRequest.number };
    return { cause, why: unit.approval.approved ? '' : unit.approval.why, untouched: true };
  }
  const settled = truth.records.findLastIndex(({ record }) => record.applied?.areas?.includes('ansible') === true);
  for (const { record } of truth.records.slice(settled + 1).reverse()) {
    const { pullRequest, outcome, message = '' } = record;
    if (pullRequest === undefined || (outcome !== 'not-applied' && outcome !== 'unknown')) continue;
    if (areaPaths('ansible', await world.repo.tree(pullRequest.merge), applied).length === 0) continue;
    return { cause: { pullRequest: pullRequest.number }, why: message, untouched: outcome === 'not-applied', record };
  }
  const commit = await lastChange(world, truth, paths[0] ?? '');
  return {
    cause: { commit },
    why: 'it was changed on the default branch without an approved pull request',
    untouched: true,
  };
}

/** `steps`: what was sent; `undefined` where only part of it was, and nobody knows which. */
function staysOf(steps: PlanRecord['steps'] | undefined, after: Tree, before: Tree): string[] {
  const known = waysIn(before);
  const gone = [...waysIn(after).keys()].filter((host) => !known.has(host)).sort();
  return staysWords({ partly: steps === undefined, unpredicted: (steps ?? []).some(isPartlyUnseen), gone });
}
