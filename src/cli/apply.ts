import { type Command, InvalidArgumentError } from 'commander';
import { GitmendError } from '../core/errors.ts';
import { parseDuration } from '../core/duration.ts';
import { applyInCi } from './apply-ci.ts';
import type { CliContext } from './context.ts';

interface Options {
  ci?: true;
  wait: number;
}

/** `gitmend apply --ci`: a job on the default branch applies what was merged as approved, and verifies it. */
export function registerApply(program: Command, context: CliContext): void {
  program
    .command('apply')
    .option('--ci', 'as a job of GitHub Actions or Gitea Actions; the only way, beside gitmend runner')
    .option('--wait <duration>', 'how long it waits for what is due: 15m', seconds, 15 * 60)
    .description('as a job of CI: applies approved merges exactly as shown, verifies by observation, records')
    .action((options: Options) => run(program, context, 'apply', options));
}

/** `gitmend reconcile --ci`: the same on a schedule, for what no event told of and what goes on. */
export function registerReconcile(program: Command, context: CliContext): void {
  program
    .command('reconcile')
    .option('--ci', 'as a job of GitHub Actions or Gitea Actions; the only way, beside gitmend runner')
    .option('--wait <duration>', 'how long it waits for what is due: 5m', seconds, 5 * 60)
    .description('as a scheduled job of CI: goes on with pending merges, waits, verifications and records')
    .action((options: Options) => run(program, context, 'reconcile', options));
}

async function run(program: Command, context: CliContext, name: string, { ci, wait }: Options): Promise<void> {
  if (ci !== true)
    throw new GitmendError(
      'USAGE',
      `gitmend ${name} is for jobs of CI: add --ci, or use gitmend runner on a machine of yours`,
    );
  await applyInCi(program, context, wait * 1000);
}

function seconds(text: string): number {
  const read = parseDuration(text);
  if (read === undefined || read > 6 * 3600) throw new InvalidArgumentError('5s, 10m or 1h, at most 6h');
  return read;
}
