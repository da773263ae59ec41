/**
 * Outside text for Markdown as GitHub and Gitea render it, on one line, at most `most` graphemes (and three times as
 * many characters once escaped): what comes out shows the same letters and is nothing but text. No mention, reference,
 * link, image, HTML, code, emphasis, formula, table border, emoji or marker can come of it, wherever in a line it is.
 */
export function escapeText(text: string, most = 200): string {
  const inline = escapedInline(plainText(text, most).trim());
  // What is almost all marks grows eightfold: it is worth less room, not more.
  return inline.length <= 3 * most + 8 || most < 4 ? inline : escapeText(text, Math.floor(most / 3));
}

function escapedInline(plain: string): string {
  const inline = plain
    .replace(/[^A-Za-z0-9\s]/gu, (letter, at: number) =>
      escaped(letter, plain[at - 1] ?? '', plain[at + letter.length] ?? ''),
    )
    .replace(/(www|GH)(?=[.-])/gi, `$1${gap}`);
  // Only at the start of a line these begin a heading, a list or a rule.
  return inline.replace(/^(?:[-+=#]|\d+(?=[.)](?:\s|$)))/, (start) => (/\d/.test(start) ? start + gap : `\\${start}`));
}

/** Outside text in bold, never empty: empty bold is four asterisks. */
export function escapeBold(text: string, most = 64): string {
  return `**${escapeText(text, most) || '-'}**`;
}

/** Outside text as inline code. Backticks and pipes cannot be escaped there, so look-alikes stand in. */
export function escapeCode(text: string, most = 120): string {
  const plain = noComment(plainText(text, most)).replaceAll('`', '\u02cb').replaceAll('|', '\u00a6').trim();
  return `\`${plain === '' ? '-' : plain}\``;
}

/** A link target or an account is a word of these letters only, or it is shown as text. */
export function mention(account: string): string {
  return /^[A-Za-z0-9](?:[A-Za-z0-9._-]{0,62}[A-Za-z0-9])?$/.test(account) ? `@${account}` : escapeText(account, 64);
}

/** Lines of outside text as a fenced block that they cannot close. What is cut is said. */
export function fencedBlock(
  all: readonly string[],
  language: string,
  most: { lines: number; letters: number },
): string {
  const shown = all.slice(0, most.lines).map((line) => noComment(plainText(line, most.letters)));
  const left = all.length - shown.length;
  const longest = Math.max(0, ...[...shown.join('\n').matchAll(/`+/g)].map(([ticks]) => ticks.length));
  const fence = '`'.repeat(Math.max(3, longest + 1));
  return [`${fence}${language}`, ...shown, ...(left > 0 ? [`… and ${left} more lines`] : []), fence].join('\n');
}

/**
 * Outside text for a terminal or a place without markup: one line, at most `most` graphemes, without control, format
 * and invisible characters, so that it can neither rewrite a terminal nor turn the direction of a line.
 */
export function plainText(text: string, most = 200): string {
  // Most of what is printed: every letter is a grapheme of its own, and none of them is invisible.
  if (most > 0 && /^[\x20-\x7e]*$/.test(text)) return text.length <= most ? text : `${text.slice(0, most - 1)}…`;
  // A grapheme may be any number of code units: cut coarsely first, so that no text costs more than its share.
  const coarse = text.slice(0, most * 24).toWellFormed();
  const clean = coarse
    .replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ')
    .replace(/[\p{Default_Ignorable_Code_Point}\p{Cf}\p{Co}]/gu, '')
    .replace(/(\p{M}{3})\p{M}+/gu, '$1');
  const letters = [...segmenter.segment(clean)];
  const cut = letters.length > most || coarse.length < text.length;
  const shown = cut ? letters.slice(0, Math.max(0, most - 1)) : letters;
  return shown.map(({ segment }) => segment).join('') + (cut ? '…' : '');
}

/** Even inside code no text may read like one of our hidden markers. */
function noComment(text: string): string {
  return text.replaceAll('<!--', '<!\u2010\u2010');
}

const segmenter = new Intl.Segmenter('en', { granularity: 'grapheme' });
const entities: { readonly [letter: string]: string } = { '&': '&amp;', '<': '&lt;', '>': '&gt;', $: '&#36;' };
// A zero-width space between the mark and what follows: forges look for mentions and references after entities are
// resolved, so an entity for the mark itself would not help.
const gap = '&#8203;';

/** One mark, so that it begins nothing: `@name`, `#1`, `!1` (Gitea), `://`, `:emoji:`, `mailto:`. A time keeps its colons. */
function escaped(letter: string, before: string, after: string): string {
  if (/[\\`*~[\]|]/.test(letter)) return `\\${letter}`;
  if (letter === '_') return /[A-Za-z0-9]/.test(before) && /[A-Za-z0-9]/.test(after) ? letter : `\\${letter}`;
  const begins = (letter === '@' || letter === '#') && /\S/.test(after);
  const refers = letter === '!' && /[0-9[]/.test(after);
  const names = letter === ':' && /[^\s0-9]/.test(after);
  return (entities[letter] ?? letter) + (begins || refers || names ? gap : '');
}
