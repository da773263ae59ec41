import type { Command } from 'commander';
import { GitmendError } from '../core/errors.ts';
import { printWholePlan } from '../records/plan-comment.ts';
import { planningPass } from '../pipeline/deliver.ts';
import { type CliContext, groundFor } from './context.ts';
import { planInCi } from './plan-ci.ts';
import { leftLine, shownLine } from './plan-line.ts';

interface Options {
  anew?: true;
  print?: true;
  ci?: true;
  synthesized?: string;
}

/** `gitmend plan [N …]`: plans open pull requests with read-only credentials and shows the plans as comments. */
export function registerPlan(program: Command, context: CliContext): void {
  program
    .command('plan')
    .argument('[numbers...]', 'pull requests; all open ones where none is named')
    .option('--anew', 'read everything again, even where the plan is the same (as /dry-run does)')
    .option('--print', 'print the whole plans, also where the comment had to leave something out')
    .option('--ci', 'as a job of GitHub Actions or Gitea Actions: what to plan is what the job was started for')
    .option('--synthesized <file>', 'with --ci: the stacks that the job before wrote (gitmend synth --ci --out FILE)')
    .description('plans open pull requests: steps, policy, live dry run, comment; changes nothing live')
    .action(async (numbers: string[], options: Options) => {
      if (options.ci !== true && options.synthesized !== undefined)
        throw new GitmendError('USAGE', '--synthesized goes with --ci; elsewhere the stacks are synthesized here');
      if (options.ci !== true) return planHere(program, context, numbers, options);
      if (numbers.length > 0 || options.anew === true || options.print === true)
        throw new GitmendError('USAGE', 'with --ci the job says which pull requests are planned, and how');
      return planInCi(program, context, options.synthesized);
    });
}

async function planHere(program: Command, context: CliContext, numbers: string[], options: Options): Promise<void> {
  const wanted = numbers.map(numberOf);
  const { shown, truth } = await planningPass(
    await groundFor(program, context, 'read'),
    numbers.length === 0 ? undefined : wanted,
    options.anew === true,
  );
  for (const { finding, message } of truth.findings) context.warn(`${finding}: ${message}`);
  const missing = wanted.filter((number) => !shown.some((one) => one.number === number));
  if (missing.length > 0)
    throw new GitmendError('USAGE', `no open pull request ${missing.map((number) => `#${number}`).join(', ')}`);
  if (shown.length === 0) context.print('no open pull request');
  for (const { number, result, unmerged } of shown) {
    if (result.state === 'failed')
      context.warn(new GitmendError(result.code, `#${number} is not planned: ${result.message}`).print());
    else if (result.state === 'shown' && options.print) context.print(printWholePlan(result.record));
    else context.print(shownLine(number, result));
    if (unmerged !== undefined) context.print(leftLine(number, unmerged));
  }
  if (shown.some(({ result }) => result.state === 'failed')) context.exit(1);
}

function numberOf(text: string): number {
  const number = Number(text.replace(/^#/, ''));
  if (!Number.isSafeInteger(number) || number < 1)
    throw new GitmendError('USAGE', `${JSON.stringify(text)} is not the number of a pull request`);
  return number;
}
