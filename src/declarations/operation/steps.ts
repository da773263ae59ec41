import { type Refusal, refusal, type Tree } from '../../core/change-set.ts';
import type { DeclaredGuest } from '../../core/declared-guest.ts';
import { type Fault, printFault } from '../../core/fault.ts';
import type { LiveGuest } from '../../core/guest.ts';
import type { Step } from '../../core/step.ts';
import { asIsLive, type Beyond, guestSteps, isSizeField, observedOf, sizeSteps } from '../guest/index.ts';
import { type Operation, readOperation } from './read.ts';

/** Which files are requests. */
export const operationFiles = /^operations\/[^/]+\.ya?ml$/;

/** Operation files that differ between two trees, by path. */
export interface OperationPaths {
  readonly added: readonly string[];
  readonly edited: readonly string[];
  readonly deleted: readonly string[];
}

/** What such a difference requests, and what of it is refused. */
export interface Requests {
  requested: Operation[];
  refusals: Refusal[];
}

/**
 * Only a file that is added requests anything. An edit is refused (`operation-edited`), so is an id that records know
 * already (`operation-used`) and a file with faults (`operation-invalid`, naming each). A deletion is no step.
 * `now` in milliseconds.
 */
export function readOperations(
  paths: OperationPaths,
  after: Tree,
  { used, now }: { used: ReadonlySet<string>; now?: number },
): Requests {
  const result: Requests = { requested: [], refusals: paths.edited.map(edited) };
  for (const path of paths.added) {
    const read = readOperation(after.get(path) ?? '', path, now);
    if (!read.ok) result.refusals.push(invalid(path, read.faults));
    else if (used.has(read.value.id)) result.refusals.push(usedUp(read.value));
    else result.requested.push(read.value);
  }
  return result;
}

/**
 * Also when the first of its own steps was sent already: a wanted value that waits for the restart is this operation's,
 * so a run that was stopped in between goes on.
 */
function isAsExpected({ expectedState, parameters }: Operation, declared: DeclaredGuest, live: LiveGuest): boolean {
  const own = (field: string, value: unknown): boolean =>
    parameters.fields.some((name) => name === field && declared[name] === value);
  const pending = Object.fromEntries(Object.entries(live.pending).filter(([field, value]) => !own(field, value)));
  return [live, { ...live, pending }].some((state) => observedOf(state, parameters.fields) === expectedState);
}

/** The operation files that differ between two trees. */
export function operationPaths(before: Tree, after: Tree): OperationPaths {
  const all = [...new Set([...before.keys(), ...after.keys()])].sort();
  const paths = all.filter((path) => operationFiles.test(path) && before.get(path) !== after.get(path));
  return {
    added: paths.filter((path) => !before.has(path)),
    edited: paths.filter((path) => before.has(path) && after.has(path)),
    deleted: paths.filter((path) => !after.has(path)),
  };
}

/**
 * A request, the declaration of its target and what is live → steps. Refused when it has expired (`expired`) or when
 * what is live is no longer what the request was written for (`stale`). `beyond` makes the steps of Terraform.
 */
export function operationSteps(
  operation: Operation,
  declared: DeclaredGuest | undefined,
  live: LiveGuest | undefined,
  now: number,
  beyond?: (before: DeclaredGuest) => Beyond,
): Step[] | Refusal {
  const { id, target, expiresAt, parameters } = operation;
  if (now >= Date.parse(expiresAt))
    return refusal('expired', `operation ${id} expired at ${expiresAt}`, 'ask again with a new one');
  if (declared === undefined)
    return refusal('target-not-found', `operation ${id} names ${target}, which this repository does not declare`);
  if (live !== undefined && !isAsExpected(operation, declared, live)) {
    return refusal(
      'stale',
      `${declared.name} is no longer as it was when operation ${id} was written`,
      'ask again with a new one',
    );
  }
  const { fields } = parameters;
  if (live === undefined || fields.every(isSizeField)) return sizeSteps(declared, fields.filter(isSizeField), live);
  // What brings it back is the change from what is live to what is declared, by the rules of every other change.
  const before = asIsLive(declared, live, fields);
  return guestSteps(before, declared, live, beyond?.(before));
}

function edited(path: string): Refusal {
  return refusal(
    'operation-edited',
    `${path} was edited, and a request stays as it was asked`,
    'add a new operation file instead',
  );
}

function invalid(path: string, faults: readonly Fault[]): Refusal {
  return refusal(
    'operation-invalid',
    `${path} cannot be trusted: ${faults.map((fault) => printFault(fault).replace(`${path}:`, 'line ')).join('; ')}`,
    'gitmend check lists every fault with its mend',
  );
}

function usedUp({ id }: Operation): Refusal {
  return refusal(
    'operation-used',
    `operation ${id} was applied already, and each is applied once`,
    'ask again with a new one',
  );
}
