import { isGitmendError } from '../core/errors.ts';
import type { PlanRecord } from '../core/plan.ts';
import { type Step, touchesOf } from '../core/step.ts';
import type { RunRecord } from '../core/run.ts';
import type { Journal } from '../ledger/journal.ts';
import {
  closeVerifying,
  isBad,
  parseRunComment,
  printRunComment,
  runMarker,
  type RunNews,
} from '../records/run-comment.ts';
import { printValues } from '../texts/words.ts';
import { entriesOf } from './entries.ts';
import { wholeWords } from './step-words.ts';
import type { World } from './world.ts';

/** Says that a plan was applied, and what the last look saw of it; the comment that good news edits. */
export async function sayApplied(world: World, plan: PlanRecord, journal: Journal): Promise<void> {
  if (plan.steps.length === 0) return;
  const applied = entriesOf(journal, 'applied');
  const last = applied.at(-1);
  const window = entriesOf(journal, 'verifying')[0];
  if (last === undefined || window === undefined) return;
  await say(world, plan.pullRequest, {
    state: 'verifying',
    run: journal.run,
    mergedBy: '',
    at: last.at,
    took: applied.reduce((sum, { took }) => sum + took, 0) / 1000,
    what: plan.steps.map((step) => wholeWords(step) ?? printValues(step.after)).join(', '),
    ...(plan.steps.some(comesOrGoes) ? {} : { live: plan.steps.every(({ live }) => live) }),
    foundDone: applied.every(({ effect }) => effect.startsWith('observed')),
    until: window.until,
    notes: window.notes ?? [],
    figures: entriesOf(journal, 'look').at(-1)?.observed ?? {},
  });
}

function comesOrGoes(step: Step): boolean {
  return ['create-guest', 'destroy-guest', 'run-playbook'].includes(step.kind) || touchesOf(step) !== undefined;
}

/** What there is to say of a run that ended. */
export interface Ended {
  record: RunRecord;
  /** Commit of the chain that holds the record. */
  tip: string;
  journal: Journal | undefined;
}

/**
 * Says how a run ended: good news in the run's one comment, bad news in one of its own that mentions who merged. Then
 * the run's comment says no longer that anything is awaited.
 */
export async function sayEnded(world: World, { record, tip, journal }: Ended): Promise<void> {
  const news = newsOf(record, tip, journal);
  if (news === undefined) return;
  await say(world, record.pullRequest?.number, news);
  if (isBad(news.state)) await closeApplied(world, record);
}

/** Only where an apply was said: a journal that somebody else wrote makes nobody say so now. */
async function closeApplied(world: World, { run, outcome, at, pullRequest }: RunRecord): Promise<void> {
  if (pullRequest === undefined || outcome === 'no-change' || outcome === 'report-only') return;
  const comments = await world.forge.comments(pullRequest.number);
  const own = comments.find(({ author, body }) => author === world.forge.self && parseRunComment(body)?.run === run);
  const closed = own === undefined ? undefined : closeVerifying(own.body, outcome, at);
  if (closed !== undefined) await comment(world, pullRequest.number, runMarker(run), closed);
}

function newsOf(record: RunRecord, tip: string, journal: Journal | undefined): RunNews | undefined {
  const common = { run: record.run, mergedBy: record.pullRequest?.mergedBy ?? '', at: record.at };
  const why = record.message ?? '';
  switch (record.outcome) {
    case 'verified':
      return verified(record, tip, journal);
    case 'not-verified':
      return { ...common, state: 'not-verified', why, ...backWords(record.wayBack) };
    case 'inconclusive':
    case 'regressed':
      return { ...common, state: record.outcome, why };
    case 'superseded':
      return { ...common, state: 'superseded', by: Number(/#(\d+)/.exec(why)?.[1] ?? 0) };
    case 'unknown':
      return {
        ...common,
        state: 'unknown',
        why,
        look: lookWords(record),
      };
    case 'not-applied':
      return notAppliedNews(record, []);
    default:
      return undefined;
  }
}

/** A host has no declaration that could be edited to what is: its files go back first. */
function lookWords({ target, name = 'the target' }: RunRecord): string {
  if (target?.startsWith('ansible/') !== true)
    return `look at ${name}, then change the declaration by a pull request to what shall be`;
  return `look at the hosts of ${name}; gitmend opens the pull request that takes ansible/ back (gitmend status names the files), whose check shows host by host what is left: merge it, then propose the change again`;
}

function backWords(back: RunRecord['wayBack']): {
  back: { pullRequest: number } | { not: string };
  helps: readonly string[];
} {
  if (back === undefined) return { back: { not: 'nothing is known that could be taken back' }, helps: [] };
  return 'not' in back ? { back: { not: back.not }, helps: back.helps } : { back, helps: [] };
}

/** The comment of a stopped run, with the ways out as far as they are open. */
export function notAppliedNews(record: RunRecord, waysOut: readonly { words: string; pullRequest: number }[]): RunNews {
  const reason = (record.reason ?? 'stale') as (RunNews & { state: 'not-applied' })['reason'];
  const common = { run: record.run, mergedBy: record.pullRequest?.mergedBy ?? '' };
  return {
    ...common,
    state: 'not-applied',
    reason,
    why: record.message ?? '',
    touched: (record.steps ?? []).length > 0,
    waysOut,
  };
}

function verified(record: RunRecord, tip: string, journal: Journal | undefined): RunNews | undefined {
  if (record.steps === undefined || record.steps.length === 0) return undefined;
  const window = Number.parseInt(record.verification?.window ?? '0', 10);
  return {
    state: 'verified',
    run: record.run,
    mergedBy: record.pullRequest?.mergedBy ?? '',
    at: record.at,
    window,
    figures: journal === undefined ? [] : entriesOf(journal, 'look').map(({ observed }) => observed),
    ...(record.verification?.alertResolvedAt === undefined
      ? {}
      : { alertResolvedAt: record.verification.alertResolvedAt }),
    ...(record.signal === undefined ? {} : { beganAt: record.signal.startsAt }),
    notObserved: record.verification?.notObserved ?? [],
    notes: journal === undefined ? [] : (entriesOf(journal, 'verifying')[0]?.notes ?? []),
    record: `gitmend/records@${tip.slice(0, 7)}`,
  };
}

/** Keeps one comment on a pull request; a run without one has nobody to tell. */
export async function say(world: World, pullRequest: number | undefined, news: RunNews): Promise<void> {
  if (pullRequest === undefined) return;
  const { marker, body } = printRunComment(news);
  await comment(world, pullRequest, marker, body);
}

/** Where the forge refuses it (a locked conversation, a blocked account) the log says so: words stop no run. */
async function comment(world: World, pullRequest: number, marker: string, body: string): Promise<void> {
  try {
    await world.forge.ensureComment(pullRequest, marker, body);
  } catch (error) {
    if (!isGitmendError(error, 'FORGE_REFUSED')) throw error;
    world.log('not-said', { pullRequest, why: error.message });
  }
}
