const segmenter = new Intl.Segmenter('en', { granularity: 'grapheme' });
const note = '\n\n… cut here.';

/**
 * Characters of any text of ours but a plan comment: under the smallest limit of a forge (65,536 on GitHub), with room for
 * its hidden marker and whatever stands around it.
 */
export const mostText = 60_000;

/**
 * Markdown of at most `most` characters (UTF-16 units, which is how forges count at worst). It is cut between lines
 * where it can be and between graphemes where a line alone is too long; code fences and `<details>` that are open there
 * are closed.
 */
export function cutMarkdown(text: string, most: number): string {
  if (text.length <= most) return text;
  const lines = text.split('\n');
  let [kept, open]: [string, readonly string[]] = ['', []];
  for (const line of lines) {
    const next = kept === '' ? line : `${kept}\n${line}`;
    const then = afterLine(open, line);
    if (next.length + ending(then).length > most) break;
    [kept, open] = [next, then];
  }
  if (kept === '') return cutText(lines[0] ?? '', most - note.length) + note.slice(0, most);
  return kept + ending(open);
}

/** The first graphemes of a text that fit into this many characters. */
export function cutText(text: string, most: number): string {
  if (text.length <= most) return text;
  let kept = '';
  // A grapheme is seldom longer than this: what lies behind need not be looked at.
  for (const { segment } of segmenter.segment(text.slice(0, most + 64))) {
    if (kept.length + segment.length > most) break;
    kept += segment;
  }
  return kept;
}

/** What is open after a line: closing texts, the innermost first. In a fence nothing else counts. */
function afterLine(open: readonly string[], line: string): readonly string[] {
  const [inner] = open;
  const fence = /^(`{3,}|~{3,})/.exec(line.trimStart())?.[1];
  if (inner !== undefined && /^[`~]/.test(inner)) {
    return fence !== undefined && fence.startsWith(inner) && line.trim() === fence ? open.slice(1) : open;
  }
  if (fence !== undefined) return [fence, ...open];
  // Ours begin their lines; in the middle of one it is outside text in code.
  if (line.startsWith('<details>')) return ['\n</details>', ...open];
  return line.startsWith('</details>') ? open.slice(1) : open;
}

function ending(open: readonly string[]): string {
  return [...open.map((closing) => `\n${closing}`), note].join('');
}
