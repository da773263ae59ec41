import { type Digest, digestOf } from '../core/json.ts';
import type { ResourceChange, TerraformPlan } from './plan.ts';
import { attributeWords } from './values.ts';

/**
 * What of a change an approval binds. Secrets count by whether they change, not by what they are. An import does not
 * count: it is a note in the state and no effect, and an apply that fails behind it leaves it done.
 */
function actionOf({ address, kind, movedFrom, attributes }: ResourceChange) {
  return {
    address,
    kind,
    // As in plans that import nothing, since the first of them was approved.
    importedFrom: null,
    movedFrom: movedFrom ?? null,
    attributes: attributes.map(({ path, before, after, forces }) => ({ path, before, after, forces })),
  };
}

/** The digest of what a plan does: the same for the same actions, however and whenever it was made. */
export function actionsOf(plan: TerraformPlan): Digest {
  return digestOf(doing(plan).map(actionOf));
}

/** What changes something, or moves it in the state; not what is read, and not what is imported as it is. */
function doing({ changes }: TerraformPlan): ResourceChange[] {
  return changes.filter(({ kind, movedFrom }) => kind !== 'read' && (kind !== 'no-op' || movedFrom !== undefined));
}

/** What a new plan does that the reviewed one did not, one sentence each; nothing where it is the same. */
export function widerThan(reviewed: TerraformPlan, now: TerraformPlan): string[] {
  if (actionsOf(reviewed) === actionsOf(now)) return [];
  const shown = new Map(doing(reviewed).map((change) => [change.address, digestOf(actionOf(change))]));
  const here = new Map(doing(now).map((change) => [change.address, change]));
  const gone = [...shown.keys()].filter((address) => !here.has(address));
  const others = doing(now).filter((change) => shown.get(change.address) !== digestOf(actionOf(change)));
  return [
    ...others.map(({ address, kind }) =>
      shown.has(address)
        ? `${address} would be changed otherwise than was shown (${kind})`
        : `${address} was not shown, and would be changed too (${kind})`,
    ),
    ...gone.map((address) => `${address} was to be changed, and would not be`),
  ];
}

export interface Purpose {
  /** Addresses that the pull request is about, with what it declares of them. */
  destroys: readonly string[];
  /** Addresses that it may replace. */
  replaces: readonly string[];
  /** Addresses that this run targets; undefined: the whole stack. */
  targets?: readonly string[];
}

/**
 * What stands against a plan: its objections, what it destroys or replaces although the pull request is not about that
 * (with the attribute that forces it), and what it changes outside of this run. Empty: it may be approved.
 */
export function against(plan: TerraformPlan, { destroys, replaces, targets }: Purpose): string[] {
  const wide = plan.changes.flatMap((change) => {
    const { address, kind } = change;
    const who = nameOf(change);
    if (kind === 'destroy' && !isAmong(address, destroys))
      return [`${who} would be destroyed, and this pull request is not about that`];
    if (kind === 'replace' && !isAmong(address, replaces))
      return [
        `${who} would be destroyed and made anew because ${forcedBy(change)}, and this pull request is not about that`,
      ];
    if (kind === 'forget' && !isAmong(address, destroys))
      return [`${who} would be forgotten: left running, and no longer managed`];
    const outside = targets !== undefined && kind !== 'read' && !isAmong(address, targets);
    return outside ? [`${who} is not what this run is about, and would be changed`] : [];
  });
  return [...plan.objections.map(({ why }) => why), ...wide];
}

/** Whether an address is one of these, an instance of one, or inside a module that is one. */
export function isAmong(address: string, targets: readonly string[]): boolean {
  return targets.some(
    (target) =>
      address === target ||
      address.startsWith(`${target}[`) ||
      (target.startsWith('module.') && address.startsWith(`${target}.`)),
  );
}

/** `postgres (lxc/200 on pve1)`, or the address where the resource is no guest. */
export function nameOf({ address, guest }: ResourceChange): string {
  return guest ?? address;
}

/** `unprivileged true → false cannot be changed in place`, or Terraform's own reason. */
export function forcedBy({ attributes, reason }: ResourceChange): string {
  const forced = attributes.filter(({ forces }) => forces).map(attributeWords);
  if (forced.length > 0) return `${[...new Set(forced)].join(', ')} cannot be changed in place`;
  return reason === undefined ? 'Terraform says so' : reason.replaceAll('_', ' ');
}
