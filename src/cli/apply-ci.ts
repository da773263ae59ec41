import type { Command } from 'commander';
import { isoTime } from '../core/clock.ts';
import { GitmendError } from '../core/errors.ts';
import { plannedNumbers } from '../deliver/plans.ts';
import type { Ground } from '../deliver/world.ts';
import { runnerPass, type RunnerPass } from '../pipeline/deliver.ts';
import { plainText } from '../records/escape.ts';
import { inJob, jobOf, type OpenJob } from './ci.ts';
import { dispatchPlans } from './ci-dispatch.ts';
import { summarise } from './ci-summary.ts';
import type { CliContext } from './context.ts';

/** Milliseconds between two passes while something waits: the first, and the longest. */
const pause = { first: 5_000, longest: 60_000 };

/** Outcomes after which a person has to look: the job that brought one is red. */
const bad: readonly string[] = ['not-applied', 'not-verified', 'inconclusive', 'regressed', 'unknown'];

/**
 * `gitmend apply --ci` and `reconcile --ci`: what the built-in runner does, for as long as something is due within `wait`
 * milliseconds. What is due later, or is held by another job, goes on in the next one: nothing is lost by ending.
 */
export async function applyInCi(program: Command, context: CliContext, wait: number): Promise<void> {
  const job = await jobOf(context);
  // A pull request is not merged yet: a job of it, whose workflow it may have brought itself, applies nothing.
  if (job.event.kind === 'pull-request')
    throw new GitmendError('CI_ENVIRONMENT', 'a job of a pull request plans, and never applies');
  const lines: string[] = [];
  const say = (line: string): void => {
    const plain = plainText(line, 1000);
    lines.push(plain);
    context.print(plain);
  };
  try {
    await inJob(program, context, { job, role: 'write' }, (open) => work(open, context, say, wait));
  } finally {
    await summarise(context, job, lines);
  }
}

async function work(
  { ground, truth }: OpenJob,
  context: CliContext,
  say: (line: string) => void,
  wait: number,
): Promise<void> {
  // The pointer was put right when the job was let in, so no pass finds it amiss again.
  for (const { finding, message } of truth.findings) say(`${finding}: ${message}`);
  const known = new Set(truth.records.map(({ record }) => record.run));
  const pass = await passes(ground, say, ground.clock.now() + wait);
  if (pass.next !== undefined) say(`verification goes on in the next reconcile, from ${isoTime(pass.next)}`);
  const { records } = pass.truth;
  const ended = records.filter(({ record }) => !known.has(record.run));
  if (ended.some(({ record }) => bad.includes(record.outcome)) || pass.failed.length > 0) context.exit(1);
  for (const error of pass.failed) say(error.print());
  if (pass.events.length === 0 && ended.length === 0 && pass.next === undefined && pass.waiting.length === 0)
    say('everything that is merged is applied');
  await planOthers(context, ground);
}

/** Passes until nothing is due before `until`. Returns the last one, with the events of all. */
async function passes(ground: Ground, say: (line: string) => void, until: number): Promise<RunnerPass> {
  const events: string[] = [];
  const waited = new Set<string>();
  for (let slow = pause.first; ;) {
    const pass = await runnerPass(ground);
    for (const event of pass.events) say(event);
    events.push(...pass.events);
    for (const why of pass.waiting) if (!waited.has(why)) say(`waiting: ${why}`);
    for (const why of pass.waiting) waited.add(why);
    const now = ground.clock.now();
    const next = pass.next ?? (pass.waiting.length > 0 ? now + slow : undefined);
    if (next === undefined || next > until) return { ...pass, events };
    if (pass.next === undefined) slow = Math.min(2 * slow, pause.longest);
    await ground.clock.sleep(Math.max(50, next - now));
  }
}

/** What this account opened and could not plan, and what was opened while nobody looked, is planned by a job that may only read. */
async function planOthers(context: CliContext, { repo, forge }: Ground): Promise<void> {
  await repo.fetch();
  const planned = new Set(await plannedNumbers(repo));
  const open = await forge.pullRequests({ state: 'open' });
  const without = open.filter((pr) => !pr.fork && !planned.has(pr.number));
  await dispatchPlans(
    context,
    forge,
    without.map(({ number }) => number),
  );
}
