/** A word, a text or a sign of a Jinja expression. `text` of a literal is what it stands for. */
export interface Token {
  kind: 'name' | 'literal' | 'number' | 'sign';
  text: string;
}

// What one token is. Unfinished quotes end the text: nobody asks what Jinja makes of them.
const token = /\s*(?:([A-Za-z_]\w*)|("(?:[^"\\]|\\[^])*"|'(?:[^'\\]|\\[^])*')|([0-9][\w.]*)|([^\s]))/y;

/** The tokens of one expression, without its braces: what `when:` holds. */
export function tokensOf(expression: string): Token[] {
  const tokens: Token[] = [];
  token.lastIndex = 0;
  for (let found = token.exec(expression); found !== null; found = token.exec(expression)) {
    const [, name, literal, number, sign = ''] = found;
    if (name !== undefined) tokens.push({ kind: 'name', text: name });
    else if (literal !== undefined) tokens.push({ kind: 'literal', text: unquoted(literal) });
    else if (number !== undefined) tokens.push({ kind: 'number', text: number });
    else tokens.push({ kind: 'sign', text: sign });
  }
  return tokens;
}

function unquoted(literal: string): string {
  return literal
    .slice(1, -1)
    .replace(/\\(x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|[0-7]{1,3}|[^])/g, (_, one) => {
      const text = String(one);
      if (/^[xuU][0-9a-fA-F]+$/.test(text))
        return String.fromCodePoint(Math.min(parseInt(text.slice(1), 16), 0x10ffff));
      return /^[0-7]/.test(text) ? String.fromCharCode(parseInt(text, 8)) : text;
    });
}

const closing: { readonly [open: string]: string } = { '{{': '}}', '{%': '%}', '{#': '#}' };

/** What stands in one pair of braces. */
export interface Part {
  open: string;
  text: string;
  closed: boolean;
}

/** What stands in the braces of a text, in order, with the kind of brace; and what stands outside of them. */
export function partsOf(text: string): { inside: Part[]; outside: string[] } {
  const inside: Part[] = [];
  const outside: string[] = [];
  let rest = text;
  for (let start = rest.search(/\{[{%#]/); start >= 0; start = rest.search(/\{[{%#]/)) {
    outside.push(rest.slice(0, start));
    const open = rest.slice(start, start + 2);
    const end = endOf(rest, start + 2, open);
    inside.push({ open, text: rest.slice(start + 2, end), closed: end < rest.length });
    rest = rest.slice(end + 2);
  }
  return { inside, outside: [...outside, rest] };
}

/** Where the braces close: not inside a text in quotes. Where they never do, the end. */
function endOf(text: string, from: number, open: string): number {
  const close = closing[open] ?? '}}';
  if (open === '{#') {
    const end = text.indexOf(close, from);
    return end < 0 ? text.length : end;
  }
  let at = from;
  while (at < text.length) {
    if (text.startsWith(close, at)) return at;
    const quote = text[at];
    at = quote === '"' || quote === "'" ? endOfQuote(text, at, quote) : at + 1;
  }
  return text.length;
}

function endOfQuote(text: string, start: number, quote: string): number {
  for (let at = start + 1; at < text.length; at += 1) {
    if (text[at] === '\\') at += 1;
    else if (text[at] === quote) return at + 1;
  }
  // It never closes: Jinja would say so, and what follows is looked at as if it were no text.
  return start + 1;
}
