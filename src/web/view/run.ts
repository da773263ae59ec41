import { isLifeAction } from '../../core/life-action.ts';
import { lifeOrder } from '../../texts/life.ts';
import { isoTime } from '../../core/clock.ts';
import type { JournalEntry, RunRecord } from '../../core/run.ts';
import type { PlanRecord } from '../../core/plan.ts';
import { correlationOf } from '../../core/correlation.ts';
import { noAlertWords, notObservedWords, watchWords } from '../../records/afterwards.ts';
import { capitalised, printChange, printSpan, printValues } from '../../texts/words.ts';
import { type Chart, chartOf } from './chart.ts';
import type { KnownRun } from './runs.ts';
import { windowOf } from './runs.ts';
import { type Stage, stagesOf } from './stages.ts';
import type { PullRequest } from '../../forges/forge.ts';
import { type Chip, outcomeChip } from './words.ts';

export interface StepView {
  name: string;
  where: string;
  change: string;
  how: string;
  state: 'done' | 'sent' | 'ahead';
  /** The effect's own id, when and in what time. */
  effect: string;
  at: string;
  undo: string;
}

export interface Transition {
  at: string;
  /** Of looks that saw the same one after the other: the last of them, and how many they are. */
  until?: string;
  times?: number;
  word: JournalEntry['kind'];
  text: string;
  tone: 'good' | 'bad' | 'attention' | 'quiet';
}

export interface RunView {
  run: string;
  title: string;
  chip: Chip;
  message: string;
  pullRequest: number | undefined;
  target: string;
  stages: Stage[];
  steps: StepView[];
  transitions: Transition[];
  chart: Chart | undefined;
  /** What was to be seen, and for how long. */
  verification: string;
  window: { from: string; until: string } | undefined;
  alertResolvedAt: string | undefined;
  wayBack: string;
  correlation: string | undefined;
  approvedBy: string;
  /** The record as it lies in git; undefined while there is none. */
  record: { path: string; text: string } | undefined;
}

/** What is folded into the record's commit, read back; or what is known of a run that goes on. */
export interface RunInput {
  known: KnownRun;
  plan: PlanRecord | undefined;
  entries: readonly JournalEntry[];
  pr: PullRequest | undefined;
  recordText: string | undefined;
}

/** The page of one run: every step, every transition of its journal, every look, and the record. */
export function runOf({ known, plan, entries, pr, recordText }: RunInput, now: number): RunView {
  const { run, record, path } = known;
  const journal = { run, tip: '', entries: [...entries] };
  const window = windowOf(journal);
  const signal = record?.signal ?? plan?.verification.signal;
  return {
    run,
    title: titleOf(record, plan, pr),
    chip: chipFor(record, window !== undefined, entries.length > 0),
    message: capitalised(record?.message ?? ''),
    pullRequest: record?.pullRequest?.number ?? plan?.pullRequest,
    target: record?.target ?? plan?.steps[0]?.target ?? '',
    stages:
      pr === undefined
        ? []
        : stagesOf({
            pr,
            planned: plan === undefined ? undefined : { at: plan.shownAt, accepted: true },
            journal,
            record,
          }),
    steps: stepsOf(plan, record, entries),
    transitions: together(entries.map((entry) => transitionOf(entry, plan))),
    chart:
      window === undefined
        ? undefined
        : chartOf(
            entries.filter((entry) => entry.kind === 'look'),
            window.from,
            window.until,
            record === undefined ? now : window.until,
          ),
    verification: verificationWords(plan, window),
    window: window === undefined ? undefined : { from: isoTime(window.from), until: isoTime(window.until) },
    alertResolvedAt: record?.verification?.alertResolvedAt,
    wayBack: wayBackOf(record),
    correlation: signal === undefined ? undefined : correlationOf(signal),
    approvedBy: approvedBy(record, known),
    record: recordText === undefined || path === undefined ? undefined : { path, text: recordText },
  };
}

function titleOf(record: RunRecord | undefined, plan: PlanRecord | undefined, pr: PullRequest | undefined): string {
  if (record?.outcome === 'adopted') return 'The repository was adopted';
  return (
    record?.pullRequest?.title ??
    pr?.title ??
    plan?.steps.map(({ name, after }) => `${name}: ${printValues(after)}`).join('; ') ??
    ''
  );
}

function chipFor(record: RunRecord | undefined, verifying: boolean, begun: boolean): Chip {
  if (record !== undefined) return outcomeChip(record.outcome, record.reason);
  if (verifying) return { tone: 'busy', word: 'verifying', means: 'applied, and observed now' };
  return begun
    ? { tone: 'busy', word: 'applying', means: 'the runner is at it' }
    : { tone: 'busy', word: 'pending', means: 'merged as approved and not yet applied' };
}

