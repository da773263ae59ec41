import { Command, CommanderError } from 'commander';
import { isGitmendError } from './core/errors.ts';
import type { CliContext } from './cli/context.ts';
import { systemClock } from './cli/clock.ts';
import { endWithReader } from './cli/pipe.ts';
import { type Usage, usageOf } from './cli/usage.ts';
import { version } from './cli/version.ts';

/** The terminal: parses, constructs, calls the pipeline. Exit 0: as asked; 1: refused, stopped or failed; 2: wrong words. */
export async function main(argv: readonly string[]): Promise<number> {
  const program = new Command('gitmend')
    .description('heals infrastructure by pull request')
    .version(version)
    .option('-C, --directory <dir>', 'a clone of the infrastructure repository', '.')
    .option('--verbose', 'structured log lines on standard error', false)
    .exitOverride();
  let code = 0;
  const register = await registration(argv.slice(2));
  register(program, {
    env: process.env,
    clock: systemClock,
    print: (text) => process.stdout.write(text.endsWith('\n') ? text : `${text}\n`),
    warn: (text) => process.stderr.write(text.endsWith('\n') ? text : `${text}\n`),
    exit: (wanted) => (code = wanted),
  });
  const usage = usageOf(program);
  try {
    await program.parseAsync(argv);
    return code;
  } catch (error) {
    return failed(error, usage);
  }
}

/** `gitmend serve` is to be there at once: it does not wait for the code of every other command. */
async function registration(words: readonly string[]): Promise<(program: Command, context: CliContext) => void> {
  const first = words.findIndex((word, at) => !word.startsWith('-') && !/^(-C|--directory)$/.test(words[at - 1] ?? ''));
  const plain = words.slice(0, first).every((word) => !/^(-h|--help)$/.test(word));
  if (words[first] === 'serve' && plain) return (await import('./cli/serve.ts')).registerServe;
  return (await import('./cli/register.ts')).registerAll;
}

/** The one handler of errors: a coded one says what, why and the next command; anything else is a bug and says so. */
function failed(error: unknown, usage: Usage): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  if (isGitmendError(error)) {
    process.stderr.write(`${usage.print(error)}\n`);
    return error.code === 'USAGE' ? 2 : 1;
  }
  const detail = error instanceof Error ? (error.stack ?? error.message) : String(error);
  process.stderr.write(`INTERNAL: gitmend met a state it did not think of\n  next: please report this\n${detail}\n`);
  return 1;
}

const stoppedWithReader = endWithReader(process);
const code = await main(process.argv);
// 128 + SIGPIPE, as the shell says it of other tools.
process.exitCode = stoppedWithReader() ? 141 : code;
