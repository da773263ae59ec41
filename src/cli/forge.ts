import { resolve } from 'node:path';
import { type Command, InvalidArgumentError } from 'commander';
import { GitmendError } from '../core/errors.ts';
import { createLocalForge, type LocalForgeAdmin } from '../forges/local/index.ts';
import { type CliContext, globals } from './context.ts';
import { openForgeOf } from './ground.ts';

/** `gitmend forge create` and `protect`: a local forge, for one person or to try things. */
export function registerForge(program: Command, context: CliContext): void {
  const forge = program.command('forge').description('the local forge: a bare repository with pull requests beside it');
  forge
    .command('create')
    .argument('<folder>', 'where repo.git and forge.sqlite shall be')
    .requiredOption('--from <directory>', 'the files that the repository begins with')
    .option('--by <account>', 'who the first commit is by', 'maintainer')
    .description('makes a local forge from a folder of files')
    .action(async (folder: string, { from, by }: { from: string; by: string }) => {
      await createLocalForge({ folder: resolve(folder), files: { directory: from }, by, clock: context.clock });
      context.print(
        `created ${resolve(folder)}\nnext: git clone ${resolve(folder, 'repo.git')} infrastructure && cd infrastructure && gitmend check`,
      );
    });
  forge
    .command('protect')
    .option('--statuses <context...>', 'what must be green before a merge', ['gitmend/plan', 'gitmend/policy'])
    .option('--approvals <count>', 'how many people who are not its author must approve', wholeNumber, 0)
    .description('says what the default branch of a local forge demands of a merge')
    .action(async ({ statuses, approvals }: { statuses: string[]; approvals: number }) => {
      const { directory } = globals(program);
      const opened = await openForgeOf(
        { directory, clock: context.clock, env: context.env },
        context.env['GITMEND_BOT'] ?? 'gitmend',
      );
      if (opened.kind !== 'local')
        throw new GitmendError('USAGE', `this repository is on ${opened.kind}: protect its default branch there`);
      await (opened as typeof opened & LocalForgeAdmin).protect({
        requiredStatuses: statuses,
        requiredApprovals: approvals,
      });
      context.print(`${opened.defaultBranch} demands ${statuses.join(', ')} and ${approvals} approvals`);
    });
}

function wholeNumber(text: string): number {
  if (!/^[0-9]{1,2}$/.test(text)) throw new InvalidArgumentError('a whole number');
  return Number(text);
}
