import type { Command } from 'commander';
import { driftPass, type DriftPass } from '../pipeline/drift.ts';
import { plainText } from '../records/escape.ts';
import { inJob, jobOf } from './ci.ts';
import { dispatchPlans } from './ci-dispatch.ts';
import { summarise } from './ci-summary.ts';
import { type CliContext, groundFor } from './context.ts';

/** `gitmend drift`: one look for what is live otherwise than declared, with read-only credentials. */
export function registerDrift(program: Command, context: CliContext): void {
  program
    .command('drift')
    .option('--ci', 'as a scheduled job of GitHub Actions or Gitea Actions')
    .description('looks for what is live otherwise than declared; proposes what was so at two looks')
    .action(async ({ ci }: { ci?: true }) => {
      if (ci === true) return driftInCi(program, context);
      const pass = await driftPass(await groundFor(program, context, 'read'));
      for (const line of linesOf(pass)) context.print(line);
      if (pass.failed) context.exit(1);
    });
}

/** What a look found and did, as lines of a terminal. */
export function linesOf({ lines, next }: DriftPass): string[] {
  const said = lines.map(({ word, text }) => plainText(`${word.padEnd(12)}${text}`, 1000));
  if (next === undefined) return [...said, 'drift is off in the gitmend.yaml that is in force'];
  return said.length === 0 ? ['no drift: what is live is as declared'] : said;
}

async function driftInCi(program: Command, context: CliContext): Promise<void> {
  const job = await jobOf(context);
  const said = await inJob(program, context, { job, role: 'read' }, async ({ ground, truth }) => {
    const pass = await driftPass(ground);
    if (pass.failed) context.exit(1);
    // What a job's token opens starts nothing by itself.
    await dispatchPlans(
      context,
      ground.forge,
      pass.proposed.map(({ number }) => number),
    );
    return [
      ...truth.findings.map(({ finding, message }) => plainText(`${finding}: ${message}`, 1000)),
      ...linesOf(pass),
    ];
  });
  for (const line of said) context.print(line);
  await summarise(context, job, said);
}
