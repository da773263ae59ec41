import type { Command } from 'commander';
import { isRefusal } from '../core/change-set.ts';
import { isoTime } from '../core/clock.ts';
import { openRestore } from '../deliver/restore.ts';
import { plainText } from '../records/escape.ts';
import type { CliContext } from './context.ts';
import { oneCalled, openWorld } from './guest-world.ts';
import { sayOpened } from './opened.ts';

/** `gitmend restore TARGET`: opens the pull request that brings back what is declared. Exit 1 where it is refused. */
export function registerRestore(program: Command, context: CliContext): void {
  program
    .command('restore')
    .argument('<target>', 'a guest that drifted: postgres, lxc/200')
    .description('opens the pull request that brings back what is declared, where something else is live')
    .action(async (called: string) => {
      const { world, truth } = await openWorld(program, context);
      const found = oneCalled(truth, called);
      const restoring = await openRestore(world, truth, ...found, isoTime(world.clock.now()));
      if (isRefusal(restoring)) {
        context.print(plainText(`not restored (${restoring.reason}): ${restoring.message}`, 1000));
        if (restoring.next !== '') context.print(plainText(`  next: ${restoring.next}`, 1000));
        context.exit(1);
        return;
      }
      await sayOpened(context, world, truth, restoring.pullRequest);
    });
}
