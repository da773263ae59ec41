import { cutMarkdown, mostText } from '../records/cut.ts';
import { escapeCode, escapeText } from '../records/escape.ts';
import { sentence } from '../records/sentence.ts';
import { type CommandName, commands, insteadOf, isCommand, meant } from './catalogue.ts';
import type { NotObeyed } from './may.ts';
import type { Asked } from './parse.ts';

/** Names the one answer to a comment: who finds it there answers no more. */
export function answerMarker(comment: string): string {
  return `<!-- gitmend:answer/${comment.replaceAll(/[^A-Za-z0-9]/g, '').toLowerCase()} -->`;
}

/** The answer as it is written: what there is to say, then whom it answers. Mentions nobody: who asked reads it anyway. */
export function printAnswer(asked: Asked, author: string, text: string): string {
  const others =
    asked.more === 0
      ? ''
      : ` One comment is one command: ${asked.more} more in it ${asked.more === 1 ? 'was' : 'were'} not done.`;
  const words = asked.argument === '' ? `/${asked.word}` : `/${asked.word} ${asked.argument}`;
  return `${cutMarkdown(text.trimEnd(), mostText)}\n\nAnswer to ${escapeCode(words, 80)} by ${escapeText(author, 64)}.${others}\n`;
}

/** `**Not done**: why. What to do.` */
export function notDone({ why, next }: NotObeyed): string {
  const does = next === '' ? '' : ` ${sentence(`${next.slice(0, 1).toUpperCase()}${next.slice(1)}`)}`;
  return `**Not done**: ${sentence(why)}${does}`;
}

/** What the commands are; of those that cannot be used where it was asked, which. */
export function help(on: 'pull-request' | 'issue'): string {
  const row = (name: CommandName): string => {
    const { usage, does, needs } = commands[name];
    const who = { read: 'everybody', write: 'who may write', approver: 'approvers' }[needs];
    return `| \`${usage}\` | ${does.replaceAll('|', '\\|')} | ${who} |`;
  };
  const names = (Object.keys(commands) as CommandName[]).filter((name) => ['both', on].includes(commands[name].on));
  const elsewhere = on === 'issue' ? 'The others are for pull requests.' : 'On an issue: `/diagnose <target>`.';
  return [
    '**Commands**, each at the beginning of a line in a new comment:',
    ['| | | who |', '|---|---|---|', ...names.map(row)].join('\n'),
    `Write the command first: behind code, links or HTML nothing is a command, nor in quotes and edited comments. The first one of a comment counts. ${elsewhere}`,
  ].join('\n\n');
}

/** One helpful answer to a word that is no command. */
export function unknownCommand(word: string): string {
  const near = meant(word);
  const meaning = near === undefined || !isCommand(near) ? '' : ` Did you mean \`${commands[near].usage}\`?`;
  const other = insteadOf(word);
  const hint = other === undefined ? meaning : ` ${other}`;
  return `**Not done**: ${escapeCode(`/${word}`, 40)} is no command of gitmend.${hint} \`/help\` lists them.`;
}
