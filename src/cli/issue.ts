import { userInfo } from 'node:os';
import type { Command } from 'commander';
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
  numbered(issue, 'tick', 'ticks the boxes of one pull request on the dashboard')
    .argument('<pull-request>', 'the pull request that the line names', numberOf)
    .action(async (number: number, pullRequest: number, options: Common) => {
      const forge = await opened(context, options);
      const ticked = await forge.editIssue(number, { body: withTick(await forge.issue(number), pullRequest) });
      tell(context, options, ticked, `Ticked: at the next look it is done.`);
    });
  numbered(issue, 'close', 'closes it').action(async (number: number, options: Common) => {
    const closed = await (await opened(context, options)).editIssue(number, { state: 'closed' });
    tell(context, options, closed, `Closed #${number}.`);
  });
}

function withTick({ number, body }: Issue, pullRequest: number): string {
  const box = new RegExp(`^- \\[ \\] (<!-- gitmend:box [a-z]+/${pullRequest} -->)`, 'gm');
  const ticked = body.replace(box, '- [x] $1');
  if (ticked !== body) return ticked;
  throw new GitmendError(
    'USAGE',
    `#${number} has no open box for #${pullRequest}; gitmend issue show ${number} prints it`,
  );
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
