import { forcedBy, nameOf } from './judge.ts';
import type { ResourceChange, TerraformPlan } from './plan.ts';
import { attributeWords, printPath, printShown } from './values.ts';

/** `1 to destroy, 2 to change (1 restarts its guest), nothing else`: the counts of a plan or of several, the worst first. */
export function countsOf(plans: readonly TerraformPlan[]): string {
  const changes = plans.flatMap((plan) => plan.changes);
  const count = (kind: ResourceChange['kind']) => changes.filter((change) => change.kind === kind).length;
  const imported = changes.filter(({ importedFrom }) => importedFrom !== undefined).length;
  const restarts = changes.filter(({ kind, disturbance }) => kind === 'update' && disturbance === 'restarts').length;
  const parts = [
    some(count('destroy'), 'to destroy'),
    some(count('replace'), 'to destroy and make anew'),
    some(count('forget'), 'to forget'),
    some(count('create'), 'to create'),
    some(count('update'), `to change${restarts === 0 ? '' : ` (${restarts} with a restart)`}`),
    some(imported, 'to import'),
    some(count('read'), 'to read'),
  ].filter((part) => part !== '');
  return parts.length === 0 ? 'no changes' : parts.join(', ');
}

function some(count: number, what: string): string {
  return count === 0 ? '' : `${count} ${what}`;
}

/** What a plan would change, one plain line each; reading is no change. Not escaped. */
export function linesOf({ changes }: TerraformPlan): string[] {
  return changes.filter(({ kind }) => kind !== 'read').map(changeLine);
}

/** One change as one plain line: `postgres (lxc/200 on pve1): memory.dedicated 2048 → 3072, restarts it`. Not escaped. */
export function changeLine(change: ResourceChange): string {
  return `${nameOf(change)}: ${changeWords(change)}`;
}

/** The same without the name: `memory.dedicated 2048 → 3072, restarts it`. Not escaped. */
export function changeWords(change: ResourceChange): string {
  return [did(change), moves(change), effect(change)].filter((part) => part !== '').join(', ');
}

function did(change: ResourceChange): string {
  const { kind, attributes } = change;
  switch (kind) {
    case 'create':
      return `created${madeOf(change)}`;
    case 'destroy':
      return `destroyed${change.reason === undefined ? '' : ` (${reasonWords(change.reason)})`}`;
    case 'replace':
      return `destroyed and made anew, because ${forcedBy(change)}`;
    case 'forget':
      return 'no longer managed, and left as it is';
    case 'read':
      return 'read';
    case 'no-op':
      return '';
    case 'update':
      return attributes.map(attributeWords).join(', ');
  }
}

/** What is set from the first day: the values that the plan knows, and that are not the provider's own waiting times. */
function madeOf({ attributes }: ResourceChange): string {
  const known = attributes.filter(({ path, after }) => after !== 'unknown' && !/^timeout_/.test(String(path[0])));
  const words = known.map(({ path, after }) => `${printPath(path)} ${printShown(after)}`);
  return words.length === 0 ? '' : ` with ${words.join(', ')}`;
}

function moves({ importedFrom, movedFrom }: ResourceChange): string {
  const parts = [
    importedFrom === undefined ? '' : `imported from ${importedFrom || 'an id not known yet'}`,
    movedFrom === undefined ? '' : `until now ${movedFrom}`,
  ];
  return parts.filter((part) => part !== '').join(', ');
}

function effect({ kind, disturbance }: ResourceChange): string {
  if (kind !== 'update') return '';
  return { none: '', live: 'live', restarts: 'restarts it' }[disturbance];
}

const reasons: { readonly [reason: string]: string } = {
  delete_because_no_resource_config: 'no longer declared',
  delete_because_no_module: 'its module is no longer declared',
  delete_because_wrong_repetition: 'its count or for_each changed',
  delete_because_count_index: 'its count is smaller',
  delete_because_each_key: 'its key is gone from for_each',
};

function reasonWords(reason: string): string {
  return Object.hasOwn(reasons, reason) ? (reasons[reason] ?? reason) : reason.replaceAll('_', ' ');
}
