import { type Token, partsOf, tokensOf } from './jinja.ts';

// Ansible's templates are Python without a sandbox: what is no plain name can run anything (ansible/template).
const filters = new Set(['default', 'd', 'int', 'bool', 'string', 'mandatory']);
const barred = new Set(
  [
    'lookup',
    'query',
    'q',
    'now',
    'undef',
    'cycler',
    'joiner',
    'namespace',
    'range',
    'lipsum',
    'dict',
    'self',
    'super',
  ].concat(['caller', 'loop', 'varargs', 'kwargs']),
);
// Of these a number takes an item; of a text it would take a letter, and no letter of a secret is recognized.
const lists = new Set(['groups', 'group_names', 'ansible_facts']);

/**
 * Why a value that a stranger wrote must not be a template, or `undefined` where it is none, or only names other values:
 * `{{ site.name }}`, `{{ groups['web'][0] }}`, `{{ port | default(80) }}`.
 */
export function beyondNames(text: string): string | undefined {
  if (/^\s*#jinja2:/.test(text)) return 'begins with #jinja2:, which changes what a template is';
  if (/\b(?:lookup|query)\s*\(/.test(text)) return 'reads as the call of a lookup';
  const { inside, outside } = partsOf(text);
  if (inside.length === 0)
    return text.trimEnd().endsWith('{') ? 'ends with {, where a template could begin' : undefined;
  if (outside.some((part) => /[{}]/.test(part)))
    return 'has braces beside a template, which could become another template';
  for (const { open, text: expression, closed } of inside) {
    if (!closed) return 'opens a template that it does not close';
    if (open !== '{{') return `uses ${open}, and only names of variables may stand in a value`;
    const why = notName(tokensOf(expression.replace(/^[-+]|[-+]$/g, '')));
    if (why !== undefined) return why;
  }
  return undefined;
}

function notName(tokens: readonly Token[]): string | undefined {
  const [first] = tokens;
  if (first?.kind !== 'name' || !isOpen(first.text)) return plainly;
  let at = 1;
  for (; at < tokens.length;) {
    const [sign, inner, close] = tokens.slice(at, at + 3);
    if (isSign(sign, '.') && inner?.kind === 'name' && isOpen(inner.text)) at += 2;
    else if (isSign(sign, '[') && isSign(close, ']') && isIndex(inner, first.text)) at += 3;
    else break;
  }
  while (at < tokens.length) {
    const [bar, name] = tokens.slice(at, at + 2);
    if (!isSign(bar, '|') || name?.kind !== 'name') return plainly;
    if (!filters.has(name.text))
      return `uses the filter ${name.text}, and only ${[...filters].join(', ')} may stand there`;
    at += 2;
    if (!isSign(tokens[at], '(')) continue;
    const [argument, close] = tokens.slice(at + 1, at + 3);
    const value = argument?.kind === 'literal' || argument?.kind === 'number' || isOpenName(argument);
    if (!value || !isSign(close, ')')) return plainly;
    at += 3;
  }
  return undefined;
}

const plainly = 'does more than to name a variable ({{ name.part }}), and a template can run anything';

function isOpen(name: string): boolean {
  return !name.startsWith('_') && !barred.has(name);
}

function isOpenName(token: Token | undefined): boolean {
  return token?.kind === 'name' && isOpen(token.text);
}

function isIndex(token: Token | undefined, root: string): boolean {
  if (token?.kind === 'literal') return isOpen(token.text);
  return token?.kind === 'number' && /^[0-9]+$/.test(token.text) && lists.has(root);
}

function isSign(token: Token | undefined, text: string): boolean {
  return token?.kind === 'sign' && token.text === text;
}
