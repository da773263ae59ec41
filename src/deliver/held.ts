import { type ErrorCode, type GitmendError, isGitmendError } from '../core/errors.ts';
import { ansibleErrors } from '../core/ansible-errors.ts';
import { terraformErrors } from '../core/terraform-errors.ts';
import { runId } from '../core/run.ts';
import { journalTip } from '../ledger/journal.ts';
import { targetsOf } from './compute.ts';
import type { JudgedUnit, Truth } from './truth.ts';
import type { World } from './world.ts';

/** A run that failed in this pass because of its own targets. */
export interface Failure {
  error: GitmendError;
  /** For status and log: `#3: PVE_FAILED: GET … on home: 500 …`. */
  why: string;
}

/** What failed in one pass, by the merge. */
export type Failures = Map<string, Failure>;

/** What Proxmox VE says of one guest, or of the node that it is on. */
const ofTarget: readonly ErrorCode[] = [
  ...(['PVE_FORBIDDEN', 'PVE_NOT_FOUND', 'PVE_REFUSED', 'PVE_CONFLICT', 'PVE_LOCKED'] as const),
  ...(['PVE_FAILED', 'PVE_TASK_FAILED', 'PVE_TIMEOUT', 'PVE_ANSWER_INVALID'] as const),
  // What Terraform does not come to is its own steps' alone.
  ...(Object.keys(terraformErrors) as (keyof typeof terraformErrors)[]),
  'SYNTH_FAILED',
  ...(Object.keys(ansibleErrors) as (keyof typeof ansibleErrors)[]),
  // A variable of one client: whoever does not need it goes on.
  'ENV_MISSING',
];

/** What is amiss with all of a cluster: with everything, where it is the only one. */
const ofCluster: readonly ErrorCode[] = ['PVE_UNREACHABLE', 'PVE_UNTRUSTED', 'PVE_UNAUTHENTICATED'];

/**
 * Whether an error is about the unit's own targets alone: then others go on, and it is tried again with the next pass.
 * Only of a run whose journal is begun, since that keeps it open: a later merge that is recorded first would otherwise
 * settle it.
 */
export async function failureOf(
  world: Pick<World, 'repo'>,
  truth: Pick<Truth, 'rules'>,
  unit: JudgedUnit,
  error: unknown,
): Promise<Failure | undefined> {
  if (!isGitmendError(error) || !unit.approval.approved) return undefined;
  const { plan } = unit.approval;
  const clusters = truth.rules.config?.clusters.length ?? 0;
  if (!isGitmendError(error, ...ofTarget, ...(clusters > 1 ? ofCluster : []))) return undefined;
  if ((await journalTip(world.repo, runId(unit.to, plan.actions))) === undefined) return undefined;
  return { error, why: `#${plan.pullRequest}: ${error.code}: ${error.message}` };
}

/**
 * Why a unit waits behind those that failed, `undefined` where it does not: on one target runs keep the order of the
 * default branch, and rules come into force after everything that was merged before them.
 */
export function heldBy(failed: readonly JudgedUnit[], unit: JudgedUnit): string | undefined {
  const first = failed.find((other) => changesRules(unit) || sharesTarget(other, unit));
  if (first === undefined) return undefined;
  return `${nameOf(unit)} waits for ${nameOf(first)}, which was merged before it and is not applied yet`;
}

function changesRules({ difference }: JudgedUnit): boolean {
  return difference.rules.length > 0;
}

function sharesTarget(a: JudgedUnit, b: JudgedUnit): boolean {
  if (a.areas.some((area) => b.areas.includes(area))) return true;
  const targets = targetsOf(a.difference, a.operations);
  return targetsOf(b.difference, b.operations).some((target) => targets.includes(target));
}

function nameOf({ pullRequest, to }: JudgedUnit): string {
  return pullRequest === undefined ? to.slice(0, 7) : `#${pullRequest.number}`;
}
