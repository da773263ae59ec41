import { isCommand, meant } from './catalogue.ts';
import { saidLines } from './mask.ts';

/** What one comment asks for: its first command. `more` counts the others, which are not done. */
export interface Asked {
  /** `dry-run`, without the slash, in lower case: a command, or a word that is one letter away from one. */
  word: string;
  /** What stands behind it on the line: outside text. */
  argument: string;
  more: number;
}

/** At the beginning of a line, a word, and nothing glued to it: `/etc/passwd` and `/dev:` are none. */
const commandLine = /^ {0,3}\/([A-Za-z][A-Za-z-]{0,31})(?:[ \t]+(\S.*))?[ \t]*$/;

/**
 * The command that a comment begins one of its lines with. The first one decides, so that one comment is one deed and has
 * one answer. `/home is full` is no command: only a word of the catalogue is, or one that was meant to be.
 */
export function commandIn(body: string): Asked | undefined {
  const found = saidLines(body).flatMap((line) => {
    const [, written = '', argument = ''] = commandLine.exec(line) ?? [];
    const word = written.toLowerCase();
    return isCommand(word) || meant(word) !== undefined ? [{ word, argument: argument.trim() }] : [];
  });
  const [first, ...others] = found;
  return first === undefined ? undefined : { ...first, more: others.length };
}
