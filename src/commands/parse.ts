import { isAnothersWord, isCommand, isMisconception, meant } from './catalogue.ts';
import { saidLines } from './mask.ts';

/** What one comment asks for: its first command. `more` counts the others, which are not done. */
export interface Asked {
  /**
   * `dry-run`, without the slash, in lower case: a command, a word that is one letter or mark away from one, or one that is
   * all that is said.
   */
  word: string;
  /** What stands behind it on the line: outside text. */
  argument: string;
  more: number;
}

/** At the beginning of a line, a word, and nothing glued to it but the mark that ends a sentence: `/etc/passwd` is none. */
const commandLine = /^ {0,3}\/([A-Za-z][A-Za-z-]{0,31})(?:[ \t]+(\S.*)|([.,;:!?]))?[ \t]*$/;

/**
 * The command that a comment begins one of its lines with. The first one decides, so that one comment is one deed and has
 * one answer. `/home is full` is no command: only a word of the catalogue is, or one that was meant to be; and what a comment
 * says alone, which is answered.
 */
export function commandIn(body: string): Asked | undefined {
  const found = saidLines(body).flatMap((line) => {
    const { word, argument } = wordOf(line);
    return isCommand(word) || meant(word) !== undefined ? [{ word, argument }] : [];
  });
  const [first, ...others] = found;
  return first === undefined ? aloneIn(body) : { ...first, more: others.length };
}

/** With the mark behind it, so that `/plan.` is no command but near one. */
function wordOf(line: string): { word: string; argument: string } {
  const [, written = '', argument = '', mark = ''] = commandLine.exec(line) ?? [];
  return { word: `${written}${mark}`.toLowerCase(), argument: argument.trim() };
}

/** `/apply` and nothing else: whoever writes that expects something of gitmend, or of another bot whose word it is. */
function aloneIn(body: string): Asked | undefined {
  const [line = '', ...others] = body.trimEnd().split(/[\r\n]+/);
  const said = saidLines(line).length === 1 && others.length === 0;
  const { word, argument } = wordOf(line);
  const plain = /^[a-z-]+$/.test(word) && !isAnothersWord(word);
  return said && argument === '' && (plain || isMisconception(word)) ? { word, argument, more: 0 } : undefined;
}
