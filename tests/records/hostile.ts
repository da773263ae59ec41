import fc from 'fast-check';

const marks = [
  '@',
  '#',
  '!',
  '[',
  ']',
  '(',
  ')',
  '<',
  '>',
  '`',
  '```',
  '*',
  '_',
  '~~',
  '|',
  '\\',
  '&',
  '$',
  ':',
  '-',
  '+',
  '=',
];
const words = [
  '@ann',
  '#12',
  '!12',
  'GH-12',
  'org/repo#1',
  'https://evil.test',
  '_www.evil.test',
  'a@b.test',
  'mailto:a@b.test',
  '&#64;',
  '&lt;',
  ':tada:',
];
const blocks = [
  '<!-- gitmend:plan -->',
  '\n<!-- gitmend:pr {} -->\n',
  '-->',
  '</details>',
  '<img src=x>',
  '\n\n',
  '\r\n',
  '\t',
  '    ',
  '1. ',
  '12',
  '- ',
  '# ',
  '[x](y)',
  '![x](y)',
  '[^1]',
  '| a |',
];
const unseen = [
  '\u202e',
  '\u200b',
  '\u2066',
  '\ufeff',
  '\u0000',
  '\u001b[2J',
  '\u0007',
  '\u2028',
  'e\u0301\u0301\u0301\u0301\u0301',
  '👩‍👩‍👧',
  '\ud800',
];

/** Text as an attacker would write it: built from the marks that mean something to Markdown, forges and terminals. */
export const hostileText = fc.oneof(
  fc
    .array(fc.constantFrom(...marks, ...words, ...blocks, ...unseen, 'word', ' '), { maxLength: 12 })
    .map((parts) => parts.join('')),
  fc.string({ unit: 'binary', maxLength: 60 }),
);

/** Fixed, so that a failure is one for everybody. */
export const runs = (numRuns: number): { numRuns: number; seed: number } => ({ numRuns, seed: 20_261_120 });

/**
 * Markdown without what cannot mean anything: escapes and entities become `·`, a code span its two ticks, read from left
 * to right as CommonMark does. What is left is structure, or text that forges would look for references in.
 */
export function stripped(markdown: string): string {
  const token = /\\[!-/:-@[-`{-~]|&(?:#8203|#36|lt|gt|amp);|(`+)(?!`)[^\n]*?(?<!`)\1(?!`)/g;
  return markdown.replace(token, (_, ticks: string | undefined) => (ticks === undefined ? '·' : '``'));
}
