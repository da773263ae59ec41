import type { Command } from 'commander';
import { standingOf } from '../deliver/standing.ts';
import { readTruth } from '../deliver/truth.ts';
import { type CliContext, groundFor } from './context.ts';

/** `gitmend status`: what is pending, unapproved, being verified; which rules are in force. Exit 1 where a person is needed. */
export function registerStatus(program: Command, context: CliContext): void {
  program
    .command('status')
    .description('what is pending, unapproved, being verified, and which rules are in force')
    .action(async () => {
      const ground = await groundFor(program, context, 'read');
      const truth = await readTruth(ground);
      const { lines, needed } = await standingOf({ ...ground, ...ground.engines(truth.rules) }, truth);
      context.print(lines.length === 0 ? 'everything that is declared is applied; nothing is open' : lines.join('\n'));
      if (needed) context.exit(1);
    });
}
