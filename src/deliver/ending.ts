import { areaOfTarget } from '../core/area.ts';
import { isLifeAction } from '../core/life-action.ts';
import { lifeOrder } from '../texts/life.ts';
import { isoTime } from '../core/clock.ts';
import type { Facts } from '../core/fact.ts';
import type { RunOutcome, StopReason } from '../core/outcome.ts';
import type { PlanRecord } from '../core/plan.ts';
import { type JournalEntry, type RunRecord, runId, type StepRecord } from '../core/run.ts';
import type { Target } from '../core/target.ts';
import { correlationIn } from '../core/correlation.ts';
import { digestOf } from '../core/json.ts';
import type { PullRequest } from '../forges/forge.ts';
import { type Journal, journalGone } from '../ledger/journal.ts';
import { releaseLeft } from '../ledger/locks.ts';
import { appendRecord, type Folded, recordsRef, type StoredRecord } from '../ledger/records.ts';
import { beforeAndAfter } from '../records/figures.ts';
import { printJournalEntry } from '../records/journal.ts';
import { printWholePlan } from '../records/plan-comment.ts';
import { printPlanRecord, recordDigest } from '../records/plan-record.ts';
import { printValues } from '../texts/words.ts';
import { sayEnded } from './comments.ts';
import { entriesOf } from './entries.ts';
import { goBack, refusalIn } from './going-back.ts';
import { unseenThroughout } from './not-observed.ts';
import { noteOn } from './notes.ts';
import { append } from './own-journal.ts';
import { plannedNumbers, plansGone } from './plans.ts';
import { appliedBy, type JudgedUnit } from './truth.ts';
import type { World } from './world.ts';

/** How a run ended, before it is written down. */
export interface Ending {
  outcome: RunOutcome;
  reason?: StopReason;
  message: string;
  resolvedAt?: string;
  /** Last facts by target, for the judgement whether going back would be safe. */
  facts?: ReadonlyMap<Target, Facts>;
}

/**
 * Ends a run: journal, record (with plan, comment and journal folded in), note, then the refs go, then the comment. A
 * stop anywhere in between is repaired by the next pass, which finds the record or writes it. Returns one line.
 */
export async function endRun(
  world: World,
  unit: JudgedUnit,
  plan: PlanRecord | undefined,
  journal: Journal | undefined,
  ending: Ending,
): Promise<string> {
  const now = world.clock.now();
  const ended = journal === undefined ? undefined : await endJournal(world, journal, ending, now);
  const back =
    ending.outcome === 'not-verified' && plan !== undefined
      ? { wayBack: await goBack(world, unit, plan, ended, ending) }
      : {};
  const record = { ...recordOf(unit, plan, ended, ending, now), ...back };
  const folded = foldedOf(plan, ended);
  const { chain } = await appendRecord(world.repo, record, { at: now, folded, signingKey: world.signingKey });
  if (chain.tip !== undefined) await world.seenRecords.write(chain.tip);
  const words = ending.reason === undefined ? ending.outcome : `${ending.outcome} ${ending.reason}`;
  await noteOn(world.repo, unit.to, `gitmend: ${words}\nrun: ${record.run}\n`, now);
  await sayEnded(world, { record, tip: chain.tip ?? '', journal: ended });
  await forget(world, record.run, ended, unit.pullRequest);
  world.log('ended', {
    ...correlationIn(record.signal),
    run: record.run,
    outcome: ending.outcome,
    reason: ending.reason,
  });
  return `#${unit.pullRequest?.number ?? ''} ${ending.outcome}${ending.reason === undefined ? '' : ` (${ending.reason})`}: ${ending.message}${refusalIn(record.wayBack)}`;
}

/**
 * Finishes what a stop between record and comment left: the journal of a run that has its record already, and the plan
 * of one that was stopped before it had a journal.
 */
