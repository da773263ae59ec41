import { userInfo } from 'node:os';
import { type Command, InvalidArgumentError } from 'commander';
import { GitmendError } from '../core/errors.ts';
import type { LocalForgeAdmin } from '../forges/local/index.ts';
import type { Forge, Issue } from '../forges/forge.ts';
import { accountOf, defaultAccount, numberOf, textOf } from './pr-input.ts';
import { printable, printableJson } from './pr-text.ts';
import type { PrContext } from './pr.ts';

interface Common {
  as?: string;
  json?: true;
}

/** `gitmend issue …`: what a person does on a forge's pages of issues, for the local forge. Comments are `gitmend pr comment`. */
export function registerIssue(program: Command, context: PrContext): void {
  const issue = program.command('issue').description('issues of the local forge, the dashboard among them');
  common(issue, 'list', 'one line each').action(async (options: Common) => {
    const found = await (await opened(context, options)).issues();
    const lines = found.map(({ number, state, title }) => `#${number}  ${state}  ${title}`);
    tell(context, options, found, lines.length === 0 ? 'There is no issue.' : lines.join('\n'));
  });
  numbered(issue, 'show', 'its text and what was said').action(async (number: number, options: Common) => {
    const forge = await opened(context, options);
    const [one, comments] = [await forge.issue(number), await forge.comments(number)];
    const said = comments.map(({ author, createdAt, body }) => `${author} ${createdAt}\n${body}`);
    tell(
      context,
      options,
      { ...one, comments },
      [`#${number} ${one.title} (${one.state})`, one.body, ...said].join('\n\n'),
    );
  });
  common(issue, 'open', 'opens one, for example for /diagnose')
    .argument('<title>', 'what it is about', textOf)
    .option('--body <text>', 'what and why', '')
    .action(async (title: string, options: Common & { body: string }) => {
      const made = await (await opened(context, options)).openIssue({ title, body: options.body });
      tell(context, options, made, `Opened #${made.number} ${made.title}.`);
    });
  numbered(issue, 'tick', 'ticks a box of the dashboard')
    .argument('<box>', 'as its text has it (snooze/4), or the pull request of a line that has one box', boxOf)
    .action(async (number: number, box: string, options: Common) => {
      const forge = await opened(context, options);
      const ticked = await forge.editIssue(number, { body: withTick(await forge.issue(number), box) });
      tell(context, options, ticked, `Ticked: at the next look it is done.`);
    });
  numbered(issue, 'close', 'closes it').action(async (number: number, options: Common) => {
    const closed = await (await opened(context, options)).editIssue(number, { state: 'closed' });
    tell(context, options, closed, `Closed #${number}.`);
  });
}

/** `4`, `#4`, `snooze/4`, `open/3f9c1a04b5d2` */
function boxOf(text: string): string {
  const [, box] = /^#?((?:[a-z]{1,10}\/)?(?:[1-9]\d{0,8}|[0-9a-f]{12}))$/.exec(text) ?? [];
  if (box !== undefined) return box;
  throw new InvalidArgumentError('a box is snooze/4, or 4 where its line has one box.');
}

function withTick({ number, body }: Issue, box: string): string {
  const which = box.includes('/') ? box : `[a-z]+/${box}`;
  const open = [...body.matchAll(new RegExp(`^ *- \\[ \\] <!-- gitmend:box (${which}) -->`, 'gm'))];
  const [[line = ''] = [], second] = open;
  if (line !== '' && second === undefined) return body.replace(line, line.replace('[ ]', '[x]'));
  const names = open.map(([, name]) => name).join(' or ');
  const why = names === '' ? `#${number} has no open box ${box}` : `#${number} has several of ${box}: ${names}`;
  throw new GitmendError('USAGE', `${why}; gitmend issue show ${number} prints it`);
}

function common(issue: Command, name: string, description: string): Command {
  return issue
    .command(name)
    .description(description)
    .option('--as <account>', 'the account that acts; default: GITMEND_ACCOUNT, or your user name', accountOf)
    .option('--json', 'the same as JSON');
}

function numbered(issue: Command, name: string, description: string): Command {
  return common(issue, name, description).argument('<number>', 'of the issue', numberOf);
}

async function opened(context: PrContext, { as }: Common): Promise<LocalForgeAdmin & Forge> {
  return context.forge(as ?? defaultAccount(process.env, () => userInfo().username));
}

function tell(context: PrContext, { json }: Common, value: unknown, text: string): void {
  context.print(json ? printableJson(value) : printable(text));
}
