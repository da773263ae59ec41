/**
 * How one label is matched: a text exactly, one of several (with something fixed behind it), or none of several.
 * Regular expressions never come from outside: `after` is a constant of this project.
 */
export type Matcher = string | { oneOf: readonly string[]; after?: string } | { noneOf: readonly string[] };

/**
 * `{__name__="a",id="lxc/200"}`: the only way in which a value gets into PromQL. Every value is escaped, every name is
 * checked. Throws a RangeError for a name that is none, which is a mistake in this project.
 */
export function selector(matchers: { readonly [label: string]: Matcher }): string {
  const parts = Object.entries(matchers).map(([label, matcher]) => {
    if (!/^[a-zA-Z_][a-zA-Z0-9_]{0,99}$/.test(label)) throw new RangeError('not a label name');
    if (typeof matcher === 'string') return `${label}=${quote(matcher)}`;
    if ('noneOf' in matcher) return `${label}!~${quote(alternatives(matcher.noneOf))}`;
    return `${label}=~${quote(`${alternatives(matcher.oneOf)}${matcher.after ?? ''}`)}`;
  });
  return `{${parts.join(',')}}`;
}

/** PromQL anchors a regular expression at both ends by itself. */
function alternatives(texts: readonly string[]): string {
  return `(?:${texts.map(literal).join('|')})`;
}

/** A text as an RE2 expression that matches it and nothing else. */
function literal(text: string): string {
  return text.replace(/[\\.+*?()|[\]{}^$]/g, '\\$&');
}

/** A double-quoted PromQL string (Go's escapes). Surrogates that stand alone are no UTF-8, so they cannot be sent. */
function quote(text: string): string {
  const escaped = text
    .toWellFormed()
    .replace(/["\\]/g, '\\$&')
    .replace(/\p{Cc}/gu, (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`);
  return `"${escaped}"`;
}