export async function finishEnded(
  world: World,
  journals: readonly Journal[],
  records: readonly StoredRecord[],
): Promise<void> {
  for (const journal of journals) {
    const record = records.find((stored) => stored.record.run === journal.run)?.record;
    if (record !== undefined) await finish(world, record, journal);
  }
  for (const number of await plannedNumbers(world.repo)) {
    const record = records.findLast((stored) => stored.record.pullRequest?.number === number)?.record;
    const stopped = record?.outcome === 'not-applied' && !journals.some(({ run }) => run === record.run);
    if (stopped) await finish(world, record, undefined);
  }
}

async function finish(world: World, record: RunRecord, journal: Journal | undefined): Promise<void> {
  await sayEnded(world, { record, tip: (await world.repo.tip(recordsRef)) ?? '', journal });
  await forget(world, record.run, journal, await pullRequestOf(world, record));
}

async function endJournal(world: World, journal: Journal, ending: Ending, now: number): Promise<Journal> {
  if (entriesOf(journal, 'ended').length > 0) return journal;
  const { outcome, reason, message } = ending;
  const entry: JournalEntry = { kind: 'ended', outcome, reason: reason ?? '', message, at: isoTime(now) };
  return (await append(world, journal, entry)) ?? journal;
}

function recordOf(
  unit: JudgedUnit,
  plan: PlanRecord | undefined,
  journal: Journal | undefined,
  ending: Ending,
  now: number,
): RunRecord {
  const { pullRequest: pr, approval } = unit;
  const approvedBy = approval.approved ? approval.approvedBy : [];
  const applied = appliedIn(unit, plan, journal, ending.outcome);
  return {
    version: 1,
    run: plan === undefined ? digestOf({ merge: unit.to }).slice(7, 47) : runId(unit.to, plan.actions),
    outcome: ending.outcome,
    ...(ending.reason === undefined ? {} : { reason: ending.reason }),
    message: ending.message,
    ...(plan === undefined || plan.remedy === '' ? {} : { remedy: plan.remedy, fingerprint: plan.fingerprint }),
    ...about(unit, plan),
    ...(plan?.verification.signal === undefined ? {} : { signal: plan.verification.signal }),
    ...(pr === undefined
      ? {}
      : {
          pullRequest: {
            number: pr.number,
            head: pr.head,
            merge: unit.to,
            approvedBy,
            mergedBy: pr.mergedBy ?? '',
            title: pr.title,
          },
        }),
    ...(plan === undefined
      ? {}
      : {
          plan: { record: recordDigest(plan), actions: plan.actions },
          steps: ending.outcome === 'not-applied' ? [] : stepRecords(plan, journal),
        }),
    ...(unit.operations.length === 0 ? {} : { operations: unit.operations.map(({ id }) => id) }),
    ...(applied === undefined ? {} : { applied }),
    ...verificationIn(plan, journal, ending),
    at: isoTime(now),
  };
}

/** What the run is about: the first step's target, else the first one that the merge declares otherwise. */
function about(unit: JudgedUnit, plan: PlanRecord | undefined): Pick<RunRecord, 'target' | 'name'> {
  const step = plan?.steps[0];
  if (step !== undefined) return { target: step.target, name: step.name };
  const declared = [...unit.difference.fields.keys(), ...unit.operations.map((operation) => operation.target)];
  const [target] = [...declared, ...unit.areas];
  return target === undefined ? {} : { target };
}

/** What became applied: everything where the run went through; of one that stopped half-way, the targets that are done. */
function appliedIn(
  unit: JudgedUnit,
  plan: PlanRecord | undefined,
  journal: Journal | undefined,
  outcome: RunOutcome,
): RunRecord['applied'] {
  if (outcome === 'not-applied' || plan === undefined) return undefined;
  const all = appliedBy(unit);
  if (outcome !== 'unknown') return all;
  const applied = new Set(journal === undefined ? [] : entriesOf(journal, 'applied').map(({ index }) => index));
  const undone = new Set(plan.steps.filter((_, index) => !applied.has(index)).map(({ target }) => target));
  const fields = Object.fromEntries(Object.entries(all.fields).filter(([target]) => !undone.has(target)));
  const done = (all.areas ?? []).filter((area) => ![...undone].some((target) => areaOfTarget(target) === area));
  if (Object.keys(fields).length + done.length === 0) return undefined;
  return { merge: all.merge, fields, ...(done.length === 0 ? {} : { areas: done }) };
}

