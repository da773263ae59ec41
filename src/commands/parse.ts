import { asMasked } from './mask.ts';

/** What one comment asks for: its first command. `more` counts the others, which are not done. */
export interface Asked {
  /** `dry-run`, without the slash, in lower case; whether there is such a command is another question. */
  word: string;
  /** What stands behind it on the line: outside text. */
  argument: string;
  more: number;
}

/** Characters of a comment that are looked at; whoever writes more says something else than a command. */
const most = 10_000;

/** At the beginning of a line, a word, and nothing glued to it: `/etc/passwd` and `/dev:` are none. */
const commandLine = /^ {0,3}\/([A-Za-z][A-Za-z-]{0,31})(?:[ \t]+(\S.*))?[ \t]*$/;

/**
 * The command that a comment begins one of its lines with. The first one decides, so that one comment is one deed and has
 * one answer. What is quoted, code or hidden is not said: there is no command in it.
 */
export function commandIn(body: string): Asked | undefined {
  const found = asMasked(body.slice(0, most)).flatMap((line) => {
    const [, word, argument = ''] = commandLine.exec(line) ?? [];
    return word === undefined ? [] : [{ word: word.toLowerCase(), argument: argument.trim() }];
  });
  const [first, ...others] = found;
  return first === undefined ? undefined : { ...first, more: others.length };
}
