import { printFault } from '../core/fault.ts';
import { operationFiles, readOperation } from '../declarations/operation/index.ts';
import { areaPaths } from './areas.ts';
import { rulePaths } from './difference.ts';
import { type Divergence, divergences } from './divergence.ts';
import { driftLines, standingDrifts } from './drift-standing.ts';
import { entriesOf } from './entries.ts';
import type { Truth } from './truth.ts';
import type { World } from './world.ts';

/** Where everything stands, one line each, and whether a person is needed. */
export interface Standing {
  lines: string[];
  needed: boolean;
}

/** What is found amiss, pending, being verified, unapproved, drifted and open, and which rules are in force. */
export async function standingOf(world: World, truth: Truth): Promise<Standing> {
  const open = (await world.forge.pullRequests({ state: 'open' })).map(
    ({ number, title }) => `open        #${number} ${title}`,
  );
  const lines = [
    ...truth.findings.map(({ finding, message }) => `${finding}  ${message}`),
    ...truth.head.faults.map((fault) => `fault       ${printFault(fault)}`),
    ...unitLines(truth),
    ...ruleLines(truth),
  ];
  const unapproved = [
    ...(await divergences(world, truth)).map(divergenceLine),
    ...removedLines(truth),
    ...areaLines(truth),
    ...operationLines(truth, world.clock.now()),
  ];
  const drifts = driftLines(await standingDrifts(world, truth));
  const needed = truth.findings.length + unapproved.length + drifts.length > 0;
  return { lines: [...lines, ...unapproved, ...drifts, ...open], needed };
}

function divergenceLine({ guest, applied, fields }: Divergence): string {
  if (fields.length === 0) return `unapproved  ${guest.name} was never declared by an approved pull request`;
  const each = fields.map((field) => `${field} ${show(guest[field])} (applied: ${show(applied?.[field])})`);
  return `unapproved  ${guest.name}: ${each.join(', ')}`;
}

function unitLines(truth: Truth): string[] {
  return truth.units.flatMap(({ approval, pullRequest, to }) => {
    const name = pullRequest === undefined ? to.slice(0, 7) : `#${pullRequest.number} ${pullRequest.title}`;
    if (!approval.approved) return approval.state === 'stopped' ? [`stopped     ${name}: ${approval.why}`] : [];
    const journal = truth.journals.find(({ entries: [first] }) => first?.kind === 'begun' && first.merge === to);
    const window = journal === undefined ? undefined : entriesOf(journal, 'verifying')[0];
    return [window === undefined ? `pending     ${name}` : `verifying   ${name}, until ${window.until}`];
  });
}

function ruleLines({ rules, head }: Truth): string[] {
  const differing = rulePaths([rules, head]).filter((path) => rules.tree.get(path) !== head.tree.get(path));
  if (differing.length === 0) return [];
  return [
    `rules       those of ${rules.commit.slice(0, 7)} are in force; unapproved on the default branch: ${differing.join(', ')}`,
  ];
}

/** Guests that were applied and are declared no more: nothing is done to them, and somebody must decide. */
function removedLines({ applied, head }: Truth): string[] {
  const gone = Object.entries(applied.targets).filter(([target]) => !head.guests.has(target));
  return gone.map(
    ([target, { declaration }]) =>
      `unapproved  ${declaration.name} (${target}) is no longer declared; nothing is done to it`,
  );
}

/** Files of an area on the default branch that no approved pull request brought: never applied, and somebody must decide. */
function areaLines({ areas, head, units }: Truth): string[] {
  return [...areas].flatMap(([area, { commit, tree }]) => {
    const pending = new Set(
      units.filter(({ approval }) => approval.approved).flatMap(({ difference }) => difference.areas[area]),
    );
    const paths = areaPaths(area, tree, head.tree).filter((path) => !pending.has(path));
    if (paths.length === 0) return [];
    const shown = paths.slice(0, 8).join(', ') + (paths.length > 8 ? ` and ${paths.length - 8} more` : '');
    return [
      `unapproved  ${area}/ (applied: ${commit.slice(0, 7)}): ${shown}; bring these files back by a pull request, then propose them anew`,
    ];
  });
}

/** Requests on the default branch that no approved merge brought: never carried out, and shown until they expire. */
function operationLines({ head, records, units }: Truth, now: number): string[] {
  const asked = units.filter(({ approval }) => approval.approved).flatMap(({ operations }) => operations);
  const known = new Set([...records.flatMap(({ record }) => record.operations ?? []), ...asked.map(({ id }) => id)]);
  return [...head.tree].flatMap(([path, text]) => {
    const read = operationFiles.test(path) ? readOperation(text, path) : undefined;
    if (read?.ok !== true || known.has(read.value.id) || Date.parse(read.value.expiresAt) <= now) return [];
    const { id, remedy, target, expiresAt } = read.value;
    return [
      `unapproved  operation ${id} (${remedy} of ${target}) is not carried out: no approved merge brought it; delete ${path}, or wait until it expires at ${expiresAt}`,
    ];
  });
}

function show(value: unknown): string {
  return value === undefined ? 'nothing' : JSON.stringify(value);
}
