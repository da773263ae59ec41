import { Command, CommanderError } from 'commander';
import { registerAll } from '../../src/cli/register.ts';
import { usageOf } from '../../src/cli/usage.ts';
import { isGitmendError } from '../../src/core/errors.ts';
import type { Clock } from '../../src/core/clock.ts';

/** What a command printed and how it ended, as `src/cli.ts` would end it. */
export interface Said {
  out: string;
  err: string;
  code: number;
}

export interface Call {
  /** A clone of the infrastructure repository. */
  directory: string;
  clock: Clock;
  /** Exactly these variables and no others. */
  env: { readonly [name: string]: string };
}

/** One command of the terminal in this process. An error that is no coded one is thrown: it would be a bug. */
export async function cli({ directory, clock, env }: Call, ...words: string[]): Promise<Said> {
  const said = { out: '', err: '', code: 0 };
  const line = (text: string) => (text.endsWith('\n') ? text : `${text}\n`);
  const program = new Command('gitmend').exitOverride().configureOutput({
    writeOut: (text) => void (said.out += text),
    writeErr: (text) => void (said.err += text),
  });
  program.option('-C, --directory <dir>', '', '.').option('--verbose', '', false);
  registerAll(program, {
    env,
    clock,
    print: (text) => void (said.out += line(text)),
    warn: (text) => void (said.err += line(text)),
    exit: (code) => void (said.code = code),
  });
  const usage = usageOf(program);
  try {
    await program.parseAsync(['-C', directory, ...words], { from: 'user' });
  } catch (error) {
    if (error instanceof CommanderError) return { ...said, code: error.exitCode === 0 ? 0 : 2 };
    if (!isGitmendError(error)) throw error;
    return { ...said, err: `${said.err}${usage.print(error)}\n`, code: error.code === 'USAGE' ? 2 : 1 };
  }
  return said;
}
