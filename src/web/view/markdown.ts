import { parseInline, type Inline } from './inline.ts';

/** The blocks that gitmend prints. Whatever else a text holds is a paragraph: letters, never markup. */
export type Block =
  | { kind: 'heading'; level: number; inline: Inline[] }
  | { kind: 'paragraph'; inline: Inline[] }
  | { kind: 'quote'; inline: Inline[] }
  | { kind: 'list'; items: Inline[][] }
  | { kind: 'table'; head: Inline[][]; rows: Inline[][][] }
  | { kind: 'code'; language: string; lines: string[] }
  | { kind: 'details'; summary: Inline[]; blocks: Block[] };

/** Longer texts are cut, and say so: a comment on a forge holds at most 64 KiB. */
const longest = 200_000;
const mostLines = 4000;

/**
 * Reads a pull-request body or a comment as gitmend prints them: headings, paragraphs, tables, lists, fences, folds and
 * hidden comments. No HTML but `<details><summary>` on lines of their own, no links, no images: outside text in it stays
 * text, whoever wrote it.
 */
export function parseMarkdown(text: string): Block[] {
  const cut = text.length > longest ? `${text.slice(0, longest)}\n\n… (cut)` : text;
  return blocksIn(cut.replaceAll('\r\n', '\n').split('\n').slice(0, mostLines), 0);
}

/** One kind of block: what it takes from the lines, or `undefined` where they do not begin one. */
type Reader = (lines: readonly string[], depth: number) => { block?: Block; taken: number } | undefined;

function blocksIn(lines: readonly string[], depth: number): Block[] {
  const blocks: Block[] = [];
  for (let at = 0; at < lines.length;) {
    const { block, taken } = nextBlock(lines.slice(at), depth);
    if (block !== undefined) blocks.push(block);
    at += taken;
  }
  return blocks;
}

function nextBlock(lines: readonly string[], depth: number): { block?: Block; taken: number } {
  for (const reader of readers) {
    const read = reader(lines, depth);
    if (read !== undefined) return read;
  }
  return paragraph(lines);
}

const nothing: Reader = ([line = '']) =>
  /^\s*$/.test(line) || /^<!-- .* -->\s*$/.test(line) ? { taken: 1 } : undefined;

const heading: Reader = ([line = '']) => {
  const [, marks = '', text = ''] = /^(#{1,6}) +(.+)$/.exec(line) ?? [];
  return marks === ''
    ? undefined
    : { block: { kind: 'heading', level: marks.length, inline: parseInline(text) }, taken: 1 };
};

const fence: Reader = (lines) => {
  const [, marks = '', language = ''] = /^(`{3,})([a-z]*)\s*$/.exec(lines[0] ?? '') ?? [];
  if (marks === '') return undefined;
  const end = lines.findIndex((line, at) => at > 0 && line.trimEnd() === marks);
  const inside = lines.slice(1, end < 0 ? lines.length : end);
  return { block: { kind: 'code', language, lines: inside }, taken: inside.length + (end < 0 ? 1 : 2) };
};

const fold: Reader = (lines, depth) => {
  const [, summary] = /^<details><summary>(.*)<\/summary>\s*$/.exec(lines[0] ?? '') ?? [];
  const end = summary === undefined || depth > 3 ? -1 : closing(lines);
  if (end < 0) return undefined;
  const blocks = blocksIn(lines.slice(1, end), depth + 1);
  return { block: { kind: 'details', summary: parseInline(summary ?? ''), blocks }, taken: end + 1 };
};

function closing(lines: readonly string[]): number {
  let open = 0;
  return lines.findIndex((line) => {
    if (line.startsWith('<details><summary>')) open += 1;
    if (line.trimEnd() === '</details>') open -= 1;
    return open === 0;
  });
}

const table: Reader = (lines) => {
  if (!/^\|.*\|\s*$/.test(lines[0] ?? '') || !/^\|(?: ?:?-+:? ?\|)+\s*$/.test(lines[1] ?? '')) return undefined;
  const end = lines.findIndex((line, at) => at > 1 && !/^\|.*\|\s*$/.test(line));
  const body = lines.slice(2, end < 0 ? lines.length : end);
  const cells = (line: string) => cellsOf(line).map((cell) => parseInline(cell.trim()));
  return { block: { kind: 'table', head: cells(lines[0] ?? ''), rows: body.map(cells) }, taken: body.length + 2 };
};

/** Between unescaped pipes: in code gitmend prints none. */
function cellsOf(line: string): string[] {
  const cells = line.trim().match(/(?:\\.|[^\\|])*\|/g) ?? [];
  return cells.slice(1).map((cell) => cell.slice(0, -1));
}

const list: Reader = (lines) => {
  const end = lines.findIndex((line) => !/^[-*] /.test(line));
  const items = lines.slice(0, end < 0 ? lines.length : end);
  return items.length === 0
    ? undefined
    : { block: { kind: 'list', items: items.map((line) => parseInline(line.slice(2))) }, taken: items.length };
};

const quote: Reader = (lines) => {
  const end = lines.findIndex((line) => !line.startsWith('>'));
  const quoted = lines.slice(0, end < 0 ? lines.length : end);
  const text = quoted.map((line) => line.replace(/^> ?/, '')).join('\n');
  return quoted.length === 0
    ? undefined
    : { block: { kind: 'quote', inline: parseInline(text) }, taken: quoted.length };
};

const readers: readonly Reader[] = [nothing, heading, fence, fold, table, list, quote];

/** Everything else, to the next empty line or the next block. */
function paragraph(lines: readonly string[]): { block: Block; taken: number } {
  const end = lines.findIndex(
    (line, at) => at > 0 && (begins.test(line) || table(lines.slice(at, at + 2), 0) !== undefined),
  );
  const own = lines.slice(0, end < 0 ? lines.length : end);
  return { block: { kind: 'paragraph', inline: parseInline(own.join('\n')) }, taken: own.length };
}

const begins = /^(?:\s*$|<!-- .* -->\s*$|#{1,6} |`{3,}[a-z]*\s*$|<details><summary>|[-*] |>)/;