function stepRecords(plan: PlanRecord, journal: Journal | undefined): StepRecord[] {
  const applied = journal === undefined ? [] : entriesOf(journal, 'applied');
  return applied.flatMap(({ index, effect, took, at }) => {
    const step = plan.steps[index];
    if (step === undefined) return [];
    const { target, before, after, action, inverse } = step;
    const undo =
      inverse === 'irreversible'
        ? inverse
        : isLifeAction(inverse)
          ? lifeOrder(inverse)
          : inverse.kind === 'set-guest-config'
            ? `set ${printValues(inverse.set)}`
            : 'reboot';
    const words =
      action.kind === 'set-guest-config'
        ? `set ${Object.keys(action.set).join(', ')}`
        : action.kind === 'reboot-guest'
          ? 'reboot'
          : isLifeAction(action)
            ? lifeOrder(action)
            : action.kind === 'destroy-guest'
              ? 'destroy'
              : action.kind === 'run-playbook'
                ? `ansible-playbook ${action.playbook}`
                : 'terraform apply';
    return [
      { target, action: words, before, after, at, took: `${(took / 1000).toFixed(took < 100 ? 2 : 1)}s`, effect, undo },
    ];
  });
}

function verificationIn(
  plan: PlanRecord | undefined,
  journal: Journal | undefined,
  ending: Ending,
): Pick<RunRecord, 'verification'> {
  const looks = journal === undefined ? [] : entriesOf(journal, 'look');
  if (plan === undefined || looks.length === 0) return {};
  const resolved = ending.resolvedAt === undefined ? {} : { alertResolvedAt: ending.resolvedAt };
  const figures = looks.map(({ observed }) => observed);
  const observed = beforeAndAfter(plan.verification.before ?? {}, figures);
  const unseen = unseenThroughout(looks);
  const named = unseen.length === 0 ? {} : { notObserved: unseen };
  const window = `${plan.verification.window}s`;
  return { verification: { window, looks: looks.length, observed, ...named, ...resolved } };
}

function foldedOf(plan: PlanRecord | undefined, journal: Journal | undefined): Folded {
  return {
    ...(plan === undefined ? {} : { 'plan.json': printPlanRecord(plan), 'comment.md': printWholePlan(plan) }),
    ...(journal === undefined ? {} : { 'journal.txt': journal.entries.map(printJournalEntry).join('\n') }),
  };
}

/**
 * Once the record is pushed, plan and journal are in it: every ref that stays is paid for by every push. They go last:
 * as long as one of them is there, the next pass finishes what a stop left.
 */
async function forget(
  world: World,
  run: string,
  journal: Journal | undefined,
  pr: PullRequest | undefined,
): Promise<void> {
  await releaseLeft(world.repo, run);
  await deleteBranch(world, pr);
  const plans = pr === undefined ? [] : await plansGone(world.repo, pr.number);
  await world.repo.push([...(journal === undefined ? [] : [journalGone(journal)]), ...plans]);
  await world.ownRuns.note(run, undefined);
}

/** A merged branch of gitmend's own goes, unless somebody pushed to it since. */
async function deleteBranch(world: World, pr: PullRequest | undefined): Promise<void> {
  if (pr === undefined || pr.author !== world.forge.self || !pr.branch.startsWith('gitmend/')) return;
  const ref = `refs/heads/${pr.branch}`;
  if ((await world.repo.tip(ref)) === pr.head) await world.repo.push([{ ref, from: pr.head, to: null }]);
}

async function pullRequestOf(world: World, { pullRequest }: RunRecord): Promise<PullRequest | undefined> {
  return pullRequest === undefined ? undefined : world.forge.pullRequest(pullRequest.number);
}
