import type { Command } from 'commander';
import { GitmendError } from '../core/errors.ts';
import { printPlanComment } from '../records/plan-comment.ts';
import { printChange } from '../texts/words.ts';
import { planningPass } from '../pipeline/deliver.ts';
import { type CliContext, groundFor } from './context.ts';

/** `gitmend plan [N …]`: plans open pull requests with read-only credentials and shows the plans as comments. */
export function registerPlan(program: Command, context: CliContext): void {
  program
    .command('plan')
    .argument('[numbers...]', 'pull requests; all open ones where none is named')
    .option('--anew', 'read everything again, even where the plan is the same (as /dry-run does)')
    .option('--print', 'print the plan comments')
    .description('plans open pull requests: steps, policy, live dry run, comment; changes nothing live')
    .action(async (numbers: string[], options: { anew?: true; print?: true }) => {
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
      for (const { number, result } of shown) {
        if (result.state === 'waiting') context.print(`#${number} waits: ${result.why}`);
        else if (result.state === 'expired') context.print(`#${number} expired and was closed`);
        else if (options.print) context.print(printPlanComment(result.record));
        else context.print(`#${number} ${summary(result.record)}${result.fresh ? '' : ' (as shown before)'}`);
      }
    });
}

function summary({ refusals, steps, preview }: Parameters<typeof printPlanComment>[0]): string {
  const refused = refusals[0];
  if (refused !== undefined) return `refused (${refused.reason}): ${refused.message}`;
  if (steps.length === 0) return 'planned: no step';
  const words = steps.map(({ name, changes }) => {
    const each = changes.map(({ field, before, after, unit }) => printChange(field, before, after, unit));
    return `${name} ${each.join(', ')}`;
  });
  return `planned: ${words.join('; ')}; dry run ${preview.accepted ? 'accepted' : `refused: ${preview.notes.join(', ')}`}`;
}

function numberOf(text: string): number {
  const number = Number(text.replace(/^#/, ''));
  if (!Number.isSafeInteger(number) || number < 1)
    throw new GitmendError('USAGE', `${JSON.stringify(text)} is not the number of a pull request`);
  return number;
}