function stepsOf(
  plan: PlanRecord | undefined,
  record: RunRecord | undefined,
  entries: readonly JournalEntry[],
): StepView[] {
  if (plan === undefined) {
    return (record?.steps ?? []).map((step) => ({
      ...{
        name: record?.name ?? step.target,
        where: step.target,
        change: printValues(step.after),
        how: '',
        state: 'done' as const,
      },
      ...{ effect: `${step.effect}, ${step.took}`, at: step.at, undo: step.undo },
    }));
  }
  return plan.steps.map((step, index) => {
    const applied = entries.find((entry) => entry.kind === 'applied' && entry.index === index);
    const sent = entries.some((entry) => entry.kind === 'intended' && entry.index === index);
    const done = applied?.kind === 'applied' ? applied : undefined;
    return {
      name: step.name,
      where: step.where,
      change: step.changes.map(({ field, before, after, unit }) => printChange(field, before, after, unit)).join(', '),
      how: step.destroys
        ? 'destroys it'
        : step.live
          ? 'live'
          : step.kind === 'stop-guest'
            ? 'it is down from then on'
            : step.reboots
              ? 'reboot: it is down meanwhile'
              : 'waits for the reboot',
      state: done !== undefined ? 'done' : sent ? 'sent' : 'ahead',
      effect: done === undefined ? '' : effectWords(done.effect, done.took),
      at: done?.at ?? '',
      undo:
        step.inverse === 'irreversible'
          ? 'cannot be undone'
          : isLifeAction(step.inverse)
            ? lifeOrder(step.inverse)
            : step.inverse.kind === 'set-guest-config'
              ? printValues(step.inverse.set)
              : 'reboot',
    };
  });
}

function effectWords(effect: string, took: number): string {
  return effect.startsWith('observed')
    ? 'found as approved: nothing was sent'
    : `${effect.replace(/^([0-9a-f]{12})[0-9a-f]{28}$/, 'config digest $1…')}, in ${(took / 1000).toFixed(took < 100 ? 2 : 1)} s`;
}

/** Looks that saw the same are one line, and say how many they are. */
function together(all: readonly Transition[]): Transition[] {
  return all.reduce<Transition[]>((lines, next) => {
    const last = lines.at(-1);
    if (last?.word !== 'look' || next.word !== 'look' || last.text !== next.text) return [...lines, next];
    return [...lines.slice(0, -1), { ...last, until: next.at, times: (last.times ?? 1) + 1 }];
  }, []);
}

function transitionOf(entry: JournalEntry, plan: PlanRecord | undefined): Transition {
  const step = (index: number) =>
    `step ${index + 1}${plan?.steps[index] === undefined ? '' : `: ${plan.steps[index].name}`}`;
  const common = { at: entry.at, word: entry.kind };
  switch (entry.kind) {
    case 'begun':
      return { ...common, tone: 'quiet', text: `by ${entry.writer.host}, process ${entry.writer.pid}` };
    case 'intended':
      return { ...common, tone: 'quiet', text: `${step(entry.index)}: about to be sent` };
    case 'withdrawn':
      return { ...common, tone: 'attention', text: `${step(entry.index)}: refused before it was sent: ${entry.why}` };
    case 'applied':
      return { ...common, tone: 'good', text: `${step(entry.index)}: ${effectWords(entry.effect, entry.took)}` };
    case 'verifying':
      return { ...common, tone: 'quiet', text: `until ${entry.until.slice(11)}` };
    case 'look':
      return {
        ...common,
        tone: lookTones[entry.state],
        text: `${entry.state.replace('-', ' ')}: ${entry.why}`,
      };
    case 'ended':
      return {
        ...common,
        tone: entry.outcome === 'verified' ? 'good' : 'attention',
        text: `${entry.outcome}${entry.message === '' ? '' : `: ${entry.message}`}`,
      };
  }
}

const lookTones = { holds: 'good', fails: 'bad', 'cannot-tell': 'attention' } as const;

function verificationWords(plan: PlanRecord | undefined, window: { from: number; until: number } | undefined): string {
  const seconds = plan?.verification.window ?? (window === undefined ? 0 : (window.until - window.from) / 1000);
  if (plan === undefined || seconds === 0) return '';
  const { verification: asked } = plan;
  const verified = `Verified when for ${printSpan(seconds)} ${asked.words}${watchWords(asked)}.`;
  const others = [notObservedWords(asked.notObserved ?? []), noAlertWords(asked)].filter((part) => part !== '');
  return [verified, ...others].join(' ');
}

function wayBackOf(record: RunRecord | undefined): string {
  const back = record?.wayBack;
  if (back === undefined) return '';
  if ('pullRequest' in back) return `#${back.pullRequest} proposes the way back.`;
  return `The way back is not proposed: ${back.not}.${back.helps.length === 0 ? '' : ` What helps: ${back.helps.join('; ')}.`}`;
}

function approvedBy(record: RunRecord | undefined, { unit }: KnownRun): string {
  const approval = unit?.approval;
  const names = record?.pullRequest?.approvedBy ?? (approval?.approved === true ? approval.approvedBy : []);
  return names.join(', ');
}
