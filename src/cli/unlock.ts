import { createInterface } from 'node:readline/promises';
import type { Command } from 'commander';
import { GitmendError } from '../core/errors.ts';
import { lockedTargets, lockRef, readLock } from '../ledger/locks.ts';
import { plainText } from '../records/escape.ts';
import { type CliContext, groundFor } from './context.ts';

/** `gitmend unlock TARGET`: shows who holds a lock and asks before it is taken away. */
export function registerUnlock(program: Command, context: CliContext): void {
  program
    .command('unlock')
    .argument('<target>', 'home/lxc/200, home for a whole cluster, or stack/guests')
    .option('--yes', 'do not ask')
    .description('shows who holds a lock, and takes it away if you say so')
    .action(async (target: string, { yes }: { yes?: true }) => {
      const { repo } = await groundFor(program, context, 'read');
      await repo.fetch();
      const lock = await readLock(repo, target);
      if (lock === undefined) {
        // A guest is locked under its cluster's name: whoever writes lxc/200 must not read that nothing holds it.
        const others = plainText((await lockedTargets(repo)).join(', '), 500);
        context.print(`${target} is not locked${others === '' ? '' : `; locked are ${others}`}`);
        return;
      }
      const { holder } = lock;
      const who =
        holder === 'unreadable'
          ? `a lock that cannot be read (${lock.commit.slice(0, 7)})`
          : `run ${holder.run.slice(0, 7)} on ${holder.host}, pid ${holder.pid}, since ${holder.at}`;
      context.print(`${target} is held by ${who}`);
      if (yes !== true && !(await agreed())) {
        context.print('left as it is');
        context.exit(1);
        return;
      }
      if (!(await repo.push([{ ref: lockRef(target), from: lock.commit, to: null }])))
        throw new GitmendError('REF_TAKEN', `the lock of ${target} changed meanwhile`);
      context.print(`${target} is free`);
    });
}

/** Only a whole `yes` counts, and only from a terminal. */
export async function agreed(): Promise<boolean> {
  if (!process.stdin.isTTY) return false;
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  try {
    return (await terminal.question('Is that run certainly gone? Type yes to take its lock away: ')).trim() === 'yes';
  } finally {
    terminal.close();
  }
}
