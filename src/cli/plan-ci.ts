import type { Command } from 'commander';
import type { CiEvent } from '../ci/job.ts';
import type { Ground } from '../deliver/world.ts';
import { planningPass } from '../pipeline/deliver.ts';
import { inJob, jobOf } from './ci.ts';
import { summarise } from './ci-summary.ts';
import type { CliContext } from './context.ts';
import { plainText } from '../records/escape.ts';
import { leftLine, shownLine } from './plan-line.ts';

/**
 * `gitmend plan --ci`: on a pull request that one, on a dispatch the one that it names, otherwise all that are open. Never
 * one from a fork: that is a note and no failure, said before any credential is looked at.
 */
export async function planInCi(program: Command, context: CliContext): Promise<void> {
  const job = await jobOf(context);
  const { event } = job;
  if (event.kind === 'pull-request' && event.fork) {
    const note = `#${event.number} comes from a fork: it is not planned, and no secret was read`;
    context.print(note);
    return summarise(context, job, [note]);
  }
  const lines = await inJob(program, context, { job, role: 'read' }, async ({ ground, truth }) => {
    const { numbers, notes } = await wanted(ground, event);
    const pass = await planningPass(ground, numbers, event.kind === 'dispatch' && event.anew);
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

/** Which open pull requests this job looks at. The forge says what is a fork, whatever the payload said. */
async function wanted({ forge }: Ground, event: CiEvent): Promise<{ numbers: number[]; notes: string[] }> {
  const open = await forge.pullRequests({ state: 'open' });
  const number =
    event.kind === 'pull-request' ? event.number : event.kind === 'dispatch' ? event.pullRequest : undefined;
  const asked = open.filter((pr) => number === undefined || pr.number === number);
  const forks = asked.filter(({ fork }) => fork);
  const notes = forks.map((pr) => `#${pr.number} comes from a fork: it is not planned`);
  // What was closed between the event and now asks for nothing any more.
  if (number !== undefined && asked.length === 0) notes.push(`#${number} is not open (any more)`);
  return { numbers: asked.filter(({ fork }) => !fork).map((pr) => pr.number), notes };
}
