import { userInfo } from 'node:os';
import type { Command } from 'commander';
import type { Forge, MergeStyle } from '../forges/forge.ts';
import type { LocalForgeAdmin } from '../forges/local/index.ts';
import { accountOf, branchOf, commitOf, defaultAccount, numberOf, oneOf, textOf } from './pr-input.ts';
import { listText, printable, printableJson, showText } from './pr-text.ts';

/** What the commands need; the forge is opened when a command runs, as the account that it names. */
export interface PrContext {
  forge(as: string): Promise<LocalForgeAdmin & Forge>;
  print(text: string): void;
}

interface Common {
  as?: string;
  json?: true;
}

/** `gitmend pr …`: what a person does on a forge's pages, for the local forge. Unsafe input is USAGE. */
export function registerPr(program: Command, context: PrContext): void {
  const pr = program.command('pr').description('pull requests of the local forge');
  registerReading(pr, context);
  registerWords(pr, context);
  registerReviews(pr, context);
  registerEnds(pr, context);
}

function registerReading(pr: Command, context: PrContext): void {
  common(pr, 'list', 'the open ones, or those of another state')
    .option('--state <state>', 'open, closed, merged or all', oneOf('open', 'closed', 'merged', 'all'), 'open')
    .action(async (options: Common & { state: 'open' | 'closed' | 'merged' | 'all' }) => {
      const found = await (await opened(context, options)).pullRequests({ state: options.state });
      tell(context, options, found, listText(found, options.state));
    });
  numbered(pr, 'show', 'everything about one').action(async (number: number, options: Common) => {
    const details = await (await opened(context, options)).show(number);
    tell(context, options, details, showText(details));
  });
  numbered(pr, 'diff', 'what it changes').action(async (number: number, options: Common) => {
    const diff = await (await opened(context, options)).diff(number);
    tell(context, options, { number, diff }, diff.trimEnd());
  });
}

function registerWords(pr: Command, context: PrContext): void {
  common(pr, 'open', 'opens one from a branch that is pushed')
    .argument('<branch>', 'the branch', branchOf)
    .option('--title <text>', "default: the subject of the branch's last commit", textOf)
    .option('--body <text>', 'what and why', '')
    .option('--base <branch>', 'default: the default branch', branchOf)
    .action(async (branch: string, options: Common & { title?: string; body: string; base?: string }) => {
      const forge = await opened(context, options);
      const { title, body, base = forge.defaultBranch } = options;
      const wanted = { branch, base, body, labels: [] };
      const made = await forge.openPullRequest(title === undefined ? wanted : { ...wanted, title });
      tell(context, options, made, `Opened #${made.number} ${made.title}: ${made.branch} into ${made.base}.`);
    });
  numbered(pr, 'comment', 'adds a comment, also a command such as /dry-run')
    .argument('<text>', 'the comment', textOf)
    .action(async (number: number, text: string, options: Common) => {
      const made = await (await opened(context, options)).comment(number, text);
      tell(context, options, made, `Commented on #${number} as ${made.author}.`);
    });
}

function registerReviews(pr: Command, context: PrContext): void {
  numbered(pr, 'approve', 'approves its head of now')
    .option('--comment <text>', 'said with it', '')
    .action(async (number: number, options: Common & { comment: string }) => {
      const made = await (await opened(context, options)).review(number, 'approved', options.comment);
      tell(context, options, made, `Approved #${number} at ${short(made.commit)} as ${made.author}.`);
    });
  numbered(pr, 'dismiss', 'dismisses the reviews that stand, of everybody or of one account')
    .option('--of <account>', 'only the reviews of this account', accountOf)
    .option('--reason <text>', 'why', textOf, 'no reason given')
    .action((number: number, options: Common & { of?: string; reason: string }) => dismiss(context, number, options));
}

function registerEnds(pr: Command, context: PrContext): void {
  numbered(pr, 'merge', 'merges it, which approves the plan that it shows')
    .option('--style <style>', 'merge, squash or rebase', oneOf('merge', 'squash', 'rebase'), 'merge')
    .option('--head <commit>', 'refuse unless this is its head; default: the head of now', commitOf)
    .option('--message <text>', 'message of the merge or squash commit', textOf)
    .action((number: number, options: MergeFlags) => merge(context, number, options));
  numbered(pr, 'close', 'closes it without merging')
    .option('--reason <text>', 'why, as a comment', textOf, 'Closed; no reason given.')
    .action(async (number: number, options: Common & { reason: string }) => {
      const forge = await opened(context, options);
      const before = await forge.pullRequest(number);
      await forge.close(number, options.reason);
      const text = before.state === 'closed' ? `#${number} is closed already.` : `Closed #${number}: ${options.reason}`;
      tell(context, options, await forge.pullRequest(number), text);
    });
}

async function dismiss(
  context: PrContext,
  number: number,
  options: Common & { of?: string; reason: string },
): Promise<void> {
  const forge = await opened(context, options);
  const standing = (await forge.reviews(number)).filter(
    (review) => !review.void && review.state !== 'commented' && (options.of ?? review.author) === review.author,
  );
  const dismissed = [];
  for (const { id } of standing) dismissed.push(await forge.dismissReview(number, id, options.reason));
  const whose = dismissed.map((review) => `${review.state} by ${review.author}`).join(', ');
  const text = dismissed.length === 0 ? `No review of #${number} stands.` : `Dismissed on #${number}: ${whose}.`;
  tell(context, options, dismissed, text);
}

interface MergeFlags extends Common {
  style: MergeStyle;
  head?: string;
  message?: string;
}

async function merge(context: PrContext, number: number, options: MergeFlags): Promise<void> {
  const { style, message } = options;
  const forge = await opened(context, options);
  const head = options.head ?? (await forge.pullRequest(number)).head;
  const merged = await forge.merge(number, { style, head, ...(message === undefined ? {} : { message }) });
  const said = `Merged #${number} ${merged.title} as ${short(merged.mergeCommit ?? '')} into ${merged.base}.`;
  tell(context, options, merged, said);
}

function common(pr: Command, name: string, description: string): Command {
  return pr
    .command(name)
    .description(description)
    .option('--as <account>', 'the account that acts; default: GITMEND_ACCOUNT, or your user name', accountOf)
    .option('--json', 'the same as JSON');
}

function numbered(pr: Command, name: string, description: string): Command {
  return common(pr, name, description).argument('<number>', 'of the pull request', numberOf);
}

async function opened(context: PrContext, { as }: Common): Promise<LocalForgeAdmin & Forge> {
  return context.forge(as ?? defaultAccount(process.env, () => userInfo().username));
}

function tell(context: PrContext, { json }: Common, value: unknown, text: string): void {
  context.print(json ? printableJson(value) : printable(text));
}

function short(commit: string): string {
  return commit.slice(0, 7);
}
