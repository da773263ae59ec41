import type { Edits } from '../core/change-set.ts';
import { isGitmendError } from '../core/errors.ts';
import { branchOf, fingerprintOf } from '../core/fingerprint.ts';
import type { Json } from '../core/json.ts';
import type { PlanRecord } from '../core/plan.ts';
import type { RunRecord } from '../core/run.ts';
import { isFinal, type Step } from '../core/step.ts';
import { backTo } from '../declarations/guest/index.ts';
import { editYaml, type YamlEdit } from '../editors/yaml.ts';
import type { Journal } from '../ledger/journal.ts';
import { predicateOf, type InverseJudgement } from '../planners/index.ts';
import { printWayOut } from '../records/ways-out.ts';
import { areaRevert } from './area-back.ts';
import type { Ending } from './ending.ts';
import { entriesOf } from './entries.ts';
import { figureOf } from './looks.ts';
import { openOwn, type OwnPullRequest } from './own-pull-request.ts';
import type { JudgedUnit } from './truth.ts';
import type { World } from './world.ts';

/** Whether the way back is proposed, for the record and the comment of a run that did not help. */
export type Back = NonNullable<RunRecord['wayBack']>;

/** Proposes the revert of what did not help, if going back passes the remedy's own pre-checks now; else says why not. */
export async function goBack(
  world: World,
  unit: JudgedUnit,
  plan: PlanRecord,
  journal: Journal | undefined,
  ending: Ending,
): Promise<Back> {
  const first = plan.steps[0];
  if (first === undefined) return { not: 'nothing was changed', helps: [] };
  const created = plan.steps.find(({ kind }) => kind === 'create-guest');
  if (created !== undefined)
    return { not: `${created.name} is there now`, helps: ['a pull request that takes its file away removes it'] };
  const changed = plan.steps.find(
    (step) => (step.kind === 'change-guest' || step.kind === 'change-stack') && !isFinal(step),
  );
  if (changed !== undefined)
    return {
      not: `what Terraform changed of ${changed.name} has no inverse`,
      helps: ['a pull request that reverts it'],
    };
  const ran = plan.steps.find(({ kind }) => kind === 'run-playbook');
  if (ran !== undefined && plan.steps.every(({ kind }) => kind === 'run-playbook')) {
    const wanted = await areaRevert(world, unit, plan, ending.message);
    return 'not' in wanted ? { not: wanted.not, helps: ['a pull request that reverts it'] } : propose(world, wanted);
  }
  if (ran !== undefined)
    return {
      not: `what ${ran.where} did has no inverse`,
      helps: ['a pull request that reverts it, with a check of its own'],
    };
  const irreversible = plan.steps.find(({ inverse }) => inverse === 'irreversible');
  if (irreversible !== undefined) return { not: `what was done to ${irreversible.name} cannot be undone`, helps: [] };
  const judged = plan.steps.map((step) => judge(plan, step, journal, ending));
  const unsafe = judged.find(({ safe }) => !safe);
  if (unsafe !== undefined) return { not: unsafe.why, helps: unsafe.helps };
  const edits = await backEdits(world, unit);
  if (edits === undefined)
    return { not: 'a file of it cannot be edited in one place', helps: ['a pull request that reverts it'] };
  const fingerprint = fingerprintOf('revert', first.target, Object.keys(first.after).join('+'));
  const { title, body } = printWayOut({
    kind: 'revert',
    name: first.name,
    where: first.where,
    remedy: 'revert',
    fingerprint,
    cause: { pullRequest: plan.pullRequest },
    why: ending.message,
    changes: plan.steps.flatMap(({ before, after }) =>
      Object.keys(after).map((field) => ({ field, before: after[field] ?? null, after: before[field] ?? null })),
    ),
    safe: judged[0]?.why ?? '',
  });
  const branch = branchOf('revert', first.name, fingerprint);
  return propose(world, { branch, title, body, labels: ['gitmend', 'revert'], edits, fingerprint });
}

/** A forge that refuses holds up no record: what is said then is why, and how a person has it opened. */
async function propose(world: World, wanted: OwnPullRequest): Promise<Back> {
  try {
    const opened = await openOwn(world, wanted);
    return opened === undefined
      ? { not: 'the declaration has changed since, or the way back was declined', helps: [] }
      : { pullRequest: opened.number };
  } catch (error) {
    if (!isGitmendError(error, 'FORGE_REFUSED')) throw error;
    world.log('way-back-refused', { branch: wanted.branch, why: error.message });
    return { not: `${refusedBack}${error.message}`, helps: ['mend that, then comment /rollback here'] };
  }
}

const refusedBack = 'it could not be opened: ';

/** For the line that a pass says of a run: only what somebody has to mend before there is a way back. */
export function refusalIn(back: Back | undefined): string {
  return back !== undefined && 'not' in back && back.not.startsWith(refusedBack) ? `; the way back: ${back.not}` : '';
}

function judge(plan: PlanRecord, step: Step, journal: Journal | undefined, ending: Ending): InverseJudgement {
  const facts = ending.facts?.get(step.target) ?? {};
  const looks = journal === undefined ? [] : entriesOf(journal, 'look');
  const cap = numberOf(step.after['memory']);
  const usages = looks
    .map(({ observed }) => figureOf(observed, step.target, 'usage'))
    .filter((value) => typeof value === 'number');
  const peak = cap === undefined || usages.length === 0 ? undefined : Math.max(...usages) * cap * 2 ** 20;
  return predicateOf(plan.verification.predicate).inverseSafe({
    facts,
    back: step.before,
    now: step.after,
    peakSinceApply: peak,
  });
}

/** The same fields as they were declared before the merge, in today's files. */
async function backEdits(world: World, unit: JudgedUnit): Promise<Edits | undefined> {
  const head = await world.declaredAt((await world.repo.tip(`refs/heads/${world.forge.defaultBranch}`)) ?? unit.to);
  const before = await world.declaredAt(unit.from);
  const edits = new Map<string, string>();
  for (const [target, fields] of unit.difference.fields) {
    const [was, is] = [before.guests.get(target), head.guests.get(target)];
    if (was === undefined || is === undefined) continue;
    const values = fields.flatMap((field) => backTo(field, was, is));
    const text = edited(edits.get(is.file) ?? head.tree.get(is.file) ?? '', values);
    if (text === undefined) return undefined;
    edits.set(is.file, text);
  }
  return edits;
}

/** A list that is written line by line has no smallest edit. */
function edited(text: string, values: readonly YamlEdit[]): string | undefined {
  try {
    return editYaml(text, values);
  } catch (error) {
    if (isGitmendError(error, 'CONFIG_INVALID')) return undefined;
    throw error;
  }
}

function numberOf(value: Json | undefined): number | undefined {
  return typeof value === 'number' ? value : undefined;
}
