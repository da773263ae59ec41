/** What stands inside a line. */
export type Inline =
  | { kind: 'text'; text: string }
  | { kind: 'code'; text: string }
  | { kind: 'strong' | 'em'; inline: Inline[] }
  /** `#42`: the only reference that becomes a link, and only to a pull request of this forge. */
  | { kind: 'pull'; number: number }
  | { kind: 'break' };

/** Deeper emphasis than this is text: nothing that gitmend prints nests at all. */
const deepest = 4;
/** A paragraph that is longer was not written by gitmend, and its marks are not worth the time to pair them. */
const longest = 8000;

/** Reads one line or paragraph: bold, emphasis, code, escapes, entities, references. All else is text. */
export function parseInline(text: string, depth = 0): Inline[] {
  if (text.length > longest) return [{ kind: 'text', text }];
  const parts: Inline[] = [];
  // What was not closed from here is not closed from further on either: it is looked for once.
  const unclosed = new Set<string>();
  let plain = '';
  const flush = (): void => {
    if (plain !== '') parts.push({ kind: 'text', text: plain });
    plain = '';
  };
  for (let at = 0; at < text.length;) {
    const token = nextToken(text, at, depth, unclosed);
    if (typeof token.value === 'string') plain += token.value;
    else {
      flush();
      parts.push(token.value);
    }
    at += token.length;
  }
  flush();
  return parts;
}

interface Token {
  value: string | Inline;
  length: number;
}

function nextToken(text: string, at: number, depth: number, unclosed: Set<string>): Token {
  const letter = text[at] ?? '';
  switch (letter) {
    case '\\':
      return escaped(text, at);
    case '&':
      return entity(text, at);
    case '`':
      return code(text, at);
    case '*':
    case '_':
      return emphasis(text, at, depth, unclosed);
    case '#':
      return reference(text, at);
    case '\n':
      return { value: { kind: 'break' }, length: 1 };
    default:
      return { value: letter, length: 1 };
  }
}

function escaped(text: string, at: number): Token {
  const next = text[at + 1] ?? '';
  return /[!-/:-@[-`{-~]/.test(next) ? { value: next, length: 2 } : { value: '\\', length: 1 };
}

const entities: { readonly [name: string]: string } = { amp: '&', lt: '<', gt: '>', quot: '"', nbsp: '\u00a0' };

/** The entities that gitmend prints; a zero-width space only keeps a forge from seeing a mention, and is left out here. */
function entity(text: string, at: number): Token {
  const [whole, name, number] = /^&(?:([a-z]{2,5})|#(\d{1,6}));/.exec(text.slice(at, at + 12)) ?? [];
  if (whole === undefined) return { value: '&', length: 1 };
  const value =
    number === undefined ? entities[name ?? ''] : number === '8203' ? '' : String.fromCodePoint(Number(number));
  return value === undefined ? { value: '&', length: 1 } : { value, length: whole.length };
}

function code(text: string, at: number): Token {
  const [ticks = ''] = /^`+/.exec(text.slice(at, at + 50)) ?? [];
  const end = closingTicks(text, at + ticks.length, ticks.length);
  if (end < 0) return { value: ticks, length: ticks.length };
  const inside = text.slice(at + ticks.length, end);
  return { value: { kind: 'code', text: inside.replace(/^ (.*) $/s, '$1') }, length: inside.length + 2 * ticks.length };
}

function closingTicks(text: string, from: number, count: number): number {
  const runs = /`+/g;
  runs.lastIndex = from;
  for (let run = runs.exec(text); run !== null; run = runs.exec(text)) if (run[0].length === count) return run.index;
  return -1;
}

/** `**bold**` and `*emphasis*`, where the marks hug their words; anything else is a mark and nothing more. */
function emphasis(text: string, at: number, depth: number, unclosed: Set<string>): Token {
  const letter = text[at] ?? '';
  const mark = text[at + 1] === letter ? letter.repeat(2) : letter;
  const from = at + mark.length;
  const inWord = letter === '_' && /[A-Za-z0-9]/.test(text[at - 1] ?? '');
  const begins = !inWord && depth < deepest && !unclosed.has(mark) && !/^\s?$/.test(text[from] ?? '');
  const end = begins ? closingMark(text, from, mark) : -1;
  if (begins && end < 0) unclosed.add(mark);
  if (end < 0) return { value: mark, length: mark.length };
  const inline = parseInline(text.slice(from, end), depth + 1);
  return { value: { kind: mark.length === 2 ? 'strong' : 'em', inline }, length: end + mark.length - at };
}

function closingMark(text: string, from: number, mark: string): number {
  for (let at = from; at < text.length; at += 1) {
    if (text[at] === '\\') at += 1;
    else if (text[at] === '`') at += code(text, at).length - 1;
    else if (text.startsWith(mark, at) && at > from && !/\s/.test(text[at - 1] ?? ' ')) return at;
  }
  return -1;
}

function reference(text: string, at: number): Token {
  const [whole, digits] = /^#([1-9]\d{0,8})(?![A-Za-z0-9_])/.exec(text.slice(at, at + 12)) ?? [];
  const begins = at === 0 || /[\s(]/.test(text[at - 1] ?? '');
  return whole === undefined || !begins
    ? { value: '#', length: 1 }
    : { value: { kind: 'pull', number: Number(digits) }, length: whole.length };
}

/** The same without any marks, for a title or a line of a list. */
export function plainInline(inline: readonly Inline[]): string {
  return inline
    .map((part) => {
      if (part.kind === 'text' || part.kind === 'code') return part.text;
      if (part.kind === 'pull') return `#${part.number}`;
      return part.kind === 'break' ? ' ' : plainInline(part.inline);
    })
    .join('');
}
