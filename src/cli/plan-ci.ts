import type { Command } from 'commander';
import type { CiEvent } from '../ci/job.ts';
import { stillAsked } from '../ci/still-asked.ts';
import { codeDigest, demandHead, type SynthesizedFile } from '../ci/synthesized.ts';
import type { Truth } from '../deliver/truth.ts';
import type { Ground } from '../deliver/world.ts';
import type { PullRequest } from '../forges/forge.ts';
import { readBoardNotes } from '../ledger/board.ts';
import { planningPass } from '../pipeline/deliver.ts';
import { inJob, jobOf } from './ci.ts';
import { summarise } from './ci-summary.ts';
import type { CliContext } from './context.ts';
import { plainText } from '../records/escape.ts';
import { stackCode } from '../synth/index.ts';
import { readGiven } from './given-stacks.ts';
import { handedOver } from './synth-ci.ts';
import { leftLine, shownLine } from './plan-line.ts';

/**
 * `gitmend plan --ci`: on a pull request that one, on a dispatch the one that it names, otherwise all that are open. Never
 * one from a fork: that is a note and no failure, said before any credential is looked at.
 */
export async function planInCi(program: Command, context: CliContext, synthesized?: string): Promise<void> {
  const job = await jobOf(context);
  const { event } = job;
  if (event.kind === 'pull-request' && event.fork) {
    const note = `#${event.number} comes from a fork: it is not planned, and no secret was read`;
    context.print(note);
    return summarise(context, job, [note]);
  }
  const file = synthesized === undefined ? undefined : await readGiven(handedOver(job, synthesized));
  const lines = await inJob(program, context, { job, role: 'read', synthesized: file }, async ({ ground, truth }) => {
    const { numbers, notes, anew } = await wanted(ground, truth, event, file);
    const pass = await planningPass(ground, numbers, anew);
    if (pass.shown.some(({ result }) => result.state === 'failed')) context.exit(1);
    return [
      ...[...truth.findings, ...pass.truth.findings].map(({ finding, message }) => `${finding}: ${message}`),
      ...notes,
      ...pass.shown.flatMap(({ number, result, unmerged }) => [
        shownLine(number, result),
        ...(unmerged === undefined ? [] : [leftLine(number, unmerged)]),
      ]),
    ];
  });
  // One line each, so that what others wrote cannot begin a line that the runner of the job obeys (`::`).
  const said = lines.length === 0 ? ['no open pull request'] : lines.map((line) => plainText(line, 1000));
  for (const line of said) context.print(line);
  await summarise(context, job, said);
}

/** What a job looks at: pull requests by their numbers, those of them of which everything is read again, and what is said. */
interface Wanted {
  numbers: number[];
  anew: ReadonlySet<number>;
  notes: string[];
}

/** Which open pull requests this job looks at. The forge says what is a fork, whatever the payload said. */
async function wanted(
  ground: Ground,
  truth: Truth,
  event: CiEvent,
  file: SynthesizedFile | undefined,
): Promise<Wanted> {
  const open = await ground.forge.pullRequests({ state: 'open' });
  const number =
    event.kind === 'pull-request' ? event.number : event.kind === 'dispatch' ? event.pullRequest : undefined;
  const named = open.filter((pr) => number === undefined || pr.number === number);
  const forks = named.filter(({ fork }) => fork);
  const notes = forks.map((pr) => `#${pr.number} comes from a fork: it is not planned`);
  // What was closed between the event and now asks for nothing any more.
  if (number !== undefined && named.length === 0) notes.push(`#${number} is not open (any more)`);
  const own = named.filter(({ fork }) => !fork);
  if (event.kind === 'pull-request') {
    for (const pr of own) if (file !== undefined) demandHead(file, pr.head);
    return { numbers: own.map((pr) => pr.number), anew: new Set(), notes };
  }
  const left = await leftOver(ground, open, own);
  const [may, stacks] = await withoutStackCode(ground, truth, [...own, ...left.looked]);
  for (const { number } of left.looked.filter((pr) => may.includes(pr)))
    notes.push(`#${number} was asked for and not planned: it is planned now`);
  for (const { number } of stacks)
    notes.push(
      `#${number} changes stack code: the workflow of the pull request plans it, with its job synth; run that again`,
    );
  const all = event.kind === 'dispatch' && event.anew ? own.map((pr) => pr.number) : [];
  return { numbers: may.map((pr) => pr.number), anew: new Set([...all, ...left.anew]), notes };
}

/** What was asked of jobs that are no more: which pull requests beside `own`, and of which of all everything is read again. */
async function leftOver(
  ground: Ground,
  open: readonly PullRequest[],
  own: readonly PullRequest[],
): Promise<{ looked: PullRequest[]; anew: number[] }> {
  const notes = await readBoardNotes(ground.repo);
  const asked = await Promise.all(
    open.filter(({ fork }) => !fork).map(async (pr) => ({ pr, still: await stillAsked(ground, pr.number, notes) })),
  );
  const looked = asked.filter(({ pr, still }) => still !== undefined && !own.includes(pr)).map(({ pr }) => pr);
  return { looked, anew: asked.flatMap(({ pr, still }) => (still === 'anew' ? [pr.number] : [])) };
}

/** Those that may be planned here, and those whose stack code would have to be run first. */
async function withoutStackCode(
  ground: Ground,
  truth: Truth,
  all: readonly PullRequest[],
): Promise<[PullRequest[], PullRequest[]]> {
  const changes = await Promise.all(all.map((pr) => changesStackCode(ground, truth, pr.head)));
  return [all.filter((_, at) => changes[at] !== true), all.filter((_, at) => changes[at] === true)];
}

/** Whether stack code of it would have to be run, which the job that plans never does. */
async function changesStackCode({ repo }: Ground, truth: Truth, head: string): Promise<boolean> {
  if (truth.rules.config?.terraform?.stackCode !== 'sandbox') return false;
  const merged = await repo.mergeTree(truth.head.commit, head).catch(() => undefined);
  if (merged === undefined || 'conflicts' in merged) return false;
  return codeDigest(stackCode(await repo.tree(merged.tree))) !== codeDigest(stackCode(truth.head.tree));
}
