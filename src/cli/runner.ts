import type { Command } from 'commander';
import { isGitmendError } from '../core/errors.ts';
import type { Ground } from '../deliver/world.ts';
import { runnerPass } from '../pipeline/deliver.ts';
import { type CliContext, globals, groundFor } from './context.ts';
import { demandTokens } from './engines.ts';
import { readLocalConfig } from './ground.ts';

/** Milliseconds between two passes when nothing is due earlier. */
const pause = 2000;

/** `gitmend runner`: applies approved merges, verifies them, offers ways out. The only command with write credentials. */
export function registerRunner(program: Command, context: CliContext): void {
  program
    .command('runner')
    .option('--once', 'one pass, then exit: verifications that are not due yet go on in the next one')
    .option('--until-idle', 'passes until nothing is being verified any more, then exit')
    .description('applies approved merges exactly as shown, verifies by observation, records')
    .action(async (options: { once?: true; untilIdle?: true }) => {
      demandTokens((await readLocalConfig(globals(program).directory)).clusters, 'write', context.env);
      const ground = await groundFor(program, context, 'write');
      const stop = stopping();
      const waiting = new Set<string>();
      while (!stop.asked) {
        const stays = options.once === undefined && options.untilIdle === undefined;
        const next = await onePass(ground, context, waiting, stays);
        if (options.once || (options.untilIdle && next === undefined)) return;
        const wait = next === undefined ? pause : Math.max(50, Math.min(pause, next - ground.clock.now()));
        await Promise.race([ground.clock.sleep(wait), stop.promise]);
      }
    });
}

/**
 * One pass; what can be tried again is said once and tried again by the next. One that stays waits for a person too; one
 * that ends with this pass has not done what it was asked, so it exits 1.
 */
async function onePass(
  ground: Ground,
  context: CliContext,
  waiting: Set<string>,
  stays: boolean,
): Promise<number | undefined> {
  try {
    const pass = await runnerPass(ground);
    for (const event of pass.events) context.print(event);
    for (const why of pass.waiting) if (!waiting.has(why)) context.print(`waiting: ${why}`);
    for (const error of pass.failed) if (!waiting.has(error.message)) context.warn(error.print());
    waiting.clear();
    for (const why of [...pass.waiting, ...pass.failed.map(({ message }) => message)]) waiting.add(why);
    if (pass.failed.length > 0 && !stays) context.exit(1);
    return pass.next;
  } catch (error) {
    const waits = isGitmendError(error) && error.action !== 'bug' && (stays || error.action !== 'needs-human');
    if (!waits) throw error;
    if (!waiting.has(error.message)) context.warn(error.print());
    if (!stays) context.exit(1);
    waiting.add(error.message);
    return undefined;
  }
}

/** A stop that is asked for ends after the pass: what is begun is journaled, and the next start goes on. */
function stopping(): { asked: boolean; promise: Promise<void> } {
  const state = { asked: false, promise: Promise.resolve() };
  state.promise = new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      process.once(signal, () => {
        state.asked = true;
        resolve();
      });
    }
  });
  return state;
}
