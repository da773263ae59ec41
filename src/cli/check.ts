import type { Command } from 'commander';
import { checkTree, printCheck, readFolder } from '../check/index.ts';
import { type CliContext, globals } from './context.ts';

/** `gitmend check [DIR]`: every fault of every file at once. Exit 1 where there is one. */
export function registerCheck(program: Command, { print, exit }: CliContext): void {
  program
    .command('check')
    .argument('[directory]', 'an infrastructure repository on disk')
    .description('validates an infrastructure repository: every fault of every file, with its mend')
    .action(async (directory: string | undefined) => {
      const { tree, leftOut } = readFolder(directory ?? globals(program).directory);
      const checked = checkTree(tree, leftOut);
      print(printCheck(checked));
      if (checked.faults.length > 0) exit(1);
    });
}
