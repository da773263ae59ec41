import type { Command } from 'commander';
import { isRefusal } from '../core/change-set.ts';
import { isoTime } from '../core/clock.ts';
import { GitmendError } from '../core/errors.ts';
import { guestsCalled } from '../deliver/drift.ts';
import { openRestore } from '../deliver/restore.ts';
import { readTruth } from '../deliver/truth.ts';
import { showPlan } from '../deliver/show.ts';
import { plainText } from '../records/escape.ts';
import { type CliContext, groundFor } from './context.ts';
import { shownLine } from './plan-line.ts';

/** `gitmend restore TARGET`: opens the pull request that brings back what is declared. Exit 1 where it is refused. */
export function registerRestore(program: Command, context: CliContext): void {
  program
    .command('restore')
    .argument('<target>', 'a guest that drifted: postgres, lxc/200')
    .description('opens the pull request that brings back what is declared, where something else is live')
    .action(async (called: string) => {
      const ground = await groundFor(program, context, 'read');
      const truth = await readTruth(ground);
      const world = { ...ground, ...ground.engines(truth.rules) };
      const [found, ...more] = guestsCalled(truth.head.guests, called);
      if (found === undefined || more.length > 0) throw notOne(called, more.length + (found === undefined ? 0 : 1));
      const restoring = await openRestore(world, truth, ...found, isoTime(world.clock.now()));
      if (isRefusal(restoring)) {
        context.print(plainText(`not restored (${restoring.reason}): ${restoring.message}`, 1000));
        if (restoring.next !== '') context.print(plainText(`  next: ${restoring.next}`, 1000));
        context.exit(1);
        return;
      }
      const { number, title } = restoring.pullRequest;
      context.print(plainText(`#${number} ${title}`, 1000));
      // With `runner: ci` plans are CI's, and what was just opened starts it.
      if (truth.rules.config?.runner !== 'ci')
        context.print(shownLine(number, await showPlan(world, truth, restoring.pullRequest)));
    });
}

function notOne(called: string, found: number): GitmendError {
  const what = found === 0 ? 'no guest that is declared here' : `${found} guests`;
  return new GitmendError('USAGE', `${JSON.stringify(called.slice(0, 80))} is ${what}: name one as in guests/`);
}
