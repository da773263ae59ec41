import type { Command } from 'commander';
import type { Clock } from '../core/clock.ts';
import type { Ground } from '../deliver/world.ts';
import { openGround } from './ground.ts';
import type { Role } from './engines.ts';
import { openLog } from './log.ts';

/** What commands get from the entry point. */
export interface CliContext {
  env: { readonly [name: string]: string | undefined };
  clock: Clock;
  print: (text: string) => void;
  warn: (text: string) => void;
  exit: (code: number) => void;
}

/** Options that every command takes, from the program itself. */
export function globals(program: Command): { directory: string; verbose: boolean } {
  return program.opts<{ directory: string; verbose: boolean }>();
}

/** Opens the ground with the credentials of one role. The bot's account: `GITMEND_BOT`, or `gitmend`. */
export async function groundFor(program: Command, context: CliContext, role: Role): Promise<Ground> {
  const { directory, verbose } = globals(program);
  const log = openLog(verbose || context.env['GITMEND_LOG'] === 'info', context.warn);
  return openGround({
    directory,
    role,
    account: context.env['GITMEND_BOT'] ?? 'gitmend',
    env: context.env,
    clock: context.clock,
    log,
  });
}
