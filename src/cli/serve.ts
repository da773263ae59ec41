import type { Command } from 'commander';
import type { Serving } from '../serve/index.ts';
import { type CliContext, globals } from './context.ts';
import { readLocalConfig } from './ground.ts';

interface Options {
  page?: string;
  door?: string;
  url?: string[];
  addPerson?: string;
  reader?: true;
}

/** `gitmend serve`: doors, healing, planning and the page, day and night, with read credentials alone. */
export function registerServe(program: Command, context: CliContext): void {
  program
    .command('serve')
    .option('--page <address>', 'where the page and git listen; GITMEND_PAGE, or 127.0.0.1:8787')
    .option('--door <address>', 'where signals, health and metrics listen; GITMEND_DOOR, or 127.0.0.1:8788')
    .option('--url <origin...>', 'how people call the page (https://gitmend.home.lan); GITMEND_URL')
    .option('--add-person <name>', 'make a token for a person, print it once, and exit')
    .option('--reader', 'with --add-person: may look, and neither approve nor merge')
    .description('takes signals, heals by pull request, plans, and shows it all on a page')
    .action(async (options: Options) => {
      if (options.addPerson === undefined) await serve(program, context, options);
      else await addOne(program, context, options.addPerson, options.reader === true);
    });
}

async function serve(program: Command, context: CliContext, options: Options): Promise<void> {
  // Loaded here: no other command pays for it.
  const [{ startServe }, { readSettings }] = await Promise.all([
    import('../serve/index.ts'),
    import('../serve/settings.ts'),
  ]);
  const stop = stopping();
  const serving = await startServe({
    directory: globals(program).directory,
    account: context.env['GITMEND_BOT'] ?? 'gitmend',
    env: context.env,
    clock: context.clock,
    settings: readSettings(options, context.env),
    write: (line) => process.stdout.write(line),
  });
  context.warn(greeting(serving));
  await stop;
  await serving.stop();
  // What came to no end in time keeps nobody waiting any longer.
  setTimeout(() => process.exit(), farewell).unref();
}

/** Milliseconds. */
const farewell = 1_000;

/** For whoever starts it by hand: on standard error, so that standard output stays one JSON object a line. */
function greeting({ page, door, person }: Serving): string {
  const lines = [`page  ${page}`, `door  ${door}`];
  if (person === undefined) return lines.join('\n');
  return [
    ...lines,
    '',
    `The first start made a token for ${person.name}. It opens the page and git, and is shown only now:`,
    '',
    `  ${person.token}`,
  ].join('\n');
}

async function addOne(program: Command, context: CliContext, name: string, reader: boolean): Promise<void> {
  const [{ addPersonTo }, { printAdded }] = await Promise.all([
    import('../serve/add-person.ts'),
    import('../serve/people.ts'),
  ]);
  const { directory } = globals(program);
  const { approvers } = await readLocalConfig(directory);
  const person = await addPersonTo({
    directory,
    account: context.env['GITMEND_BOT'] ?? 'gitmend',
    env: context.env,
    clock: context.clock,
    name,
    role: reader ? 'reader' : 'approver',
  });
  context.print(printAdded(person, approvers));
}

function stopping(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve());
  });
}
