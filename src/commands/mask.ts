/**
 * The lines of a comment as a reader sees them said: what is quoted, code, or hidden in HTML is blank. In doubt it is
 * blank: a command that is not seen costs a second comment, one that nobody meant costs more.
 */
export function asMasked(body: string): string[] {
  const blocks = withoutBlocks(body.split(/\r\n|\r|\n/));
  return withoutIndented(withoutSpans(withoutHtml(blocks.join('\n')))).split('\n');
}

const fence = /^\s*(?:(?:[-*+]|\d{1,9}[.)])\s+)*(`{3,}(?=[^`]*$)|~{3,})/;

/** Fenced code up to its end (or that of the comment), and quotes with the lines that lazily go on with them. */
function withoutBlocks(lines: readonly string[]): string[] {
  let open: string | undefined;
  let quoting = false;
  return lines.map((line) => {
    if (open !== undefined) {
      const [, closing = ''] = /^\s*(`{3,}|~{3,})\s*$/.exec(line) ?? [];
      if (closing.startsWith(open)) open = undefined;
      return '';
    }
    const quote = /^\s{0,3}(?:(?:[-*+]|\d{1,9}[.)])\s+)*>(.*)$/.exec(line);
    if (quote !== null) {
      quoting = (quote[1] ?? '').replaceAll('>', '').trim() !== '';
      return '';
    }
    if (line.trim() === '') quoting = false;
    if (quoting) return '';
    open = fence.exec(line)?.[1];
    return open === undefined ? line : '';
  });
}

const hiding =
  /<!--[^]*?(?:-->|$(?![^]))|<(pre|code|blockquote|script|style|textarea|template)\b[^]*?(?:<\/\1\s*>|$(?![^]))/gi;

/** Comments of HTML are seen by nobody; the other tags are code and quotes by another name. Unclosed, they go to the end. */
function withoutHtml(text: string): string {
  return text.replace(hiding, blank);
}

/** Inline code may go over several lines of one paragraph. */
function withoutSpans(text: string): string {
  return text
    .split(/(\n[ \t]*\n)/)
    .map((paragraph) => paragraph.replace(/(?<!`)(`+)(?!`)[^]*?(?<!`)\1(?!`)/g, blank))
    .join('');
}

function withoutIndented(text: string): string {
  return text.replace(/^(?: {4}| {0,3}\t).*$/gm, '');
}

/** As many lines, and no first letter on any that could begin a command. */
function blank(hidden: string): string {
  return hidden.replace(/[^\n]+/g, '\u00b7');
}
