/** Longest label or annotation value that is kept; what is longer ends in `…` and so equals nothing real. */
export const longestValue = 1024;

// Controls, line and paragraph separators, directional marks and zero-width characters: what could break a line, hide text or turn it round.
const unprintable = /[\p{Cc}\u061c\u200b-\u200f\u2028\u2029\u202a-\u202e\u2060-\u2069\ufeff]|\p{Cs}/gu;

/**
 * Outside text made safe to print. A character that cannot be seen becomes U+FFFD and is never dropped, so that
 * `lxc/200` followed by a newline does not turn into `lxc/200`: identity is compared byte for byte.
 */
export function safeText(text: string, longest = longestValue): string {
  const printable = text.replace(unprintable, '\uFFFD');
  if (printable.length <= longest) return printable;
  // Cut between characters, not inside one.
  const cut = printable.slice(0, longest - 1);
  return `${/[\uD800-\uDBFF]$/.test(cut) ? cut.slice(0, -1) : cut}…`;
}

/** Labels or annotations with safe values, without the names that only attack objects. */
export function safeEntries(entries: { readonly [name: string]: string }): { [name: string]: string } {
  const kept = Object.entries(entries).filter(([name]) => name !== '__proto__');
  return Object.fromEntries(kept.map(([name, value]) => [safeText(name, 256), safeText(value)]));
}

/** How deep the arrays and objects of a JSON text nest, without parsing it: the parser shall not be asked first. */
export function nesting(json: string): number {
  let depth = 0;
  let deepest = 0;
  let inString = false;
  for (let at = 0; at < json.length; at += 1) {
    const character = json[at];
    if (inString) {
      if (character === '\\') at += 1;
      else if (character === '"') inString = false;
    } else if (character === '"') inString = true;
    else if (character === '{' || character === '[') deepest = Math.max(deepest, (depth += 1));
    else if (character === '}' || character === ']') depth -= 1;
  }
  return deepest;
}
